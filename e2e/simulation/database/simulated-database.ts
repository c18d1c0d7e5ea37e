// A database of its own for each seed, in the PostgreSQL that tests share, copied from a migrated template. The database
// is the one part that is not simulated: it is real, with fsync as in production, and its machine never loses power here.
import { startTestDatabase } from "../../../apps/server/test/platform/test-database.ts";
import type { DatabaseSource } from "../../../apps/server/src/platform/database/source.ts";
import type { SimulatedTime } from "../machine/simulated-time.ts";
import { type DatabaseLine, openSocket } from "./faulty-socket.ts";

export interface SimulatedDatabase {
  /** The server's way in, over connections that fail as `line` says. */
  sourceOver(line: DatabaseLine): DatabaseSource;
  /** Runs SQL as the superuser. */
  ask(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** Waits until no session but ours is left: a dead server's locks are gone. */
  settled(): Promise<void>;
  drop(): Promise<void>;
}

/** In real time: to be called while nothing is simulated, as `drop`. */
export async function createDatabase(time: SimulatedTime): Promise<SimulatedDatabase> {
  const made = await startTestDatabase();
  const { source } = made;
  const ask: SimulatedDatabase["ask"] = (text, values) =>
    time.whilePending(made.asAdministrator(text, values));
  // Its machine never loses power here, so waiting for its disk would prove nothing.
  await ask(
    "do $$ begin execute format('alter database %I set synchronous_commit to off', current_database()); end $$",
  );
  return {
    ask,
    sourceOver: (line) => ({ ...source, server: { ...source.server, stream: openSocket(line) } }),
    async settled() {
      for (let tries = 0; tries < 2_000; tries += 1) {
        const [row] = await ask(
          `select count(*)::int as sessions from pg_stat_activity
           where datname = current_database() and pid <> pg_backend_pid()`,
        );
        if (row?.["sessions"] === 0) return;
      }
    },
    drop: () => made.stop(),
  };
}
