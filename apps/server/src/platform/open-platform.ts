// Opens everything below the capabilities in the right order, and closes it in the opposite one: data folder,
// database (embedded or given), migrations, connections. What was opened is closed again when a later step fails.
import type { Configuration } from "./configuration.ts";
import type { Clock } from "./clock.ts";
import { openDataFolder, type DataFolder, type DataFolderPurpose } from "./data-folder.ts";
import { openDatabase, type Database } from "./database/database.ts";
import { migrate } from "./database/migrate.ts";
import { embeddedSource, urlSource, type DatabaseSource } from "./database/source.ts";
import type { Log } from "./log.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { startEmbeddedPostgres, type EmbeddedPostgres } from "./postgres/embedded-postgres.ts";

export interface Platform {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly dataFolder: DataFolder;
  readonly database: Database;
  readonly databaseSource: DatabaseSource;
  /** Null when DATABASE_URL names another. */
  readonly embedded: EmbeddedPostgres | null;
  /** Closes all of it; to be called when nothing uses it any more. */
  close(): Promise<void>;
}

/** Opens the platform; `searchPath` is where to look for PostgreSQL, as PATH is written. Throws `PlatformError` with a message for the operator. */
export async function openPlatform(
  configuration: Configuration,
  given: { clock: Clock; log: Log; purpose: DataFolderPurpose; searchPath?: string },
): Promise<Platform> {
  const { clock, log } = given;
  const metrics = createMetrics();
  const undo: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  };
  try {
    const dataFolder = await openDataFolder(configuration.dataFolder, given.purpose);
    undo.push(() => dataFolder.release());
    let embedded: EmbeddedPostgres | null = null;
    let databaseSource: DatabaseSource;
    if (configuration.databaseUrl === null) {
      const server = await startEmbeddedPostgres({
        dataFolder: dataFolder.part("postgres"),
        log,
        searchPath: given.searchPath,
      });
      undo.push(() => server.stop());
      embedded = server;
      databaseSource = await embeddedSource(server);
    } else {
      databaseSource = urlSource(configuration.databaseUrl);
    }
    await migrate(databaseSource, { log });
    const database = openDatabase(databaseSource, {
      log,
      maximumConnections: configuration.databaseConnections,
    });
    undo.push(() => database.close());
    metrics.gaugeFrom("sworn_database_connections", "Open connections to the database.", () => {
      return database.connections().total;
    });
    metrics.gaugeFrom("sworn_database_waiting", "Transactions that wait for a connection.", () => {
      return database.connections().waiting;
    });
    return { clock, log, metrics, dataFolder, database, databaseSource, embedded, close };
  } catch (cause) {
    await close();
    throw cause;
  }
}
