// Backs a data folder up, whether a server runs on it or not: a running one's database is reached where it listens.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { makeBackup, readPublicKey, type BackupReport, type Copied } from "./backup/index.ts";
import { checkDataFolder } from "./check-data-folder.ts";
import { openKnownFolder, openSourceOf, runUndone, type Undo } from "./open-stopped.ts";
import type { Clock } from "./platform/clock.ts";
import type { Configuration } from "./platform/configuration.ts";
import { requireMigrated } from "./platform/database/migrate.ts";
import { socketSource, urlSource, type DatabaseSource } from "./platform/database/source.ts";
import { superuser } from "./platform/postgres/embedded-postgres.ts";
import type { Log } from "./platform/log.ts";
import { PlatformError } from "./platform/platform-error.ts";

export interface BackupOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Absolute path of the folder that takes the backup. */
  readonly to: string;
  /** The file with the public half of the operator's key. */
  readonly publicKeyFile: string;
  readonly withObjects: boolean;
  readonly onProgress?: (what: string, copied: Copied) => void;
  readonly searchPath?: string;
}

/** Throws `BackupFault` or `PlatformError` with a message for the operator. */
export async function backUpData(
  configuration: Pick<Configuration, "dataFolder" | "databaseUrl">,
  options: BackupOptions,
): Promise<BackupReport> {
  const publicKey = await readPublicKey(options.publicKeyFile);
  return runUndone(async (undo) => {
    const { path, source } = await openBeside(configuration, options, undo);
    await requireMigrated(source);
    return makeBackup({
      ...{ source, data: path, to: options.to, publicKey },
      ...{ nowMs: options.clock.nowMs(), withObjects: options.withObjects, onProgress: options.onProgress },
    });
  });
}

async function openBeside(
  configuration: Pick<Configuration, "dataFolder" | "databaseUrl">,
  options: BackupOptions,
  undo: Undo,
): Promise<{ path: string; source: DatabaseSource }> {
  const facts = await checkDataFolder(configuration.dataFolder);
  if (facts.isInUse && facts.purpose !== null) {
    const { databaseUrl } = configuration;
    const source = databaseUrl === null ? await runningSource(facts.path) : urlSource(databaseUrl);
    return { path: facts.path, source };
  }
  const folder = await openKnownFolder(configuration.dataFolder);
  undo(() => folder.release());
  const source = await openSourceOf(folder, configuration.databaseUrl, { ...options, isDryRun: true }, undo);
  if (source !== null) return { path: folder.path, source };
  throw new PlatformError("data-folder-unusable", `${folder.path} has no database to back up.`);
}

/** The embedded database of a running server: its postmaster says where its socket is (postmaster.pid, lines 4 and 5). */
async function runningSource(path: string): Promise<DatabaseSource> {
  const folder = join(path, "postgres");
  const remembered = await readFile(join(folder, "location.json"), "utf8").catch(() => "{}");
  const { home } = JSON.parse(remembered) as { home?: string };
  const status = await readFile(join(home ?? folder, "cluster", "postmaster.pid"), "utf8").catch(() => "");
  const [, , , port, host] = status.split("\n").map((line) => line.trim());
  if (host !== undefined && host !== "" && Number(port) > 0) {
    return socketSource({ host, port: Number(port), user: superuser, database: "postgres" }, "sworn");
  }
  throw new PlatformError(
    "database-unreachable",
    `A server runs on ${path}, but its database does not say where it is. If it is elsewhere, set DATABASE_URL.`,
  );
}
