// Where the database is and as whom to connect. Two ways in: the administrator (roles, migrations) at start,
// and the server, whose connections begin in a role that may do nothing until a transaction takes one.
import { Client, Pool, types, type ClientConfig, type PoolConfig } from "pg";
import { PlatformError } from "../platform-error.ts";
import type { EmbeddedPostgres, PostgresConnection } from "../postgres/embedded-postgres.ts";

export interface DatabaseSource {
  readonly administrator: ClientConfig;
  readonly server: ClientConfig;
}

export const serverRole = "sworn_server";

/** The source of a database inside an embedded server. */
export function socketSource(administrator: PostgresConnection, database: string): DatabaseSource {
  const { host, port, user } = administrator;
  return {
    administrator: { host, port, user, database },
    server: { host, port, user: serverRole, database },
  };
}

/** Makes the database `name` in an embedded server when it is missing, and returns its source. */
export async function embeddedSource(embedded: EmbeddedPostgres, name = "sworn"): Promise<DatabaseSource> {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new PlatformError("invalid-use", `not a database name: ${name}`);
  const client = new Client(embedded.administrator);
  await client.connect();
  try {
    const known = await client.query("select from pg_database where datname = $1", [name]);
    if (known.rowCount === 0) await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
  return socketSource(embedded.administrator, name);
}

/** The source that `DATABASE_URL` names. Its user must be able to make roles, or find them made. */
export function urlSource(url: string): DatabaseSource {
  let protocol: string;
  try {
    protocol = new URL(url).protocol;
  } catch (cause) {
    throw new PlatformError("configuration-invalid", "DATABASE_URL is not an address.", cause);
  }
  if (protocol !== "postgres:" && protocol !== "postgresql:") {
    throw new PlatformError(
      "configuration-invalid",
      "DATABASE_URL must begin with postgres:// or postgresql://.",
    );
  }
  return { administrator: { connectionString: url }, server: { connectionString: url } };
}

type TypeId = Parameters<typeof types.getTypeParser>[0];

// int8 is what sizes and sequence numbers are; all of ours stay below 2^53, and one that does not is a fault.
const typeParsers = {
  getTypeParser(type: TypeId, format?: "text" | "binary"): (value: string) => unknown {
    if (type === types.builtins.INT8 && format !== "binary") {
      return (text) => {
        const value = Number(text);
        if (!Number.isSafeInteger(value)) throw new PlatformError("invalid-use", "an int8 is beyond 2^53");
        return value;
      };
    }
    return types.getTypeParser(type, format) as (value: string) => unknown;
  },
};

/** A pool whose sessions start as `role`, with schema sworn first. Its errors go to `onError`, never uncaught. */
export function openPool(
  source: DatabaseSource,
  role: string,
  options: { maximumConnections: number; onError: (cause: Error) => void },
): Pool {
  const settings: PoolConfig = {
    ...source.server,
    options: `-c role=${role} -c search_path=sworn,pg_temp -c timezone=UTC`,
    application_name: role,
    max: options.maximumConnections,
    connectionTimeoutMillis: 10_000,
    types: typeParsers,
  };
  const pool = new Pool(settings);
  pool.on("error", options.onError);
  pool.on("connect", (client) => client.on("error", options.onError));
  return pool;
}
