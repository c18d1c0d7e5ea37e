// What every sync costs: Sworn acknowledges what would survive a power cut, the peer what lies in memory.
import type { Bench } from "../harness/bench.ts";

const MEBIBYTE = 1024 * 1024;

export const bench: Bench = {
  name: "ingest-disk",
  about:
    "Two recordings of 192 MB side by side over loopback HTTP, on the disk: Sworn with every sync; the peer never syncs.",
  place: "disk",
  contestants: [
    {
      name: "sworn",
      module: new URL("sworn-server.ts", import.meta.url),
      settings: { requestBytes: 64 * MEBIBYTE },
    },
    {
      name: "tus 8 MiB",
      module: new URL("tus-peer.ts", import.meta.url),
      settings: { requestBytes: 8 * MEBIBYTE },
    },
  ],
  aims: [
    {
      what: "ingest with every sync ÷ @tus/server without",
      contestant: "sworn",
      over: "tus 8 MiB",
      measure: "bytesPerSecond",
      atLeast: 0.8,
    },
  ],
  shows: ["bytesPerSecond", "cpuSecondsPerGigabyte", "peakMemoryBytes", "receiptSeconds"],
};
