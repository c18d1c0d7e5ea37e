// SQL that writes rows again as they were noted. Guarantees: a step is one transaction, whole or not at all; nothing in it
// is noted once more. Row-level security binds the owner of the tables too: a step lifts that for itself, and for no
// longer than its transaction, which no server shares.
import type { ForceId } from "@sworn/contract";
import { Client } from "pg";
import type { DatabaseSource } from "../platform/database/source.ts";
import { PlatformError } from "../platform/platform-error.ts";
import type { ChangeRow } from "./change-frame.ts";
import { inOrder, type ChangeHead } from "./changes-store.ts";
import { RecoveryFault } from "./recovery-fault.ts";

interface Table {
  readonly name: string;
  readonly columns: ReadonlySet<string>;
  readonly key: readonly string[];
  readonly isKept: boolean;
}

/** An entry of the log as it is written again; `index` null where it was not published. */
export interface ReplayedEntry {
  readonly id: number;
  readonly index: number | null;
  readonly leaf: Uint8Array;
  readonly openingKey: string;
  readonly sealed: Uint8Array;
  readonly event: string;
  readonly atMs: number;
  readonly person: string | null;
  readonly device: string | null;
  readonly recording: string | null;
  readonly camera: string | null;
}

/** A row in its image's text, and which others it may share a statement with. */
interface ShapedRow {
  readonly image: string;
  readonly key: string;
  readonly shape: string;
  readonly columns: readonly string[];
}

/** Rows of one statement: of one table, each once. */
interface Group {
  readonly table: Table;
  readonly op: ChangeRow[2];
  readonly rows: ShapedRow[];
  readonly keys: Set<string>;
}

const rowsOfStatement = 200;
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export class ReplayStore {
  readonly #client: Client;
  readonly #tables: ReadonlyMap<string, Table>;

  private constructor(client: Client, tables: ReadonlyMap<string, Table>) {
    this.#client = client;
    this.#tables = tables;
  }

  static async open(source: DatabaseSource): Promise<ReplayStore> {
    const client = new Client(source.administrator);
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.query("set timezone = 'UTC'");
      return new ReplayStore(client, await readTables(client));
    } catch (cause) {
      await client.end().catch(() => undefined);
      throw new PlatformError(
        "database-unreachable",
        "The database cannot be opened to be recovered.",
        cause,
      );
    }
  }

  async close(): Promise<void> {
    await this.#client.end();
  }

  /** One transaction in which the rows of all forces can be written and nothing is noted. */
  async inStep<T>(work: () => Promise<T>): Promise<T> {
    const each = async (what: string): Promise<void> => {
      const all = [...this.#tables.values()].map(({ name }) => `alter table sworn.${quoted(name)} ${what}`);
      await this.#client.query(all.join(";"));
    };
    await this.#client.query("begin");
    try {
      await this.#client.query(
        "set local role sworn_owner; set local lock_timeout = '10s'; set local sworn.replaying = 'yes'",
      );
      await each("no force row level security");
      const result = await work();
      // Foreign keys are checked here, so that nothing waits when the tables are locked again.
      await this.#client.query("set constraints all immediate");
      await each("force row level security");
      await this.#client.query("commit");
      return result;
    } catch (error) {
      await this.#client.query("rollback").catch(() => undefined);
      throw error;
    }
  }

  async readHead(forceId: ForceId): Promise<ChangeHead | null> {
    const found = await this.#client.query<{ epoch: number; frame: string }>(
      "select epoch, frame from sworn.change_head where force_id = $1",
      [forceId],
    );
    const row = found.rows[0];
    return row === undefined ? null : { epoch: row.epoch, frame: Number(row.frame) };
  }

  async putHead(forceId: ForceId, head: ChangeHead): Promise<void> {
    await this.#client.query(
      `insert into sworn.change_head (force_id, epoch, frame) values ($1, $2, $3)
       on conflict (force_id) do update set epoch = excluded.epoch, frame = excluded.frame`,
      [forceId, head.epoch, head.frame],
    );
  }

  /** Removes a force's rows, but for the force itself and its ledger. */
  async wipe(forceId: ForceId): Promise<void> {
    const stays = new Set(["force", "ledger_entry", "ledger_head", "change_head", "job_run", "setup_code"]);
    for (const name of [...this.#tables.keys()].reverse()) {
      if (stays.has(name)) continue;
      await this.#client.query(`delete from sworn.${quoted(name)} where force_id = $1`, [forceId]);
    }
  }

  /** What is begun again after a recovery: its bytes or secrets may be of another day than the rows. */
  async dropUnfinished(forceId: ForceId): Promise<number> {
    const dropped = await this.#client.query(
      "delete from sworn.upload where force_id = $1 and state in ('open', 'verifying')",
      [forceId],
    );
    return dropped.rowCount ?? 0;
  }

  /** What the restored database had noted lies in the log already. Ids that were used there are not used again. */
  async dropNoted(forceId: ForceId, highestId: number): Promise<void> {
    await this.#client.query("delete from sworn.change where force_id = $1", [forceId]);
    await this.#raise("change", highestId);
  }

  /** Writes rows in order. Gives the tables that this version does not have. */
  async write(changes: readonly ChangeRow[]): Promise<string[]> {
    const unknown = new Set<string>();
    let group: Group | null = null;
    for (const [, name, op, image] of changes) {
      const table = this.#tables.get(name);
      if (table === undefined) {
        unknown.add(name);
        continue;
      }
      const row = shaped(table, image);
      if (group !== null && !fits(group, table, op, row)) {
        await this.#writeGroup(group);
        group = null;
      }
      group ??= { table, op, rows: [], keys: new Set() };
      group.rows.push(row);
      group.keys.add(row.key);
    }
    if (group !== null) await this.#writeGroup(group);
    return [...unknown];
  }

  /** How many entries have an index: they are 0 … count-1. */
  async countIndexed(forceId: ForceId): Promise<number> {
    const found = await this.#client.query<{ count: string }>(
      "select coalesce(max(index) + 1, 0) as count from sworn.ledger_entry where force_id = $1",
      [forceId],
    );
    return Number(found.rows[0]?.count ?? 0);
  }

  /** Writes entries that are missing, and gives places to those that lack one. @throws RecoveryFault `ledger-forked` */
  async putEntries(forceId: ForceId, entries: readonly ReplayedEntry[]): Promise<number> {
    let written = 0;
    for (const entry of entries) {
      const values = [
        ...[entry.id, forceId, entry.event, new Date(entry.atMs), entry.person, entry.device],
        ...[entry.recording, entry.camera, entry.leaf, entry.sealed, entry.openingKey, entry.index],
      ];
      const put = await this.#client.query<{ fits: boolean; is_new: boolean }>(
        `with known as (select * from sworn.ledger_entry where id = $1),
         placed as (update sworn.ledger_entry e set index = $12 from known k
           where e.id = k.id and e.index is null and $12::bigint is not null and e.leaf = $9 returning 1),
         made as (insert into sworn.ledger_entry (id, force_id, event, at, person_id, device_id, recording_id, camera_id,
             leaf, sealed_opening, opening_key, index) overriding system value
           select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 where not exists (select from known) returning 1)
         select coalesce((select k.leaf = $9 and k.force_id = $2 and (k.index is null or $12::bigint is null or k.index = $12)
           from known k), true) as fits, exists (select from made) or exists (select from placed) as is_new`,
        values,
      );
      const row = put.rows[0];
      if (row?.fits !== true) throw forked(forceId, entry);
      if (row.is_new) written += 1;
    }
    const highest = entries.reduce((most, { id }) => Math.max(most, id), 0);
    await this.#raise("ledger_entry", highest);
    return written;
  }

  async putLedgerHead(
    forceId: ForceId,
    head: { readonly size: number; readonly root: Uint8Array; readonly nowMs: number },
  ): Promise<void> {
    await this.#client.query(
      `insert into sworn.ledger_head (force_id, size, root, updated_at) values ($1, $2, $3, $4)
       on conflict (force_id) do update set size = excluded.size, root = excluded.root,
         updated_at = excluded.updated_at, fence = sworn.ledger_head.fence + 1
       where sworn.ledger_head.size < excluded.size`,
      [forceId, head.size, head.root, new Date(head.nowMs)],
    );
  }

  async hasForce(forceId: ForceId): Promise<boolean> {
    const found = await this.#client.query("select from sworn.force where id = $1", [forceId]);
    return found.rowCount === 1;
  }

  async #raise(table: "change" | "ledger_entry", to: number): Promise<void> {
    if (to === 0) return;
    await this.#client.query(
      `select setval(s.name, greatest($1::bigint, (select max(id) from sworn.${table}), 1))
       from (select pg_get_serial_sequence('sworn.${table}', 'id') as name) s
       where coalesce(pg_sequence_last_value(s.name::regclass), 0) < $1`,
      [to],
    );
  }

  async #writeGroup({ table, op, rows }: Group): Promise<void> {
    const [first] = rows;
    if (first === undefined) return;
    const name = `sworn.${quoted(table.name)}`;
    const images = `[${rows.map(({ image }) => image).join(",")}]`;
    const source = `jsonb_populate_recordset(null::${name}, $1::jsonb) r`;
    if (op === "drop") {
      const same = table.key.map((column) => `t.${quoted(column)} = r.${quoted(column)}`).join(" and ");
      await this.#client.query(`delete from ${name} t using ${source} where ${same}`, [images]);
      return;
    }
    const columns = first.columns.map(quoted);
    const rest = first.columns.filter((column) => !table.key.includes(column)).map(quoted);
    const settle =
      rest.length === 0
        ? "do nothing"
        : `do update set ${rest.map((column) => `${column} = excluded.${column}`).join(", ")}`;
    await this.#client.query(
      `insert into ${name} (${columns.join(", ")}) overriding system value
       select ${columns.map((column) => `r.${column}`).join(", ")} from ${source}
       on conflict (${table.key.map(quoted).join(", ")}) ${settle}`,
      [images],
    );
  }
}

function fits({ table, op, rows, keys }: Group, of: Table, what: ChangeRow[2], row: ShapedRow): boolean {
  const isSame = table === of && op === what && rows[0]?.shape === row.shape;
  return isSame && rows.length < rowsOfStatement && !keys.has(row.key);
}

function shaped(table: Table, image: string): ShapedRow {
  // Only names and keys are read from it: the text itself goes to the database, so that no number is rounded.
  const parsed = JSON.parse(image) as Record<string, unknown>;
  const columns = Object.keys(parsed).filter((column) => table.columns.has(column));
  const key = JSON.stringify(table.key.map((column) => parsed[column]));
  return { image, key, columns, shape: columns.join(",") };
}

function forked(forceId: ForceId, entry: ReplayedEntry): RecoveryFault {
  const place = entry.index === null ? "not published" : `place ${entry.index.toString()}`;
  return new RecoveryFault(
    "ledger-forked",
    `Entry ${entry.id.toString()} (${place}) of force ${forceId} is another one in the database than in the log. Something ` +
      "wrote to the restored database: restore it once more and recover that.",
  );
}

async function readTables(client: Client): Promise<Map<string, Table>> {
  const found = await client.query<{
    name: string;
    columns: string[];
    key: string[];
    needs: string[];
    is_kept: boolean;
  }>(
    `select c.relname as name,
       (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
       (select array_agg(a.attname::text order by a.attnum) from pg_index i join pg_attribute a
        on a.attrelid = c.oid and a.attnum = any(i.indkey) where i.indrelid = c.oid and i.indisprimary) as key,
       (select coalesce(array_agg(distinct p.relname::text), '{}') from pg_constraint k join pg_class p on p.oid = k.confrelid
        where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid) as needs,
       exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'keep_insert') as is_kept
     from pg_class c where c.relnamespace = 'sworn'::regnamespace and c.relkind = 'r'
       and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'force_id')
     order by c.relname`,
  );
  const byName = new Map(
    found.rows.map(({ name, columns, key, is_kept: isKept }) => [
      name,
      { name, columns: new Set(columns), key, isKept },
    ]),
  );
  const order = inOrder(new Map(found.rows.map(({ name, needs }) => [name, needs])));
  return new Map(
    order.flatMap((name) => {
      const table = byName.get(name);
      return table === undefined ? [] : [[name, table] as const];
    }),
  );
}
