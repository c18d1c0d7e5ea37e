// A shift's end: everybody docks at once, and people go on working meanwhile.
import type { Bench } from "../harness/bench.ts";

const contestant = "sworn";

export const bench: Bench = {
  name: "shift-end",
  about:
    "500 cameras dock at once with 3 recordings of 2 MB each, as fast as it goes, on the disk, with every sync.",
  place: "disk",
  rounds: 3,
  contestants: [
    {
      name: contestant,
      module: new URL("sworn-server.ts", import.meta.url),
      settings: { uploads: 500, recordings: 3, fragments: 4, fragmentBytes: 500_000, isProbed: true },
    },
  ],
  aims: [
    { what: "receipts that did not come", contestant, measure: "receiptsMissing", atMost: 0, worst: true },
    { what: "the API meanwhile, 99th percentile", contestant, measure: "apiP99Ms", atMost: 100 },
  ],
  shows: ["receiptSeconds", "bytesPerSecond", "apiP50Ms", "apiP99Ms", "loopP99Ms", "serverMemoryBytes"],
};
