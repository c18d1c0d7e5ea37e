// A migrated PostgreSQL database of its own for each test file, within a fraction of a second.
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { openDatabase, type Database } from "../../src/platform/database/database.ts";
import { migrate, readMigrations } from "../../src/platform/database/migrate.ts";
import { socketSource, type DatabaseSource } from "../../src/platform/database/source.ts";
import { silentLog } from "../../src/platform/log.ts";
import type { PostgresConnection } from "../../src/platform/postgres/embedded-postgres.ts";
import { keeperAddress } from "./test-postgres-keeper.ts";

export interface TestDatabase {
  readonly database: Database;
  readonly source: DatabaseSource;
  /** Runs SQL as the superuser, whom row-level security does not bind. */
  asAdministrator(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

interface Held {
  readonly socket: Socket;
  readonly administrator: PostgresConnection;
}

async function tryToHold(): Promise<Held | null> {
  const socket = connect({ path: keeperAddress });
  const lines = createInterface({ input: socket });
  lines.on("error", () => undefined);
  return new Promise((resolve) => {
    socket.once("error", () => {
      resolve(null);
    });
    socket.once("close", () => {
      resolve(null);
    });
    lines.once("line", (line) => {
      resolve({ socket, administrator: JSON.parse(line) as PostgresConnection });
    });
  });
}

/** A hold on the shared server, which stays up until `socket` is closed (a process that ends lets go too). */
async function holdTestPostgres(): Promise<Held> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const held = await tryToHold();
    if (held !== null) {
      held.socket.unref();
      return held;
    }
    if (attempt % 20 === 0) {
      const keeper = fileURLToPath(new URL("test-postgres-keeper.ts", import.meta.url));
      const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", keeper, "keep"], {
        detached: true,
        stdio: "ignore",
        env: { PATH: process.env["PATH"] ?? "", TMPDIR: process.env["TMPDIR"] ?? "/tmp" },
      });
      child.unref();
    }
    await wait(100);
  }
  throw new Error("the shared test database server did not start");
}

async function ensureTemplate(client: Client, administrator: PostgresConnection): Promise<string> {
  const files = await readMigrations();
  const digest = createHash("sha256");
  for (const file of files) digest.update(`${file.name}:${file.sha256}\n`);
  const name = `sworn_template_${digest.digest("hex").slice(0, 16)}`;
  await client.query("select pg_advisory_lock(1)");
  try {
    const known = await client.query("select from pg_database where datname = $1", [name]);
    if (known.rowCount !== 0) return name;
    await client.query(`drop database if exists ${name}_part`);
    await client.query(`create database ${name}_part`);
    await migrate(socketSource(administrator, `${name}_part`), { log: silentLog });
    await client.query(`alter database ${name}_part rename to ${name}`);
    return name;
  } finally {
    await client.query("select pg_advisory_unlock(1)");
  }
}

/** Makes a database; with `migrated: false` an empty one. */
export async function startTestDatabase(options: { migrated?: boolean } = {}): Promise<TestDatabase> {
  const { administrator, socket } = await holdTestPostgres();
  const owner = new Client(administrator);
  await owner.connect();
  const name = `test_${randomBytes(6).toString("hex")}`;
  const template = options.migrated === false ? "template1" : await ensureTemplate(owner, administrator);
  await owner.query(`create database ${name} template ${template}`);
  const source = socketSource(administrator, name);
  const database = openDatabase(source, { log: silentLog });
  const client = new Client(source.administrator);
  await client.connect();
  return {
    database,
    source,
    asAdministrator: async (text, values) => (await client.query<Record<string, unknown>>(text, values)).rows,
    async stop() {
      await database.close();
      await client.end();
      await owner.query(`drop database ${name} with (force)`);
      await owner.end();
      socket.destroy();
    },
  };
}
