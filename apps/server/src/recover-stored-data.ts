// Recovers the database of a stopped server's data folder: brings its rows up to the logs beside it, and says what it did.
// The folder's lock keeps a server out meanwhile. Safe to run at any time, to cut off, and to run again.
import { formatId } from "@sworn/custody";
import type { ForceId } from "@sworn/contract";
import { openAuthorities } from "./authority/index.ts";
import { openKnownFolder, openSourceOf, runUndone } from "./open-stopped.ts";
import { openVault } from "./open-vault.ts";
import type { Clock } from "./platform/clock.ts";
import type { Configuration } from "./platform/configuration.ts";
import { openDatabase, withForce } from "./platform/database/database.ts";
import { migrate, requireMigrated } from "./platform/database/migrate.ts";
import type { Log } from "./platform/log.ts";
import {
  hasHistory,
  listWithoutPoster,
  recoverForce,
  ReplayStore,
  type ForceRecovery,
  type RecoverProgress,
} from "./recovery/index.ts";
import { enqueuePoster } from "./playback/index.ts";

export interface RecoverOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Nothing is written: says what would be. */
  readonly isDryRun: boolean;
  readonly onProgress?: (progress: RecoverProgress) => void;
  /** Where PostgreSQL's programs are looked for, as PATH is written. */
  readonly searchPath?: string;
}

export interface RecoverReport {
  readonly isDryRun: boolean;
  readonly forces: readonly ForceRecovery[];
  /** Whether all that was given a receipt, a hold or an entry is there, whole. */
  readonly isWhole: boolean;
}

/** Throws `RecoveryFault` or `PlatformError` with a message for the operator where it cannot go on. */
export async function recoverStoredData(
  configuration: Pick<Configuration, "dataFolder" | "databaseUrl">,
  options: RecoverOptions,
): Promise<RecoverReport> {
  const { clock, log, isDryRun } = options;
  return runUndone(async (undo) => {
    const folder = await openKnownFolder(configuration.dataFolder);
    undo(() => folder.release());
    const authorities = await openAuthorities(folder.part("authority"));
    const { keys, store } = await openVault(folder, { clock, readOnly: isDryRun });
    const source = await openSourceOf(folder, configuration.databaseUrl, options, undo);
    if (source !== null) await (isDryRun ? requireMigrated(source) : migrate(source, { log }));
    const database = source === null ? null : openDatabase(source, { log, maximumConnections: 2 });
    if (database !== null) undo(() => database.close());
    const rows = source === null ? null : await ReplayStore.open(source);
    if (rows !== null) undo(() => rows.close());
    const ledgerFolder = folder.part("ledger");
    const forces: ForceRecovery[] = [];
    for (const force of await authorities.forces()) {
      const forceId = formatId(force) as ForceId;
      if (!(await hasHistory(ledgerFolder, forceId))) continue;
      const ports = {
        ...{ ledgerFolder, keys, store, authorities, database, rows, isDryRun },
        ...{ nowMs: clock.nowMs(), onProgress: options.onProgress },
      };
      forces.push(await recoverForce(ports, forceId));
      if (database === null || isDryRun) continue;
      // The queue lay in the database too: what a job makes is made again.
      await withForce(database, { forceId, personId: null }, async (tx) => {
        for (const recording of await listWithoutPoster(tx)) await enqueuePoster(tx, recording);
      });
    }
    return { isDryRun, forces, isWhole: forces.every(({ problems }) => problems.length === 0) };
  });
}
