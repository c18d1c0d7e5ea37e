// `sworn fsck`: checks the invariants that stored data can show, from cheap to costly. Each level includes those before
// it. It changes nothing, and reports everything it finds.
import type { ForceId } from "@sworn/contract";
import { formatId } from "@sworn/custody";
import { checkJournals } from "./check-journals.ts";
import { checkLedger } from "./check-ledger.ts";
import { checkMedia } from "./check-media.ts";
import { checkKeyRing, checkOrphans } from "./check-orphans.ts";
import { checkPresence } from "./check-presence.ts";
import { checkStatements } from "./check-statements.ts";
import type { ForceCheck, FsckPorts } from "./ports.ts";
import { fsckLevels, type FsckLevel, type FsckProblem } from "./problem.ts";

export interface FsckOptions {
  readonly level: FsckLevel;
  /** All unless given. */
  readonly forces?: readonly ForceId[];
  /** Called as it goes on: what is checked now, and how much was looked at so far. */
  readonly onProgress?: (progress: { readonly level: FsckLevel; readonly checked: number }) => void;
}

export interface FsckReport {
  readonly level: FsckLevel;
  /** Rows, objects and keys that were looked at. */
  readonly checked: number;
  readonly problems: readonly FsckProblem[];
  /** How long each level took, ms. */
  readonly tookMs: Readonly<Partial<Record<FsckLevel, number>>>;
}

export async function runFsck(ports: FsckPorts, options: FsckOptions): Promise<FsckReport> {
  const problems: FsckProblem[] = [];
  const tookMs: Partial<Record<FsckLevel, number>> = {};
  let checked = 0;
  const all = (await ports.authorities.forces()).map((force) => formatId(force) as ForceId);
  const forces = options.forces ?? all;
  const levels = fsckLevels
    .slice(0, fsckLevels.indexOf(options.level) + 1)
    // Decrypting reads and hashes the ciphertext too: nothing is read twice.
    .filter((level) => level !== "ciphertext" || options.level === "ciphertext");
  for (const level of levels) {
    const startedAt = performance.now();
    const given = {
      tell: (problem: FsckProblem): void => void problems.push(problem),
      looked: (): void => {
        checked += 1;
        options.onProgress?.({ level, checked });
      },
    };
    if (level === "presence") {
      await checkKeyRing(ports, given);
      await checkOrphans(ports, new Set(forces), given);
    }
    for (const forceId of forces) {
      const check: ForceCheck = { ports, forceId, level, ...given };
      for (const run of checksOf[level]) await run(check);
    }
    tookMs[level] = Math.round(performance.now() - startedAt);
  }
  return { level: options.level, checked, problems, tookMs };
}

const checksOf: Readonly<Record<FsckLevel, readonly ((check: ForceCheck) => Promise<void>)[]>> = {
  presence: [checkPresence],
  ciphertext: [checkMedia],
  plaintext: [checkMedia],
  custody: [checkJournals, checkStatements, checkLedger],
};
