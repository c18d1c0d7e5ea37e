// The faults as a suite of named parts, for `npm run test:faults` and, shortened, for the tests.
import { tmpdir } from "node:os";
import { statfsSync } from "node:fs";
import { failingSync } from "./failing-sync.ts";
import { fullDisk } from "./full-disk.ts";
import { killRounds } from "./kill-rounds.ts";

export const parts = ["kill", "fsync", "enospc"] as const;
type Part = (typeof parts)[number];

/** A failing sync and a full disk are costlier than a kill, and need fewer rounds to meet every case. */
const KILLS_FOR_ONE: Record<Part, number> = { kill: 1, fsync: 20, enospc: 50 };

export interface FaultsOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly only?: readonly string[];
  /** Why no file system can be mounted here; null where it can. */
  readonly whyNoVolumes: string | null;
  readonly say: (line: string) => void;
  readonly onRound?: (line: string) => void;
}

export interface FaultsOutcome {
  readonly failed: number;
  /** Parts that could not run here. */
  readonly skipped: number;
}

/** In memory where there is such a place: a killed process loses nothing of the page cache, and rounds are faster. */
export function quickFolder(): string {
  try {
    const { bavail, bsize } = statfsSync("/dev/shm");
    return bavail * bsize > 2 ** 31 ? "/dev/shm" : tmpdir();
  } catch {
    return tmpdir();
  }
}

/** Runs every part, also after one failed. */
export async function faultsSuite(options: FaultsOptions): Promise<FaultsOutcome> {
  const { say, seed, whyNoVolumes } = options;
  const onRound = options.onRound === undefined ? {} : { onRound: options.onRound };
  const folder = quickFolder();
  let failed = 0;
  let skipped = 0;
  for (const part of parts) {
    if (options.only?.includes(part) === false) continue;
    if (part === "enospc" && whyNoVolumes !== null) {
      say(`skip  ${part}: ${whyNoVolumes}`);
      skipped += 1;
      continue;
    }
    const rounds = Math.ceil(options.rounds / KILLS_FOR_ONE[part]);
    const startedAt = performance.now();
    try {
      const report = await runPart(part, {
        rounds,
        seed,
        folder,
        canCutPower: whyNoVolumes === null,
        ...onRound,
      });
      const tookS = ((performance.now() - startedAt) / 1000).toFixed(0);
      say(`ok    ${part}: ${JSON.stringify(report)} (${tookS} s)`);
    } catch (error) {
      say(`FAIL  ${part}: ${error instanceof Error ? error.message : String(error)}`);
      failed += 1;
    }
  }
  return { failed, skipped };
}

interface PartOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly folder: string;
  readonly canCutPower: boolean;
  readonly onRound?: (line: string) => void;
}

function runPart(part: Part, options: PartOptions): Promise<object> {
  switch (part) {
    case "kill":
      return killRounds({ ...options, fsckEvery: 50 });
    case "fsync":
      return failingSync(options);
    case "enospc":
      return fullDisk(options);
  }
}
