// What decryption, hashing and safe storing cost, against a server that does none of it; the disk is left out.
import type { Bench } from "../harness/bench.ts";

const MEBIBYTE = 1024 * 1024;
const peer = new URL("tus-peer.ts", import.meta.url);

export const bench: Bench = {
  name: "ingest-memory",
  about:
    "Two recordings of 192 MB side by side over loopback HTTP, on tmpfs: Sworn decrypts, hashes twice and stores; the peer writes.",
  place: "memory",
  contestants: [
    {
      name: "sworn",
      module: new URL("sworn-server.ts", import.meta.url),
      settings: { requestBytes: 64 * MEBIBYTE },
    },
    { name: "tus 8 MiB", module: peer, settings: { requestBytes: 8 * MEBIBYTE } },
    { name: "tus 64 MiB", module: peer, settings: { requestBytes: 64 * MEBIBYTE } },
  ],
  aims: [
    {
      what: "ingest ÷ @tus/server in chunks of 8 MiB",
      contestant: "sworn",
      over: "tus 8 MiB",
      measure: "bytesPerSecond",
      atLeast: 1.3,
    },
  ],
  shows: ["bytesPerSecond", "cpuSecondsPerGigabyte", "peakMemoryBytes", "receiptSeconds"],
};
