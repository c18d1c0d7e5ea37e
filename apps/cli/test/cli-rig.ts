// Runs the command line in this process, with streams and an environment of the test's own.
import { Writable } from "node:stream";
import { runCli } from "../src/run-cli.ts";
import type { World } from "../src/world.ts";

export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  json(): unknown;
}

function collector(): { stream: Writable; text: () => string } {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk.toString());
      done();
    },
  });
  return { stream, text: () => chunks.join("") };
}

export function worldOf(environment: World["environment"]): World {
  return {
    ...{ environment, stdout: collector().stream, stderr: collector().stream, folder: "/nowhere/at/all" },
    ...{ isWatched: false, hasColour: false, columns: 100 },
  };
}

/** `sworn` with these words. */
export async function sworn(environment: World["environment"], ...words: string[]): Promise<Ended> {
  const [stdout, stderr] = [collector(), collector()];
  const world = { ...worldOf(environment), stdout: stdout.stream, stderr: stderr.stream };
  const exitCode = await runCli(words, world);
  return {
    ...{ exitCode, stdout: stdout.text(), stderr: stderr.text() },
    json: () => JSON.parse(stdout.text()) as unknown,
  };
}
