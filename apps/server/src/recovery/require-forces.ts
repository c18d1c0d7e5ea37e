// A database that does not know a force of this data folder was lost or put back: nothing starts on it.
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { ForceId } from "@sworn/contract";
import { CHECKPOINT_PATH } from "@sworn/ledger";
import { LedgerFault } from "../ledger/index.ts";
import { changesFolder, listEpochs } from "./change-file.ts";

/** `inFolder`: forces with keys in the folder. @throws LedgerFault `ledger-behind` */
export async function requireForcesKnown(given: {
  readonly ledgerFolder: string;
  readonly inFolder: readonly ForceId[];
  readonly inDatabase: readonly ForceId[];
}): Promise<void> {
  for (const forceId of given.inFolder) {
    if (given.inDatabase.includes(forceId)) continue;
    // Keys alone are what a crash while the force was founded left.
    if (!(await hasHistory(given.ledgerFolder, forceId))) continue;
    throw new LedgerFault(
      "ledger-behind",
      `The database does not know force ${forceId}, which has a ledger in this data folder: the database was lost or ` +
        "restored. Run `sworn recover` before anything is recorded, acknowledged or destroyed.",
    );
  }
}

export async function hasHistory(ledgerFolder: string, forceId: ForceId): Promise<boolean> {
  if ((await listEpochs(changesFolder(ledgerFolder, forceId))).length > 0) return true;
  return stat(join(ledgerFolder, forceId, CHECKPOINT_PATH)).then(
    () => true,
    () => false,
  );
}
