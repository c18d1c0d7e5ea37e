// How many entries a second a force's ledger takes so that each stands under a checkpoint that is on the disk, and how
// many rows the same PostgreSQL takes without any ledger.
import type { Aim, Bench, Contestant } from "../harness/bench.ts";

const ledger = new URL("append-entries.ts", import.meta.url);
const rows = new URL("append-rows.ts", import.meta.url);
const single = { entries: 2_000, entriesPerAct: 1, atOnce: 32 };
const bulk = { entries: 8_000, entriesPerAct: 100, atOnce: 8 };

const contestants: readonly Contestant[] = [
  { name: "ledger, acts of one entry", module: ledger, settings: single },
  { name: "PostgreSQL, transactions of one row", module: rows, settings: single },
  { name: "ledger, acts of 100 entries", module: ledger, settings: bulk },
  { name: "PostgreSQL, transactions of 100 rows", module: rows, settings: bulk },
];
const [one, oneRow, many, manyRows] = contestants.map(({ name }) => name) as [string, string, string, string];
const measure = "operationsPerSecond";
const ratio = (contestant: string, over: string): Aim => ({
  what: `${contestant} ÷ ${over}`,
  ...{ contestant, over, measure },
});

export const bench: Bench = {
  name: "ledger-append",
  about:
    "2,000 transactions of one entry each, 32 at once on 20 connections, and 80 of 100 entries each, 8 at once, while publishing runs: until a checkpoint on the disk covers the last. Beside them, PostgreSQL alone with rows of the same size.",
  place: "disk",
  contestants,
  aims: [
    { what: "durable entries a second, one an act", contestant: one, measure, atLeast: 4_000 },
    { what: "durable entries a second, 100 an act", contestant: many, measure, atLeast: 4_000 },
    ratio(one, oneRow),
    ratio(many, manyRows),
  ],
  shows: [measure, "checkpoints", "cpuSeconds", "peakMemoryBytes"],
};
