// CI's share of the simulation: fresh seeds for as long as they are given, one seed twice, and known bugs that must be
// found. Each runs as a person would run it, in a process of its own: the simulation takes its process over.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("main.ts", import.meta.url));

function simulate(...words: string[]): Promise<{ readonly code: number | null; readonly text: string }> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main, ...words]);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => (text += chunk));
  }
  return new Promise((resolve) => {
    child.once("close", (code) => {
      resolve({ code, text });
    });
  });
}

const traceIn = (text: string): string | undefined => /trace ([0-9a-f]{16})/.exec(text)?.[1];

describe("the simulation", () => {
  it("holds for fresh seeds", { timeout: 180_000 }, async () => {
    const { code, text } = await simulate("--seeds", "4", "--steps", "25", "--seconds", "10");
    process.stdout.write(text);
    expect(code, text).toBe(0);
  });

  it("gives one trace for one seed", { timeout: 180_000 }, async () => {
    const first = await simulate("--seed", "7", "--steps", "8");
    const second = await simulate("--seed", "7", "--steps", "8");
    expect(first.code, first.text).toBe(0);
    expect(traceIn(first.text)).toBeDefined();
    expect(traceIn(second.text)).toBe(traceIn(first.text));
  });

  // Seeds at which each is known to be found early; `npm run simulate -- --break NAME` looks with others.
  it.each([
    ["skip-folder-sync", "1"],
    ["ignore-holds", "2"],
    ["answer-before-commit", "2"],
  ])("finds %s", { timeout: 180_000 }, async (bug, seed) => {
    const words = ["--seed", seed, "--seeds", "3", "--steps", "16", "--until-found", "--break", bug];
    const { code, text } = await simulate(...words);
    expect(code, text).toBe(1);
    expect(text).toContain("BROKEN");
    expect(text).not.toContain("no unexpected fault");
  });

  it("refuses what it cannot run", { timeout: 60_000 }, async () => {
    expect((await simulate("--break", "no-such-bug")).code).toBe(2);
    expect((await simulate("--seed", "x")).code).toBe(2);
  });
});
