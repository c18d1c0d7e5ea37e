// How long a proof takes as the log grows: it should grow as the tree gets higher, and not as it gets longer.
import type { Bench } from "../harness/bench.ts";

const sizes = [1, 10_000, 1_000_000] as const;

export const bench: Bench = {
  name: "ledger-proofs",
  about:
    "100 inclusion and 100 consistency proofs at any place of logs of 1, 10,000 and 1,000,000 entries, from tiles on the disk.",
  place: "disk",
  contestants: sizes.map((entries) => ({
    name: entries.toLocaleString("en"),
    module: new URL("prove-entries.ts", import.meta.url),
    settings: { entries },
  })),
  aims: [
    { what: "inclusion proof among 1,000,000", contestant: "1,000,000", measure: "inclusionProofMs" },
    { what: "consistency proof among 1,000,000", contestant: "1,000,000", measure: "consistencyProofMs" },
  ],
  shows: ["inclusionProofMs", "consistencyProofMs"],
};
