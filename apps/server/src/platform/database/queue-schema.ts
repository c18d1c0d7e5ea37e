// The job queue's own schema, `graphile_worker`, owned by role sworn_jobs and kept current by its library.
import { Logger, runMigrations } from "graphile-worker";
import type { Log } from "../log.ts";
import { openPool, type DatabaseSource } from "./source.ts";

export const queueRole = "sworn_jobs";

/** The library's messages in our log. Its messages name tasks and counts, never payloads. */
export function queueLogger(log: Log): Logger {
  return new Logger(() => (level, message) => {
    if (level === "error") log.error(message);
    else if (level === "warning") log.warn(message);
    else log.debug(message);
  });
}

/** Installs or updates the queue's schema. */
export async function installQueue(source: DatabaseSource, log: Log): Promise<void> {
  const pool = openPool(source, queueRole, {
    maximumConnections: 2,
    onError: (cause) => {
      log.error("the connection of the job queue's migrations broke", { cause });
    },
  });
  try {
    await runMigrations({ pgPool: pool, logger: queueLogger(log) });
  } finally {
    await pool.end();
  }
}
