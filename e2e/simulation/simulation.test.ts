// CI's share of the simulation: fresh seeds for as long as they are given, one seed twice, and the two known bugs that
// are found at the least cost; `npm run simulate -- --breaks` looks for all. Each runs in a process of its own, as a
// person would run it: the simulation takes its process over.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("main.ts", import.meta.url));
// Loading the product's source is a third of a short run: what one process compiled, the next one takes.
const compiled = fileURLToPath(new URL("../../node_modules/.cache/simulation", import.meta.url));

function simulate(...words: string[]): Promise<{ readonly code: number | null; readonly text: string }> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main, ...words], {
    env: { ...process.env, NODE_COMPILE_CACHE: compiled },
  });
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
  it("holds for fresh seeds", { timeout: 240_000 }, async () => {
    const { code, text } = await simulate("--seeds", "4", "--steps", "20", "--seconds", "6");
    process.stdout.write(text);
    expect(code, text).toBe(0);
  });

  it("gives one trace for one seed", { timeout: 240_000 }, async () => {
    const words = ["--seed", "7", "--steps", "5"];
    const [first, second] = await Promise.all([simulate(...words), simulate(...words)]);
    expect(first.code, first.text).toBe(0);
    expect(traceIn(first.text)).toBeDefined();
    expect(traceIn(second.text)).toBe(traceIn(first.text));
  });

  it("finds known bugs", { timeout: 240_000 }, async () => {
    const bugs = ["--break", "skip-folder-sync", "--break", "skip-file-sync"];
    const { code, text } = await simulate("--breaks", ...bugs, "--steps", "2", "--seeds", "2");
    expect(code, text).toBe(0);
    expect(text).toContain("2 known bugs, 0 not found");
  });

  it("refuses what it cannot run", { timeout: 60_000 }, async () => {
    expect((await simulate("--break", "no-such-bug")).code).toBe(2);
  });
});
