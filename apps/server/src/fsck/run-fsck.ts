// `sworn fsck`: checks the invariants that stored data can show, cheap to costly; a level includes those before it. Changes
// nothing, goes on behind what it finds, and keeps one page of rows and one part of an object in memory.
import type { ForceId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { VaultError } from "@sworn/vault";
import { checkActs } from "./check-acts.ts";
import { checkAuthority, readAuthority } from "./check-authority.ts";
import { checkCopies, checkOtherObjects, checkSegments } from "./check-copies.ts";
import { checkDerivatives } from "./check-derivatives.ts";
import { checkExtras } from "./check-extras.ts";
import { checkChangeLog } from "./check-changes.ts";
import { checkJournals } from "./check-journals.ts";
import { checkLedger } from "./check-ledger.ts";
import { checkMedia } from "./check-media.ts";
import { checkHandedIn, checkHandedInPresence } from "./check-handed-in.ts";
import { checkPresence } from "./check-presence.ts";
import { checkJournalKeys, checkMissing } from "./check-promises.ts";
import { checkRing } from "./check-ring.ts";
import { checkStatements } from "./check-statements.ts";
import { fsckLevels, type FsckLevel } from "./levels.ts";
import type { ForceCheck, FsckPorts, ReadableRing, Tally } from "./ports.ts";
import { describeProblem, type NewProblem, type Problem } from "./problem.ts";
import { listForces, readOnly } from "./store.ts";
import { messageOf } from "./subjects.ts";

export interface FsckOptions {
  readonly level: FsckLevel;
  /** All unless given. */
  readonly forces?: readonly ForceId[];
  /** Often: what is looked at now, and how much of it so far. */
  readonly onProgress?: (progress: FsckProgress) => void;
}

export interface FsckProgress {
  readonly level: FsckLevel;
  readonly what: string;
  readonly checked: number;
  readonly problems: number;
}

export interface FsckReport {
  readonly levels: readonly FsckLevelReport[];
  /** In the order in which they were found; at most 10,000. */
  readonly problems: readonly Problem[];
  /** How many more there were. */
  readonly unlisted: number;
  /** Whether there is none but notices. */
  readonly isClean: boolean;
}

export interface FsckLevelReport {
  readonly level: FsckLevel;
  /** How many of what were looked at. */
  readonly checked: Readonly<Record<string, number>>;
  /** Of objects and tiles; not of rows. */
  readonly bytesRead: number;
  readonly seconds: number;
}

const mostListed = 10_000;

export async function runFsck(ports: FsckPorts, options: FsckOptions): Promise<FsckReport> {
  const run = new Run(options);
  const known = await listForces(ports.database);
  const forces = options.forces ?? known;
  const levels: FsckLevelReport[] = [];
  const keys = await openRing(ports, run.tally(1, null));
  const authorities = new Map<ForceId, ForceCheck["authority"]>();
  for (const forceId of forces) {
    const force = { bytes: parseId(forceId), name: forceId };
    authorities.set(forceId, await readAuthority(ports, force, run.tally(1, forceId)));
  }
  for (const level of fsckLevels.filter((each) => each <= options.level)) {
    const startedAt = performance.now();
    run.begin();
    const all = run.tally(level, null);
    const checks = new Map(
      forces.map((forceId): [string, ForceCheck] => [
        forceId,
        {
          ...run.tally(level, forceId),
          ...{ forceId, force: parseId(forceId), ports, keys },
          authority: authorities.get(forceId) ?? null,
          query: (work) => readOnly(ports.database, forceId, work),
        },
      ]),
    );
    if (keys !== null && level === 1) await checkRing(keys, "names", all);
    if (keys !== null && level === 2) await checkRing(keys, "keys", run.without(all, ringNames));
    if (level === 1) await checkExtras(ports, { keys, checks, known: new Set(known) }, all);
    for (const check of checks.values()) for (const look of looksOf(level, options.level)) await look(check);
    levels.push({ level, ...run.counts(), seconds: (performance.now() - startedAt) / 1000 });
  }
  return { levels, ...run.result() };
}

/** What listing the names at level 1 has told of already. */
const ringNames: ReadonlySet<Problem["kind"]> = new Set([
  ...(["key-copy-missing", "tombstone-missing", "key-undead", "file-extra"] as const),
]);

function looksOf(level: FsckLevel, until: FsckLevel): ((check: ForceCheck) => Promise<void>)[] {
  switch (level) {
    case 1:
      return [checkPresence, checkHandedInPresence, checkMissing, checkJournalKeys];
    case 2: {
      const small = [checkCopies, checkSegments, checkHandedIn, checkOtherObjects];
      // Media are read once: where they are to be decrypted, their ciphertext is hashed as it passes then.
      return until === 2 ? [...small, (check) => checkMedia(check, "ciphertext")] : small;
    }
    case 3:
      return [(check) => checkMedia(check, "plaintext"), checkDerivatives];
    case 4:
      return [checkAuthority, checkJournals, checkStatements, checkLedger, checkChangeLog, checkActs];
  }
}

async function openRing(ports: FsckPorts, tally: Tally): Promise<ReadableRing | null> {
  try {
    return await ports.openKeys();
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    const root = /key file ([0-9a-f]{16}\.root)/.exec(error.message)?.[1];
    const subject =
      root === undefined ? ({ type: "file", id: "keys" } as const) : ({ type: "root", id: root } as const);
    tally.tell({
      kind: "ring-unusable",
      subject,
      message: `The key ring does not open: ${messageOf(error)}.`,
    });
    return null;
  }
}

/** Gathers what all checks tell. */
class Run {
  readonly #options: FsckOptions;
  readonly #problems: Problem[] = [];
  #unlisted = 0;
  #isClean = true;
  #checked: Record<string, number> = {};
  #bytesRead = 0;

  constructor(options: FsckOptions) {
    this.#options = options;
  }

  begin(): void {
    this.#checked = {};
    this.#bytesRead = 0;
  }

  tally(level: FsckLevel, force: ForceId | null): Tally {
    return {
      tell: (found: NewProblem) => {
        const problem = describeProblem(force, found);
        if (problem.severity !== "notice") this.#isClean = false;
        if (this.#problems.length < mostListed) this.#problems.push(problem);
        else this.#unlisted += 1;
      },
      looked: (what, count = 1) => {
        const checked = (this.#checked[what] ?? 0) + count;
        this.#checked[what] = checked;
        const problems = this.#problems.length + this.#unlisted;
        this.#options.onProgress?.({ level, what, checked, problems });
      },
      read: (bytes) => {
        this.#bytesRead += bytes;
      },
    };
  }

  without(tally: Tally, kinds: ReadonlySet<Problem["kind"]>): Tally {
    const tell = (problem: NewProblem): void => {
      if (!kinds.has(problem.kind)) tally.tell(problem);
    };
    return { ...tally, tell };
  }

  counts(): Pick<FsckLevelReport, "checked" | "bytesRead"> {
    return { checked: this.#checked, bytesRead: this.#bytesRead };
  }

  result(): Pick<FsckReport, "problems" | "unlisted" | "isClean"> {
    return { problems: this.#problems, unlisted: this.#unlisted, isClean: this.#isClean };
  }
}
