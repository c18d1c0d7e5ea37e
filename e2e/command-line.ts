// Runs `sworn` as people do: as a process, with its own credentials and streams.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../apps/cli/src/main.ts", import.meta.url));

export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as the one JSON value that it is. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the test says what it expects
  json<T>(): T;
}

export interface CommandLine {
  /** Runs to the end. */
  sworn(...words: string[]): Promise<Ended>;
  /** Starts and leaves running, in a process group of its own. */
  start(...words: string[]): ChildProcess;
}

/** `through`: a program, with its arguments, to start each command by. */
export function commandLine(
  environment: Readonly<Record<string, string>>,
  through: readonly string[] = [],
): CommandLine {
  const env = { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", NO_COLOR: "1", ...environment };
  const own = [process.execPath, "--disable-warning=ExperimentalWarning", main];
  const [program = process.execPath, ...before] = [...through, ...own];
  const start = (...words: string[]): ChildProcess =>
    spawn(program, [...before, ...words], { env, stdio: ["ignore", "pipe", "pipe"] });
  return {
    start,
    sworn: (...words) =>
      new Promise((resolve, reject) => {
        const child = start(...words);
        let stdout = "";
        let stderr = "";
        child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
        child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
        child.once("error", reject);
        child.once("close", (code) => {
          resolve({
            ...{ exitCode: code ?? -1, stdout, stderr },
            // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- as above
            json: <T>() => JSON.parse(stdout) as T,
          });
        });
      }),
  };
}

export interface ServerProcess {
  readonly child: ChildProcess;
  readonly url: string;
  readonly setupCode: string | null;
  /** Ctrl-C; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** As a power cut would, but for the page cache. */
  kill(): Promise<void>;
}

/** Starts `sworn serve` and waits until it listens. */
export async function startServerProcess(command: CommandLine, ...words: string[]): Promise<ServerProcess> {
  const child = command.start("serve", "--json", ...words);
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text));
  if (child.stdout === null) throw new Error("no standard output");
  const lines = createInterface({ input: child.stdout });
  const started = await new Promise<{ url: string; setupCode: string | null }>((resolve, reject) => {
    lines.once("line", (line) => {
      const first = JSON.parse(line) as { url?: string; setupCode: string | null };
      if (first.url === undefined) reject(new Error(`sworn serve did not start: ${line}`));
      else resolve({ url: first.url, setupCode: first.setupCode });
    });
    child.once("exit", () => {
      reject(new Error(`sworn serve ended: ${said}`));
    });
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once("exit", (code) => {
      resolve(code);
    });
  });
  return {
    ...{ child, ...started },
    stop() {
      child.kill("SIGINT");
      return ended;
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
