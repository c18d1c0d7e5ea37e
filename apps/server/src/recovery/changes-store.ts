// SQL of the change log's writing side: what was noted, what is given away, and all rows of a force for a base.
import type { ForceId, RecordingId } from "@sworn/contract";
import { sql } from "kysely";
import { withForce, type Database, type ForceTransaction } from "../platform/database/database.ts";
import type { ChangeRow, UnpublishedEntry } from "./change-frame.ts";

export interface ChangeHead {
  readonly epoch: number;
  readonly frame: number;
}

export async function readHead(tx: ForceTransaction): Promise<ChangeHead | null> {
  const { rows } = await sql<ChangeHead>`select epoch, frame from sworn.change_head`.execute(tx);
  return rows[0] ?? null;
}

export async function putHead(tx: ForceTransaction, forceId: ForceId, head: ChangeHead): Promise<void> {
  await sql`insert into sworn.change_head (force_id, epoch, frame) values (${forceId}, ${head.epoch}, ${head.frame})
    on conflict (force_id) do update set epoch = excluded.epoch, frame = excluded.frame`.execute(tx);
}

export interface Noted {
  readonly changes: ChangeRow[];
  readonly entries: UnpublishedEntry[];
}

interface NotedRow {
  readonly id: number;
  readonly tab: string | null;
  readonly op: "put" | "drop";
  readonly image: string;
  readonly leaf: Uint8Array;
  readonly key: string;
  readonly sealed: Uint8Array;
}

/** In one view of the database: changes not given away, and entries not published, so that no act comes without its own. */
export async function readNoted(tx: ForceTransaction): Promise<Noted> {
  const { rows } = await sql<NotedRow>`
    select id, tab, op, image, null::bytea as leaf, null as key, null::bytea as sealed from sworn.change
    union all
    select e.id, null, null, null, e.leaf, e.opening_key, e.sealed_opening from sworn.ledger_entry e
    where exists (select from sworn.change)
      and (e.index is null or e.index >= coalesce((select h.size from sworn.ledger_head h), 0))
    order by id`.execute(tx);
  const changes: ChangeRow[] = [];
  const entries: UnpublishedEntry[] = [];
  for (const { id, tab, op, image, leaf, key, sealed } of rows) {
    if (tab === null) entries.push([id, leaf, key, sealed]);
    else changes.push([id, tab, op, image]);
  }
  return { changes, entries };
}

/** Whether each of these is noted and not given away. */
export async function holdsAll(tx: ForceTransaction, ids: readonly number[]): Promise<boolean> {
  if (ids.length === 0) return true;
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from sworn.change where id = any(${[...ids]}::bigint[])`.execute(tx);
  return rows[0]?.count === new Set(ids).size;
}

export async function dropNoted(tx: ForceTransaction, ids: readonly number[]): Promise<void> {
  if (ids.length > 0) await sql`delete from sworn.change where id = any(${[...ids]}::bigint[])`.execute(tx);
}

export async function listNotedIds(tx: ForceTransaction): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`select id from sworn.change order by id`.execute(tx);
  return rows.map(({ id }) => id);
}

/** Tables whose rows are kept, each behind those that it refers to. */
async function listKept(tx: ForceTransaction): Promise<string[]> {
  const { rows } = await sql<{ name: string; needs: string[] }>`
    select c.relname as name, coalesce(array_agg(distinct p.relname::text) filter (where p.relname is not null), '{}') as needs
    from pg_class c join pg_trigger t on t.tgrelid = c.oid and t.tgname = 'keep_insert'
    left join pg_constraint k on k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid
    left join pg_class p on p.oid = k.confrelid
    where c.relnamespace = 'sworn'::regnamespace group by c.relname order by c.relname`.execute(tx);
  return inOrder(new Map(rows.map(({ name, needs }) => [name, needs])));
}

/** Each name behind those that it needs; what needs itself in a ring comes as it is listed. */
export function inOrder(needs: ReadonlyMap<string, readonly string[]>): string[] {
  const placed = new Set<string>();
  const place = (name: string, above: ReadonlySet<string>): void => {
    if (placed.has(name) || above.has(name)) return;
    const under = new Set(above).add(name);
    for (const other of needs.get(name) ?? []) if (needs.has(other)) place(other, under);
    placed.add(name);
  };
  for (const name of needs.keys()) place(name, new Set());
  return [...placed];
}

const pageRows = 500;

/** The columns that are left out of a recording's image, as the noting trigger leaves them out. */
const imageOf = (table: string) =>
  table === "recording"
    ? sql`((to_jsonb(r) || jsonb_build_object('manifest', null, 'receipt', null, 'destruction_certificate', null,
        'manifest_hash', encode(sha256(r.manifest), 'hex'), 'receipt_hash', encode(sha256(r.receipt), 'hex'),
        'certificate_hash', encode(sha256(r.destruction_certificate), 'hex')))
        || case when r.manifest is null then '{}' else '{"parts":null}'::jsonb end)::text`
    : sql`row_to_json(r)::text`;

/** Every kept row of the force, a page at a time, in an order in which they can be written again. */
export async function* readAllRows(tx: ForceTransaction): AsyncGenerator<ChangeRow[], void, undefined> {
  for (const table of await listKept(tx)) {
    const name = sql.id("sworn", table);
    await sql`declare all_rows no scroll cursor for select ${imageOf(table)} as image from ${name} r`.execute(
      tx,
    );
    for (;;) {
      const { rows } = await sql<{ image: string }>`fetch forward ${sql.lit(pageRows)} from all_rows`.execute(
        tx,
      );
      if (rows.length === 0) break;
      yield rows.map(({ image }): ChangeRow => [0, table, "put", image]);
    }
    await sql`close all_rows`.execute(tx);
  }
}

/** One view of a force's rows for as long as `work` takes. */
export function inOneView<T>(
  database: Database,
  forceId: ForceId,
  work: (tx: ForceTransaction) => Promise<T>,
): Promise<T> {
  return withForce(database, { forceId, personId: null }, work, { isolation: "repeatable read" });
}

/** Recordings that should have a poster and have none. */
export async function listWithoutPoster(tx: ForceTransaction): Promise<RecordingId[]> {
  const { rows } = await sql<{ id: RecordingId }>`
    select r.id from sworn.recording r where r.state = 'collected'
      and not exists (select from sworn.derivative d where d.force_id = r.force_id and d.recording_id = r.id)
    order by r.id`.execute(tx);
  return rows.map(({ id }) => id);
}
