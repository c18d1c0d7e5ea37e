// Runs one bench: every contestant in a process of its own, all of them in each round, in an order that is drawn anew.
// Guarantees that what it started is ended and what it wrote is removed.
import type { Bench, Contestant, Measures } from "./bench.ts";
import { startChild, type Child } from "./child.ts";
import { judge, type Judgement } from "./judge.ts";
import { makeBelow, makeScratch, removeScratch } from "./scratch.ts";
import { shuffled } from "./statistics.ts";

export interface RunOptions {
  readonly rounds: number;
  readonly quick: boolean;
  /** Flags of Node for the contestants, as `--cpu-prof`. */
  readonly nodeFlags?: readonly string[];
  readonly onProgress?: (text: string) => void;
}

export interface BenchResult {
  readonly name: string;
  readonly rounds: number;
  /** By contestant: one row a round, in the order of the rounds. */
  readonly measured: Readonly<Record<string, readonly Measures[]>>;
  readonly judgements: readonly Judgement[];
}

interface Entry {
  readonly contestant: Contestant;
  readonly child: Child;
  readonly rows: Measures[];
}

export async function runBench(bench: Bench, options: RunOptions): Promise<BenchResult> {
  const scratch = makeScratch(bench.place);
  const entries: Entry[] = [];
  try {
    for (const contestant of bench.contestants) {
      const child = startChild(new URL("contestant-process.ts", import.meta.url), options.nodeFlags);
      entries.push({ contestant, child, rows: [] });
      const { settings = {} } = contestant;
      const folder = makeBelow(scratch, contestant.name);
      await child.call("open", { module: contestant.module.href, folder, quick: options.quick, settings });
    }
    // Once before it counts: code is compiled and caches are warm, for all of them alike.
    if (!options.quick) for (const { child } of entries) await child.call("round");
    for (let round = 1; round <= options.rounds; round += 1) {
      for (const { contestant, child, rows } of shuffled(entries)) {
        options.onProgress?.(`${bench.name}: round ${round} of ${options.rounds}, ${contestant.name}`);
        rows.push((await child.call("round")) as Measures);
      }
    }
  } finally {
    const closed = await Promise.allSettled(entries.map(({ child }) => child.close()));
    removeScratch(scratch);
    for (const outcome of closed)
      if (outcome.status === "rejected") options.onProgress?.(String(outcome.reason));
  }
  const measured = Object.fromEntries(entries.map(({ contestant, rows }) => [contestant.name, rows]));
  return {
    name: bench.name,
    rounds: options.rounds,
    measured,
    judgements: bench.aims.map((aim) => judge(aim, measured)),
  };
}
