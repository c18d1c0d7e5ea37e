// Opens a data folder to be checked and nothing else: no migration, no sweep, no repair. The server must be stopped, since
// what it writes meanwhile would look like damage; the folder's lock sees to it.
import { stat } from "node:fs/promises";
import { formatId } from "@sworn/custody";
import { openFolderStore } from "@sworn/vault";
import { AuthorityError, openAuthorities } from "./authority/index.ts";
import { runFsck, type FsckOptions, type FsckReport } from "./fsck/index.ts";
import { openKnownFolder, openSourceOf, runUndone } from "./open-stopped.ts";
import { openVault } from "./open-vault.ts";
import type { Clock } from "./platform/clock.ts";
import type { Configuration } from "./platform/configuration.ts";
import { openDatabase } from "./platform/database/database.ts";
import { requireMigrated } from "./platform/database/migrate.ts";
import type { Log } from "./platform/log.ts";
import { PlatformError } from "./platform/platform-error.ts";
import { defaultSettings } from "./retention/index.ts";

export interface CheckOptions extends FsckOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Where PostgreSQL's programs are looked for, as PATH is written. */
  readonly searchPath?: string;
}

/** Throws `PlatformError` with a message for the operator where the check cannot run. */
export async function checkStoredData(
  configuration: Pick<Configuration, "dataFolder" | "databaseUrl"> &
    Partial<Pick<Configuration, "missingAfterDays">>,
  options: CheckOptions,
): Promise<FsckReport> {
  const { clock, log } = options;
  return runUndone(async (undo) => {
    const folder = await openKnownFolder(configuration.dataFolder);
    undo(() => folder.release());
    const source = await openSourceOf(
      folder,
      configuration.databaseUrl,
      { ...options, isDryRun: true },
      undo,
    );
    if (source === null) {
      throw new PlatformError(
        "data-folder-unusable",
        `${folder.path} has no database. If it is elsewhere, set DATABASE_URL; if it was lost, run “sworn recover”.`,
      );
    }
    await requireMigrated(source);
    const database = openDatabase(source, { log, maximumConnections: 2 });
    undo(() => database.close());
    const store = await openFolderStore({ root: folder.part("objects"), readOnly: true });
    const authorityFolder = folder.part("authority");
    return runFsck(
      {
        ...{ database, clock, store, settings: defaultSettings },
        openKeys: async () => (await openVault(folder, { clock, readOnly: true })).keys,
        async authorityOf(force) {
          // Opening would make it, and an empty one is not what was there.
          const isThere = await stat(authorityFolder).then(
            () => true,
            () => false,
          );
          if (isThere) return (await openAuthorities(authorityFolder)).of(force);
          throw new AuthorityError(
            "authority-missing",
            `The keys of force ${formatId(force)} are gone: ${authorityFolder} is not there.`,
          );
        },
        ledgerFolder: folder.part("ledger"),
        ...(configuration.missingAfterDays === undefined
          ? {}
          : { missingAfterDays: configuration.missingAfterDays }),
      },
      options,
    );
  });
}
