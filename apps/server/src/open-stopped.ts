// Opens the data folder of a stopped server for work that no server may be doing meanwhile: checks, recovery, restoring.
import { stat } from "node:fs/promises";
import { checkDataFolder } from "./check-data-folder.ts";
import { openDataFolder, type DataFolder } from "./platform/data-folder.ts";
import { embeddedSource, urlSource, type DatabaseSource } from "./platform/database/source.ts";
import type { Log } from "./platform/log.ts";
import { PlatformError } from "./platform/platform-error.ts";
import { startEmbeddedPostgres } from "./platform/postgres/embedded-postgres.ts";

export type Undo = (step: () => Promise<void>) => void;

/** Runs `work`; what it said is to be undone is undone behind it, last first, whatever came of it. */
export async function runUndone<T>(work: (undo: Undo) => Promise<T>): Promise<T> {
  const steps: (() => Promise<void>)[] = [];
  try {
    return await work((step) => steps.push(step));
  } finally {
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) await step();
  }
}

/** A folder with a label, locked. Throws `PlatformError` for one that is none, or in use. */
export async function openKnownFolder(path: string): Promise<DataFolder> {
  const facts = await checkDataFolder(path);
  if (facts.purpose === "real" || facts.purpose === "demo" || facts.purpose === "test") {
    return openDataFolder(path, facts.purpose);
  }
  throw new PlatformError(
    "data-folder-unusable",
    `${facts.path} is no Sworn data folder. Say where it is with --data.`,
  );
}

/** The database of the folder, or the one given. Null: a dry run, and there is none. */
export async function openSourceOf(
  folder: DataFolder,
  databaseUrl: string | null,
  given: { readonly log: Log; readonly searchPath?: string; readonly isDryRun: boolean },
  undo: Undo,
): Promise<DatabaseSource | null> {
  if (databaseUrl !== null) return urlSource(databaseUrl);
  const dataFolder = folder.part("postgres");
  const isThere = await stat(dataFolder).then(
    () => true,
    () => false,
  );
  if (!isThere && given.isDryRun) return null;
  const server = await startEmbeddedPostgres({ dataFolder, log: given.log, searchPath: given.searchPath });
  undo(() => server.stop());
  return embeddedSource(server);
}
