// What the processes of a round tell their parent, a line each: `word rest`. A line is written by one system call before
// what follows it is done, so that a kill cannot take back what was told.
import { type ChildProcess, spawn } from "node:child_process";
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";

export function tell(word: string, rest = ""): void {
  writeSync(1, `${word} ${rest}\n`);
}

export interface Telling {
  readonly child: ChildProcess;
  /** What was told, so far. */
  readonly lines: readonly { readonly word: string; readonly rest: string }[];
  /** Resolves at the first line with this word, or with null when the process ended without. */
  said(word: string): Promise<string | null>;
  /** Resolves when it has ended and all it told was read, with the exit code; null when it was killed. */
  readonly ended: Promise<number | null>;
  readonly stderr: () => string;
  kill(): Promise<void>;
}

/** Starts a program of this repository under this Node, itself by another where `through` names one. */
export function startTelling(
  program: string,
  words: readonly string[],
  given: {
    readonly environment?: Readonly<Record<string, string>>;
    readonly through?: readonly string[];
  } = {},
): Telling {
  const own = [process.execPath, "--disable-warning=ExperimentalWarning", program];
  const [command = process.execPath, ...before] = [...(given.through ?? []), ...own];
  const child = spawn(command, [...before, ...words], {
    env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", ...given.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: { word: string; rest: string }[] = [];
  const waiting = new Map<string, ((rest: string | null) => void)[]>();
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  createInterface({ input: child.stdout }).on("line", (line) => {
    const [word = ""] = line.split(" ", 1);
    const rest = line.slice(word.length + 1);
    lines.push({ word, rest });
    for (const resolve of waiting.get(word) ?? []) resolve(rest);
    waiting.delete(word);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      for (const resolvers of waiting.values()) for (const resolve of resolvers) resolve(null);
      waiting.clear();
      resolve(code);
    });
  });
  return {
    ...{ child, lines, ended, stderr: () => stderr },
    said(word) {
      const line = lines.find((one) => one.word === word);
      if (line !== undefined) return Promise.resolve(line.rest);
      if (child.exitCode !== null || child.signalCode !== null) return ended.then(() => null);
      return new Promise((resolve) => waiting.set(word, [...(waiting.get(word) ?? []), resolve]));
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
