// What network, threads and database add to the work itself.
import type { Bench } from "../harness/bench.ts";

const MEBIBYTE = 1024 * 1024;

export const bench: Bench = {
  name: "ingest-cpu",
  about:
    "Two recordings of 192 MB: CPU time of the server with its database, and of a loop that decrypts, hashes and writes the same.",
  place: "memory",
  contestants: [
    {
      name: "sworn",
      module: new URL("sworn-server.ts", import.meta.url),
      settings: { requestBytes: 64 * MEBIBYTE },
    },
    { name: "loop", module: new URL("work-loop.ts", import.meta.url) },
  ],
  aims: [
    {
      what: "CPU time for a GB ÷ the same work without network",
      contestant: "sworn",
      over: "loop",
      measure: "cpuSecondsPerGigabyte",
      atMost: 1.4,
    },
  ],
  shows: ["cpuSecondsPerGigabyte", "bytesPerSecond"],
};
