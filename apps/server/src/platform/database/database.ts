// The only ways to the rows. `withForce` runs a transaction that sees one force's rows and nothing else, because
// the database refuses the rest; `withPlatform` runs the machinery's, which has single grants. There is no third:
// the pool is private to this module, and its sessions have no rights outside these transactions.
import { isId, type ForceId, type PersonId } from "@sworn/contract";
import { Kysely, PostgresDialect, PostgresDriver, sql, type Transaction } from "kysely";
import type { Log } from "../log.ts";
import { PlatformError } from "../platform-error.ts";
import type { DatabaseSchema } from "./schema.ts";
import { openPool, serverRole, type DatabaseSource } from "./source.ts";

declare const scope: unique symbol;

/** A transaction that sees one force. */
export type ForceTransaction = Transaction<DatabaseSchema> & { readonly [scope]?: "force" };
/** A transaction of the machinery, which sees what sworn_platform was granted. */
export type PlatformTransaction = Transaction<DatabaseSchema> & { readonly [scope]?: "platform" };

/** Who acts, in which force. `personId` is null where no person does (a camera, a job). */
export interface Actor {
  readonly forceId: ForceId;
  readonly personId: PersonId | null;
}

export interface TransactionOptions {
  /** Read committed unless given. */
  isolation?: "read committed" | "repeatable read" | "serializable";
}

/** A handle on the database that by itself can only be closed. */
export interface Database {
  /** Waits for running transactions, then closes the connections. */
  close(): Promise<void>;
  /** Connections in use, idle and waited for. */
  connections(): { total: number; idle: number; waiting: number };
}

/** Leaves the beginning to `transact`, which sends it with the actor in one message. */
class LateBeginning extends PostgresDriver {
  override beginTransaction(): Promise<void> {
    return Promise.resolve();
  }
}

const inside = new WeakMap<Database, Kysely<DatabaseSchema>>();
const forces = new WeakMap<ForceTransaction, ForceId>();

/** The force whose transaction this is; undefined for one that `withForce` did not begin. */
export function forceOfTransaction(tx: ForceTransaction): ForceId | undefined {
  return forces.get(tx);
}

/** Opens a migrated database. No connection is made before the first transaction. */
export function openDatabase(
  source: DatabaseSource,
  options: { log: Log; maximumConnections?: number },
): Database {
  let closing: Promise<void> | undefined;
  const pool = openPool(source, serverRole, {
    maximumConnections: options.maximumConnections ?? 20,
    onError: (cause) => {
      // While it is being closed, the server may end a connection before we do.
      if (closing === undefined) options.log.error("an idle database connection broke", { cause });
    },
  });
  const dialect = new PostgresDialect({ pool });
  const kysely = new Kysely<DatabaseSchema>({
    dialect: {
      createDriver: () => new LateBeginning({ pool }),
      createAdapter: () => dialect.createAdapter(),
      createIntrospector: (db) => dialect.createIntrospector(db),
      createQueryCompiler: () => dialect.createQueryCompiler(),
    },
  });
  const database: Database = {
    close: () => (closing ??= kysely.destroy()),
    connections: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
  };
  inside.set(database, kysely);
  return database;
}

async function transact<T>(
  database: Database,
  settings: { role: string; forceId: string; personId: string },
  work: (tx: Transaction<DatabaseSchema>) => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  const kysely = inside.get(database);
  if (kysely === undefined) throw new PlatformError("database-unreachable", "this is not an open database");
  return kysely.transaction().execute(async (tx) => {
    // Local to the transaction: a connection that goes back to the pool carries nothing over. Without parameters, so that
    // both go in one message; what stands in it are our own words and ids that were checked.
    await sql`start transaction isolation level ${sql.raw(options.isolation ?? "read committed")};
      select set_config('role', ${sql.lit(settings.role)}, true),
        set_config('sworn.force_id', ${sql.lit(settings.forceId)}, true),
        set_config('sworn.person_id', ${sql.lit(settings.personId)}, true)`.execute(tx);
    return work(tx);
  });
}

/**
 * Runs `work` in one transaction as a force's: committed when it returns, rolled back when it throws.
 * Throws `invalid-actor` for an actor that is not one, and whatever `work` or the database throws.
 */
export async function withForce<T>(
  database: Database,
  actor: Actor,
  work: (tx: ForceTransaction) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  if (!isId(actor.forceId) || (actor.personId !== null && !isId(actor.personId))) {
    throw new PlatformError("invalid-actor", "the acting force or person is not an id");
  }
  const settings = { role: "sworn_app", forceId: actor.forceId, personId: actor.personId ?? "" };
  const asForce = (tx: ForceTransaction): Promise<T> => {
    forces.set(tx, actor.forceId);
    return work(tx);
  };
  return transact(database, settings, asForce, options);
}

/** Runs `work` in one transaction of the machinery (jobs, sequencer, authentication), which has no force. */
export async function withPlatform<T>(
  database: Database,
  work: (tx: PlatformTransaction) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  return transact(database, { role: "sworn_platform", forceId: "", personId: "" }, work, options);
}

/** Whether the database answers. */
export async function databaseAnswers(database: Database): Promise<boolean> {
  try {
    await withPlatform(database, (tx) => sql`select 1`.execute(tx));
    return true;
  } catch {
    return false;
  }
}
