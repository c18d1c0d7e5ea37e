// Brings one force's rows up to its log. Each step is one transaction and says in it how far it came, so that a recovery
// that was cut off goes on where it was, and one that is done finds nothing to do.
//   1. the log: checkpoint, leaves and private sides; each entry a row at its place, none twice, or the recovery stops
//   2. the change log: from the base where the database is older than it, else from where the database stands
//   3. what is not rebuilt is dropped: unfinished uploads, which cameras send again
import { join } from "node:path";
import type { ForceId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { LogFolder, OpeningKeys } from "../ledger/index.ts";
import { withForce } from "../platform/database/database.ts";
import { changesFolder } from "./change-file.ts";
import { readHead } from "./changes-store.ts";
import { compareLog, openNewest } from "./compare-log.ts";
import { readTree } from "./read-entries.ts";
import type { OpenedLog } from "./read-log.ts";
import { RecoveryFault } from "./recovery-fault.ts";
import type { RecoverPorts, Replaying } from "./recover-ports.ts";
import { replayChanges } from "./replay-changes.ts";
import { replayEntries } from "./replay-entries.ts";

export interface ForceRecovery {
  readonly forceId: ForceId;
  /** `level`: the database has all; `replayed`: from where it stood; `rebuilt`: from the base, all of its rows. */
  readonly outcome: "level" | "replayed" | "rebuilt";
  /** Entries of the log that the database lacked. */
  readonly entries: number;
  /** Rows written again, by table. */
  readonly rows: Readonly<Record<string, number>>;
  /** Uploads under way that cameras begin again. */
  readonly uploadsDropped: number;
  /** What could not be rebuilt whole. */
  readonly problems: readonly string[];
}

const noRing = (): Promise<never> =>
  Promise.reject(new RecoveryFault("changes-damaged", "A recovery makes no keys."));

/** @throws RecoveryFault, VaultError, PlatformError: nothing is half done, and what was done stays */
export async function recoverForce(ports: RecoverPorts, forceId: ForceId): Promise<ForceRecovery> {
  const authority = await ports.authorities.of(parseId(forceId));
  const folder = new LogFolder(join(ports.ledgerFolder, forceId));
  const tree = await readTree(forceId, folder, authority);
  const log = await openNewest(
    { folder: changesFolder(ports.ledgerFolder, forceId), keys: ports.keys },
    forceId,
    "read",
  );
  const replaying: Replaying = {
    ...{ ports, forceId, authority },
    openings: new OpeningKeys({ get: (id) => ports.keys.get(id), put: noRing }),
    tally: { entries: 0, uploadsDropped: 0, rows: {}, problems: [] },
  };
  try {
    // Behind the force's own row, which the changes bring.
    const outcome = await replayAll(replaying, log);
    if (tree !== null) await replayEntries(replaying, folder, tree);
    const { tally } = replaying;
    return { forceId, outcome: outcome === "level" && tally.entries > 0 ? "replayed" : outcome, ...tally };
  } finally {
    await log?.file.close();
  }
}

async function replayAll(replaying: Replaying, log: OpenedLog | null): Promise<ForceRecovery["outcome"]> {
  const { ports, forceId } = replaying;
  const { database } = ports;
  if (log === null) {
    if (database !== null && (await ports.rows?.hasForce(forceId)) === true) return "level";
    throw new RecoveryFault(
      "changes-missing",
      `The database does not know force ${forceId}, and there is no change log to rebuild it from. ` +
        "Restore the ledger's folder, or an older database, from a backup.",
    );
  }
  if (database === null) return replayChanges(replaying, log, null);
  const { head, standing } = await withForce(database, { forceId, personId: null }, async (tx) => {
    const known = await readHead(tx);
    const isOlder = known !== null && known.epoch > log.file.epoch;
    const same = known?.epoch === log.file.epoch && known.frame >= log.file.frames;
    // The server begins the log anew where it is the older one.
    if (isOlder || same) return { head: known, standing: "level" };
    return { head: known, standing: (await compareLog(tx, log, known)).kind };
  });
  return standing === "level" ? "level" : replayChanges(replaying, log, head);
}
