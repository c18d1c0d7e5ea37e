// Forward-only migrations. Each numbered file runs once, in order, in one transaction that also records its
// SHA-256; a recorded file that changed or vanished, or a new one numbered before an applied one, stops the start.
import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installQueue } from "./queue-schema.ts";
import { Client } from "pg";
import type { Log } from "../log.ts";
import { PlatformError } from "../platform-error.ts";
import { ensureRoles } from "./roles.ts";
import { serverRole, type DatabaseSource } from "./source.ts";

const migrationsFolder = fileURLToPath(new URL("../../../migrations", import.meta.url));

// Any number, the same in every Sworn process: one start at a time changes the schema of one database.
const migrationLock = 7_768_114_001;

export interface MigrationFile {
  readonly number: number;
  readonly name: string;
  readonly sha256: string;
  readonly sql: string;
}

/** Reads the files of a folder in order. Throws `migration-failed` for a name that has no place in the order. */
export async function readMigrations(folder: string = migrationsFolder): Promise<MigrationFile[]> {
  const files: MigrationFile[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const number = /^(\d{4})_[a-z0-9-]+\.sql$/.exec(name)?.[1];
    if (number === undefined || files.at(-1)?.number === Number(number)) {
      throw new PlatformError(
        "migration-failed",
        `${join(folder, name)} is not a migration: each is NNNN_words.sql with a number of its own.`,
      );
    }
    const bytes = await readFile(join(folder, name));
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    files.push({ number: Number(number), name, sha256, sql: bytes.toString("utf8") });
  }
  return files;
}

interface AppliedRow {
  number: number;
  name: string;
  sha256: string;
}

async function readApplied(client: Client): Promise<AppliedRow[]> {
  await client.query(`
    create schema if not exists sworn_meta;
    create table if not exists sworn_meta.migration (
      number int primary key, name text not null, sha256 text not null, applied_at timestamptz not null default now()
    )`);
  const applied = await client.query<AppliedRow>(
    "select number, name, sha256 from sworn_meta.migration order by number",
  );
  return applied.rows;
}

function checkApplied(applied: AppliedRow[], files: MigrationFile[]): MigrationFile[] {
  for (const row of applied) {
    const file = files.find((candidate) => candidate.number === row.number);
    if (file === undefined) {
      throw new PlatformError(
        "migration-missing",
        `This database has migration ${row.name}, which this version of Sworn does not know. ` +
          "Start a version at least as new as the one that was used before.",
      );
    }
    if (file.sha256 !== row.sha256) {
      throw new PlatformError(
        "migration-changed",
        `Migration ${file.name} has changed since it was applied. Put the original back; a change is a new file.`,
      );
    }
  }
  const last = applied.at(-1)?.number ?? 0;
  const pending = files.filter((file) => !applied.some((row) => row.number === file.number));
  const early = pending.find((file) => file.number < last);
  if (early === undefined) return pending;
  throw new PlatformError(
    "migration-failed",
    `Migration ${early.name} is numbered before ${last.toString()}, which is applied already. Give it a later number.`,
  );
}

async function apply(client: Client, file: MigrationFile): Promise<void> {
  await client.query("begin");
  try {
    await client.query("set local role sworn_owner");
    await client.query(file.sql);
    await client.query("reset role");
    await client.query("insert into sworn_meta.migration (number, name, sha256) values ($1, $2, $3)", [
      file.number,
      file.name,
      file.sha256,
    ]);
    await client.query("commit");
  } catch (cause) {
    await client.query("rollback").catch(() => undefined);
    throw new PlatformError(
      "migration-failed",
      `Migration ${file.name} failed; nothing of it was kept.`,
      cause,
    );
  }
}

/** Throws `migration-failed` unless the database has exactly this version's migrations; changes nothing. */
export async function requireMigrated(source: DatabaseSource): Promise<void> {
  const files = await readMigrations();
  const client = new Client(source.administrator);
  client.on("error", () => undefined);
  try {
    await client.connect();
    const found = await client.query<AppliedRow>(
      "select number, name, sha256 from sworn_meta.migration order by number",
    );
    const pending = checkApplied(found.rows, files);
    if (pending.length === 0) return;
    const names = pending.map(({ name }) => name).join(", ");
    throw new PlatformError(
      "migration-failed",
      `The database is an older version's: ${names} not applied. Check it with that version, or start this one once.`,
    );
  } catch (cause) {
    if (cause instanceof PlatformError) throw cause;
    throw new PlatformError(
      "database-unreachable",
      "The database cannot be read. Check that it runs and is Sworn's.",
      cause,
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Brings a database to the present schema: roles, job queue, migrations. Returns the names of those applied. */
export async function migrate(
  source: DatabaseSource,
  options: { log: Log; folder?: string },
): Promise<readonly string[]> {
  const files = await readMigrations(options.folder);
  const client = new Client(source.administrator);
  client.on("error", (cause) => {
    options.log.error("the connection of the migrations broke", { cause });
  });
  try {
    await client.connect();
  } catch (cause) {
    throw new PlatformError(
      "database-unreachable",
      "The database cannot be reached. Check that it runs, and DATABASE_URL if you set it.",
      cause,
    );
  }
  try {
    await client.query("select pg_advisory_lock($1)", [migrationLock]);
    await ensureRoles(client, { serverLogsIn: source.server.user === serverRole });
    await installQueue(source, options.log);
    const pending = checkApplied(await readApplied(client), files);
    for (const file of pending) {
      await apply(client, file);
      options.log.info("migration applied", { name: file.name });
    }
    return pending.map((file) => file.name);
  } catch (cause) {
    if (cause instanceof PlatformError) throw cause;
    const isRights = cause instanceof Error && "code" in cause && cause.code === "42501";
    const hint = isRights ? " Its user may not make Sworn's roles: see docs/reference/configuration.md." : "";
    throw new PlatformError("migration-failed", `The database could not be prepared.${hint}`, cause);
  } finally {
    await client.end();
  }
}
