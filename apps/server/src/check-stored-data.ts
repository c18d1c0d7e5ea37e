// Opens a data folder to be checked and nothing else: no migration, no sweep, no repair. The server must be stopped, since
// what it writes meanwhile would look like damage; the folder's lock sees to it.
import { stat } from "node:fs/promises";
import { formatId } from "@sworn/custody";
import { openFolderStore } from "@sworn/vault";
import { AuthorityError, openAuthorities } from "./authority/index.ts";
import { checkDataFolder } from "./check-data-folder.ts";
import { runFsck, type FsckOptions, type FsckReport } from "./fsck/index.ts";
import { openVault } from "./open-vault.ts";
import type { Clock } from "./platform/clock.ts";
import type { Configuration } from "./platform/configuration.ts";
import { openDataFolder, type DataFolder } from "./platform/data-folder.ts";
import { openDatabase } from "./platform/database/database.ts";
import { requireMigrated } from "./platform/database/migrate.ts";
import { embeddedSource, urlSource, type DatabaseSource } from "./platform/database/source.ts";
import type { Log } from "./platform/log.ts";
import { PlatformError } from "./platform/platform-error.ts";
import { startEmbeddedPostgres } from "./platform/postgres/embedded-postgres.ts";
import { defaultSettings } from "./retention/index.ts";

export interface CheckOptions extends FsckOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Where PostgreSQL's programs are looked for, as PATH is written. */
  readonly searchPath?: string;
}

const unusable = (message: string): PlatformError => new PlatformError("data-folder-unusable", message);

async function openForCheck(path: string): Promise<DataFolder> {
  const facts = await checkDataFolder(path);
  if (facts.purpose === "real" || facts.purpose === "demo" || facts.purpose === "test") {
    return openDataFolder(path, facts.purpose);
  }
  throw unusable(`${facts.path} is no Sworn data folder. Say where it is with --data.`);
}

/** Throws `PlatformError` with a message for the operator where the check cannot run. */
export async function checkStoredData(
  configuration: Pick<Configuration, "dataFolder" | "databaseUrl">,
  options: CheckOptions,
): Promise<FsckReport> {
  const { clock, log } = options;
  const undo: (() => Promise<void>)[] = [];
  try {
    const folder = await openForCheck(configuration.dataFolder);
    undo.push(() => folder.release());
    const source = await openSource(folder, configuration.databaseUrl, options, undo);
    await requireMigrated(source);
    const database = openDatabase(source, { log, maximumConnections: 2 });
    undo.push(() => database.close());
    const store = await openFolderStore({ root: folder.part("objects"), readOnly: true });
    const authorityFolder = folder.part("authority");
    return await runFsck(
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
      },
      options,
    );
  } finally {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  }
}

async function openSource(
  folder: DataFolder,
  databaseUrl: string | null,
  { log, searchPath }: CheckOptions,
  undo: (() => Promise<void>)[],
): Promise<DatabaseSource> {
  if (databaseUrl !== null) return urlSource(databaseUrl);
  const dataFolder = folder.part("postgres");
  const isThere = await stat(dataFolder).then(
    () => true,
    () => false,
  );
  if (!isThere) throw unusable(`${folder.path} has no database. If it is elsewhere, set DATABASE_URL.`);
  const server = await startEmbeddedPostgres({ dataFolder, log, searchPath });
  undo.push(() => server.stop());
  return embeddedSource(server);
}
