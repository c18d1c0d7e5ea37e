// Restores a backup onto an empty machine: a new data folder, an empty database. Then the log brings the rows up to where
// the backup's copy of it ends, and keys that were destroyed by then are destroyed here too.
import { chmod, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  BackupFault,
  findParts,
  listDestroyedKeys,
  readPrivateKey,
  unpackDatabase,
  unpackFiles,
  unpackFolder,
  type Copied,
} from "./backup/index.ts";
import { openSourceOf, runUndone } from "./open-stopped.ts";
import { openVault } from "./open-vault.ts";
import type { Clock } from "./platform/clock.ts";
import type { Configuration } from "./platform/configuration.ts";
import { openDataFolder, readPurpose } from "./platform/data-folder.ts";
import { migrate } from "./platform/database/migrate.ts";
import { makeFolderDurably } from "./platform/durable-file.ts";
import type { Log } from "./platform/log.ts";
import { recoverStoredData, type RecoverReport } from "./recover-stored-data.ts";

export interface RestoreOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Absolute path of the folder with the backup. */
  readonly from: string;
  /** The file with the operator's private key. */
  readonly privateKeyFile: string;
  readonly onProgress?: (what: string, copied: Copied) => void;
  readonly searchPath?: string;
}

export interface RestoreReport {
  readonly madeAt: string;
  /** Null where the backup has none: they are to be put in place by hand. */
  readonly objects: Copied | null;
  readonly ledger: Copied | null;
  /** Keys of the backup that were destroyed by then. */
  readonly keysDestroyed: number;
  readonly recovery: RecoverReport;
}

/** Throws `BackupFault` or `PlatformError` with a message for the operator. */
export async function restoreData(
  configuration: Pick<Configuration, "dataFolder" | "databaseUrl">,
  options: RestoreOptions,
): Promise<RestoreReport> {
  const { clock, from, log, onProgress } = options;
  const pair = await readPrivateKey(options.privateKeyFile);
  const parts = await findParts(from, clock.nowMs());
  const data = resolve(configuration.dataFolder);
  const present = await readdir(data).catch(() => []);
  if (present.length > 0) {
    throw new BackupFault(
      "restore-not-empty",
      `${data} is not empty. Restore into a new folder with --data.`,
    );
  }
  const purpose = (await readPurpose(from)) ?? "real";
  await makeFolderDurably(data);
  await chmod(data, 0o700);
  const copied = await runUndone(async (undo) => {
    const folder = await openDataFolder(data, purpose);
    undo(() => folder.release());
    await unpackFiles(parts.identity, pair, data);
    await unpackFiles(parts.ring, pair, data);
    const ledger = await unpackFolder(join(from, "ledger"), folder.part("ledger"), (all) => {
      onProgress?.("ledger", all);
    });
    const objects = await unpackFolder(join(from, "objects"), folder.part("objects"), (all) => {
      onProgress?.("objects", all);
    });
    const source = await openSourceOf(
      folder,
      configuration.databaseUrl,
      { ...options, isDryRun: false },
      undo,
    );
    if (source === null) throw new BackupFault("restore-not-empty", "There is no database to restore into.");
    await migrate(source, { log });
    await unpackDatabase(parts.database, pair, source);
    return { ledger, objects };
  });
  const recovery = await recoverStoredData(configuration, {
    ...options,
    isDryRun: false,
    onProgress: () => undefined,
  });
  const keysDestroyed = await killDestroyed(configuration, options);
  return { madeAt: parts.madeAt, ...copied, keysDestroyed, recovery };
}

/** No key of the ring's backup comes back that the rows, brought up to the log, know to be destroyed. */
async function killDestroyed(
  configuration: Pick<Configuration, "dataFolder" | "databaseUrl">,
  options: RestoreOptions,
): Promise<number> {
  return runUndone(async (undo) => {
    const purpose = (await readPurpose(configuration.dataFolder)) ?? "real";
    const folder = await openDataFolder(configuration.dataFolder, purpose);
    undo(() => folder.release());
    const { keys } = await openVault(folder, { clock: options.clock });
    const source = await openSourceOf(
      folder,
      configuration.databaseUrl,
      { ...options, isDryRun: true },
      undo,
    );
    let killed = 0;
    for (const id of source === null ? [] : await listDestroyedKeys(source)) {
      if ((await keys.get(id)).kind !== "key") continue;
      await keys.delete(id);
      killed += 1;
    }
    return killed;
  });
}
