// Runs a program to its end. Its CPU time counts as its parent's once it has ended.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { BenchError } from "../harness/bench.ts";

/** @throws BenchError `contestant-failed` unless it ends with 0 */
export async function runProgram(program: string, given: readonly string[]): Promise<void> {
  const child = spawn(program, given, { stdio: ["ignore", "ignore", "inherit"] });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new BenchError("contestant-failed", `${program} ended with ${String(code)}`);
}

/** Fragments of 1.25 MB: two seconds at 5 Mbit/s. */
export const fragmentBytes = 1_250_000;
export const fragmentsOf = (given: { readonly quick: boolean }): number => (given.quick ? 4 : 240);
