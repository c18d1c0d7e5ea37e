// The peers: a program that hashes a file of the same length.
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ContestantGiven, Running } from "../harness/bench.ts";
import { fragmentBytes, fragmentsOf, runProgram } from "./run-program.ts";

export async function open(given: ContestantGiven): Promise<Running> {
  const { command } = given.settings as { readonly command: readonly string[] };
  const [program = "", ...options] = command;
  const path = join(given.folder, "recording.mp4");
  const bytes = fragmentsOf(given) * fragmentBytes;
  await writeFile(path, randomBytes(bytes));
  return {
    async round() {
      await runProgram(program, [...options, path]);
      return { bytes };
    },
    close: () => Promise.resolve(),
  };
}
