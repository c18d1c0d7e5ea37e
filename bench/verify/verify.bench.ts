// What it costs to check an export, against the plain hash of the same file.
import type { Bench, Contestant } from "../harness/bench.ts";

const hashing = (name: string, command: readonly string[]): Contestant => ({
  name,
  module: new URL("hash-file.ts", import.meta.url),
  settings: { command },
});

export const bench: Bench = {
  name: "verify",
  about:
    "One export of a recording of 300 MB, in memory: `sworn verify` as a command, from its start to its report, and programs that hash the file.",
  place: "memory",
  contestants: [
    { name: "sworn verify", module: new URL("verify-export.ts", import.meta.url) },
    hashing("sha256sum", ["sha256sum"]),
    hashing("openssl", ["openssl", "dgst", "-sha256"]),
  ],
  aims: [
    {
      what: "sworn verify ÷ sha256sum",
      contestant: "sworn verify",
      over: "sha256sum",
      measure: "bytesPerSecond",
      atLeast: 0.8,
    },
    {
      what: "sworn verify ÷ openssl dgst -sha256",
      contestant: "sworn verify",
      over: "openssl",
      measure: "bytesPerSecond",
    },
  ],
  shows: ["bytesPerSecond", "wallSeconds"],
};
