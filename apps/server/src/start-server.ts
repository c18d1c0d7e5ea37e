// Starts a whole server and stops it again, in order: platform, keys, ledger, capabilities, jobs, HTTP. What was
// started is stopped when a later step fails, so that a failed start leaves nothing running.
import { rm } from "node:fs/promises";
import type { ForceId } from "@sworn/contract";
import { formatId } from "@sworn/custody";
import { openAuthorities } from "./authority/index.ts";
import { assembleCapabilities } from "./capabilities.ts";
import { buildServer, closeServer, listen } from "./http/server.ts";
import { startJobs, type Jobs } from "./jobs/index.ts";
import { keepStored } from "./keep-stored.ts";
import { openLedger, type Ledger } from "./ledger/index.ts";
import { openVault } from "./open-vault.ts";
import { findKey, issueFirstSetupCode, issueSetupCode, listForceIds } from "./people/index.ts";
import type { Clock } from "./platform/clock.ts";
import type { Configuration } from "./platform/configuration.ts";
import type { DataFolderPurpose } from "./platform/data-folder.ts";
import { databaseAnswers, withPlatform } from "./platform/database/database.ts";
import type { Log } from "./platform/log.ts";
import { readMigrations } from "./platform/database/migrate.ts";
import { openPlatform } from "./platform/open-platform.ts";
import { ChangeKeeper, requireForcesKnown } from "./recovery/index.ts";
import { CopyQueue } from "./scrub/index.ts";

export const VERSION = "0.1.0";

export interface RunningServer {
  /** Without a trailing slash. */
  readonly url: string;
  /** Absolute path. */
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly jobs: Jobs;
  /** The one-time code of a first start; null where somebody has a key already. */
  readonly firstSetupCode: string | null;
  /** One more one-time code, which founds one more force. */
  issueSetupCode(): Promise<string>;
  /** Stops taking requests, lets jobs and entries under way finish, and closes all. */
  stop(): Promise<void>;
  /** Stops, and removes everything the server kept: only for data that nobody wants. */
  discard(): Promise<void>;
}

export interface StartOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** What the data folder is for; a folder labelled otherwise is refused. */
  readonly purpose: DataFolderPurpose;
  /** Where PostgreSQL's programs are looked for, as PATH is written. */
  readonly searchPath?: string;
}

/** Throws `PlatformError`, `VaultError` or `AuthorityError` with a message for the operator. */
export async function startServer(
  configuration: Configuration,
  options: StartOptions,
): Promise<RunningServer> {
  const { clock, log } = options;
  const undo: (() => Promise<void>)[] = [];
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (stopping ??= (async () => {
      for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
    })());
  try {
    const platform = await openPlatform(configuration, options);
    const { database, dataFolder, metrics } = platform;
    undo.push(() => platform.close());
    const authorities = await openAuthorities(dataFolder.part("authority"));
    const queue = new CopyQueue();
    const vault = await openVault(dataFolder, {
      ...{ clock, log, places: configuration },
      onStored: (key, sizeBytes) => {
        queue.add(key, sizeBytes);
      },
    });
    const ledgerFolder = dataFolder.part("ledger");
    const migration = (await readMigrations()).at(-1)?.number ?? 0;
    const changes = new ChangeKeeper({
      ...{ database, clock, log, migration, ledgerFolder },
      keys: vault.keys,
    });
    undo.push(() => changes.close());
    const ledger = openLedger({
      ...{ database, clock, log, authorities, changes },
      keys: vault.keys,
      folder: ledgerFolder,
    });
    undo.push(() => ledger.stop());
    let isKnownWhole = false;
    undo.push(async () => {
      // What the last jobs staged, which nobody waited for, goes out with its checkpoint rather than at the next start.
      if (!isKnownWhole) return;
      for (const forceId of await withPlatform(database, listForceIds)) {
        await ledger.publishNow(forceId).catch((error: unknown) => {
          log.error("the ledger could not publish at the stop", { error });
        });
      }
    });
    const capabilities = assembleCapabilities(platform, {
      ...{ vault, authorities, ledger },
      missingAfterDays: configuration.missingAfterDays,
    });
    undo.push(() => capabilities.stop());
    const inDatabase = await withPlatform(database, listForceIds);
    const inFolder = (await authorities.forces()).map((force) => formatId(force) as ForceId);
    await requireForcesKnown({ ledgerFolder, inFolder, inDatabase });
    for (const forceId of inDatabase) {
      // First: into a database that was restored nothing is written.
      await ledger.publishNow(forceId);
      await capabilities.seed(forceId);
    }
    isKnownWhole = true;
    await capabilities.resume();
    const { databaseSource } = platform;
    const jobs = await startJobs({
      ...{ database, databaseSource, clock, log, metrics },
      tasks: capabilities.tasks,
    });
    undo.push(() => jobs.stop());
    const stored = await keepStored(platform, { vault, ledger, queue, configuration });
    undo.push(() => stored.stop());
    const app = await buildServer({
      ...{ configuration, version: VERSION, clock, log, metrics },
      findKey: (secret) => findKey(database, clock, secret),
      ready: [
        { name: "database", isReady: () => databaseAnswers(database) },
        { name: "jobs", isReady: () => Promise.resolve(jobs.isRunning()) },
        ...Object.entries(capabilities.health).map(([name, isGood]) => ({
          name,
          isReady: () => Promise.resolve(isGood()),
        })),
      ],
      routes: capabilities.routes,
    });
    undo.push(() => closeServer(app));
    const url = await listen(app, configuration);
    const isFirst = configuration.newForce ? issueSetupCode : issueFirstSetupCode;
    return {
      ...{ url, clock, ledger, jobs, stop },
      dataFolder: dataFolder.path,
      firstSetupCode: await isFirst(database, clock),
      issueSetupCode: () => issueSetupCode(database, clock),
      async discard() {
        await stop();
        await platform.embedded?.discard();
        await rm(dataFolder.path, { recursive: true, force: true });
      },
    };
  } catch (cause) {
    await stop();
    throw cause;
  }
}
