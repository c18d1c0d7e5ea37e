// The simulator can fail: with each known bug put in, one of a few seeds must break an invariant of the product, and not
// by a fault that nobody expected.
import type { KnownBug } from "./known-bugs.ts";
import type { TakenProcess } from "./machine/take-over-process.ts";
import { runSeed } from "./run-seed.ts";

export interface BugSearch {
  readonly bugs: readonly KnownBug[];
  readonly firstSeed: number;
  /** Seeds tried for each bug. */
  readonly seeds: number;
  readonly steps: number;
  readonly say: (line: string) => void;
}

/** Gives how many of the bugs were not found. */
export async function findKnownBugs(process: TakenProcess, search: BugSearch): Promise<number> {
  let missed = 0;
  for (const bug of search.bugs) {
    const found = await findBug(process, bug, search);
    if (found === null) missed += 1;
    search.say(`${bug.name}: ${found ?? `NOT FOUND by ${String(search.seeds)} seeds`}`);
  }
  search.say(`${String(search.bugs.length)} known bugs, ${String(missed)} not found`);
  return missed;
}

async function findBug(process: TakenProcess, bug: KnownBug, search: BugSearch): Promise<string | null> {
  const { firstSeed, seeds, steps } = search;
  for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
    const { violation } = await runSeed(process, { seed, steps, bug });
    if (violation !== null && violation.invariant !== "no unexpected fault")
      return `found by seed ${String(seed)}, “${violation.invariant}”: ${violation.message.slice(0, 120)}`;
  }
  return null;
}
