// How many acts a second a force's ledger takes so that each entry stands under a checkpoint that is on the disk.
import type { Bench } from "../harness/bench.ts";

export const bench: Bench = {
  name: "ledger-append",
  about:
    "4,000 transactions of one entry each, 16 at once, while publishing runs: until a checkpoint on the disk covers the last.",
  place: "disk",
  contestants: [{ name: "ledger", module: new URL("append-entries.ts", import.meta.url) }],
  aims: [
    {
      what: "durable ledger entries a second",
      ...{ contestant: "ledger", measure: "operationsPerSecond", atLeast: 4_000 },
    },
  ],
  shows: ["operationsPerSecond", "checkpoints", "cpuSeconds", "peakMemoryBytes"],
};
