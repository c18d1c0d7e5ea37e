// Many slow connections at once: what counts is that the server stays responsive and small.
import type { Bench } from "../harness/bench.ts";

const contestant = "sworn";

export const bench: Bench = {
  name: "crowd",
  about:
    "500 cameras on connections of 200 KB/s each, 2 MB from each, on the disk, with every sync and to the receipt.",
  place: "disk",
  contestants: [
    {
      name: contestant,
      module: new URL("sworn-server.ts", import.meta.url),
      settings: {
        uploads: 500,
        fragments: 20,
        fragmentBytes: 100_000,
        bytesPerSecond: 200_000,
        isProbed: true,
      },
    },
  ],
  aims: [
    { what: "event loop, 99th percentile", contestant, measure: "loopP99Ms", atMost: 50 },
    { what: "event loop, longest", contestant, measure: "loopMaxMs", atMost: 250, worst: true },
    {
      what: "memory of the server's process",
      contestant,
      measure: "serverMemoryBytes",
      atMost: 300e6,
      worst: true,
    },
  ],
  shows: ["bytesPerSecond", "loopP99Ms", "loopMaxMs", "serverMemoryBytes", "receiptSeconds", "apiP99Ms"],
};
