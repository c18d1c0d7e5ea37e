// SQL of a backup: every table of every force as PostgreSQL writes it, in one view of the database, and back into an empty
// one of the same migrations. Reading uses the server's own roles, so it works beside a running server and under any login.
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import { Client } from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import type { DatabaseSource } from "../platform/database/source.ts";
import { BackupFault } from "./backup-fault.ts";
import type { Member } from "./part-file.ts";

interface Table {
  readonly name: string;
  readonly columns: readonly string[];
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const listed = (columns: readonly string[]): string => columns.map(quoted).join(", ");

/** Tables of the forces, each behind those that it refers to. Set-up codes and runs of jobs are not worth a backup. */
async function readTables(client: Client): Promise<Table[]> {
  const found = await client.query<{ name: string; columns: string[]; needs: string[] }>(
    `select c.relname as name,
       (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
       (select coalesce(array_agg(distinct p.relname::text), '{}') from pg_constraint k join pg_class p on p.oid = k.confrelid
        where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid) as needs
     from pg_class c where c.relnamespace = 'sworn'::regnamespace and c.relkind = 'r'
       and c.relname not in ('setup_code', 'job_run', 'job_schedule') order by c.relname`,
  );
  const left = new Map(found.rows.map((row) => [row.name, row]));
  const order: Table[] = [];
  const place = (name: string, above: readonly string[]): void => {
    const row = left.get(name);
    if (row === undefined || above.includes(name)) return;
    for (const other of row.needs) place(other, [...above, name]);
    if (left.delete(name)) order.push({ name, columns: row.columns });
  };
  for (const { name } of found.rows) place(name, []);
  return order;
}

async function connected<T>(source: DatabaseSource, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(source.administrator);
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function migrationsOf(client: Client): Promise<string> {
  const found = await client.query<{ all: string }>(
    "select string_agg(name || ':' || sha256, ',' order by number) as all from sworn_meta.migration",
  );
  return found.rows[0]?.all ?? "";
}

/** All rows, as members of a part. */
export async function dumpInto(
  source: DatabaseSource,
  write: (members: AsyncIterable<Member>) => Promise<void>,
): Promise<void> {
  await connected(source, async (client) => {
    const migrations = await migrationsOf(client);
    await client.query("begin isolation level repeatable read read only");
    await client.query("set local role sworn_platform");
    const forces = await client.query<{ id: string }>("select id from sworn.all_forces()");
    const tables = await readTables(client);
    await write(
      (async function* () {
        yield { name: "migrations", about: { migrations }, chunks: none() };
        for (const { id: force } of forces.rows) {
          await client.query("set local role sworn_app");
          await client.query("select set_config('sworn.force_id', $1, true)", [force]);
          for (const { name, columns } of tables) {
            const chunks = client.query(
              copyTo(`copy (select ${listed(columns)} from sworn.${quoted(name)}) to stdout`),
            );
            yield { name, about: { force, columns: columns.join(",") }, chunks };
          }
        }
      })(),
    );
    await client.query("commit");
  });
}

async function* none(): AsyncGenerator<Uint8Array, void, undefined> {
  // Nothing: the member says all in its header.
}

/** Loads what `read` gives into a migrated database without forces, in one transaction. */
export async function loadFrom(
  source: DatabaseSource,
  read: (take: (member: Member) => Promise<void>) => Promise<void>,
): Promise<void> {
  await connected(source, async (client) => {
    const own = await migrationsOf(client);
    const known = await client.query("select from sworn.force limit 1");
    const counted = await client.query<{ count: number }>(
      "select count(*)::int as count from sworn.all_forces()",
    );
    if (known.rowCount !== 0 || counted.rows[0]?.count !== 0) {
      throw new BackupFault(
        "restore-not-empty",
        "The database has a force already. Restore into an empty database.",
      );
    }
    const tables = await readTables(client);
    const all = async (what: string): Promise<void> => {
      await client.query(tables.map(({ name }) => `alter table sworn.${quoted(name)} ${what}`).join(";"));
    };
    await client.query("begin");
    await client.query("set local role sworn_owner; set local sworn.replaying = 'yes'");
    await all("no force row level security");
    await read(async ({ name, about, chunks }) => {
      if (name === "migrations") {
        if (about["migrations"] === own) return;
        throw new BackupFault(
          "backup-damaged",
          "The backup is of another version's database. Restore it with the version that made it, then update.",
        );
      }
      const table = tables.find((candidate) => candidate.name === name);
      const columns = String(about["columns"]).split(",");
      if (table === undefined || !columns.every((column) => table.columns.includes(column))) {
        throw new BackupFault(
          "backup-damaged",
          `The backup has a table ${name} that this version does not have.`,
        );
      }
      const into = client.query(copyFrom(`copy sworn.${quoted(name)} (${listed(columns)}) from stdin`));
      await pipeline(Readable.from(chunks), into);
    });
    for (const table of ["change", "ledger_entry"]) {
      await client.query(
        `select setval(pg_get_serial_sequence('sworn.${table}', 'id'), greatest((select max(id) from sworn.${table}), 1))`,
      );
    }
    await all("force row level security");
    await client.query("commit");
  });
}

/** Keys that the database knows to be destroyed: they are not to come back with an older ring. */
export async function listDestroyedKeys(source: DatabaseSource): Promise<string[]> {
  return connected(source, async (client) => {
    const forces = await client.query<{ id: string }>("select id from sworn.all_forces()");
    const ids: string[] = [];
    for (const { id } of forces.rows) {
      await client.query("begin");
      await client.query("set local role sworn_app");
      await client.query("select set_config('sworn.force_id', $1, true)", [id]);
      const found = await client.query<{ id: string }>(
        `select 'recording/' || recording_id as id from sworn.destruction where key_destroyed_at is not null
         union select 'journal/' || camera_id || '/' || month from sworn.journal_key where destroyed_at is not null`,
      );
      await client.query("commit");
      ids.push(...found.rows.map((row) => row.id));
    }
    return ids;
  });
}
