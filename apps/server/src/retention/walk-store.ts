// SQL that walks recordings towards their end: by class and end, a page at a time, along one index, so that a run over
// many is linear and in bounded memory. What it gives is a selection only; the judgement is made again under the locks.
import type { RecordingId } from "@sworn/contract";
import { sql } from "kysely";
import type { ForceTransaction } from "../platform/database/database.ts";
import { holdsCatching } from "./holds-store.ts";
import { columnsOfR, type Recording } from "./store.ts";

export interface WalkPlace {
  readonly endedAt: Date;
  readonly id: RecordingId;
}

/** Where the next page begins; undefined when this was the last. */
export function placeAfter(page: readonly Recording[], limit: number): WalkPlace | undefined {
  const last = page.at(-1);
  const endedAt = last?.recorded_end_at ?? null;
  return last === undefined || page.length < limit || endedAt === null ? undefined : { endedAt, id: last.id };
}

export interface Walk {
  /** Null: what is not classified. */
  readonly class: string | null;
  readonly receivedFrom: Date;
  readonly receivedUntil: Date;
  /** Recordings that ended by then … */
  readonly endedBy: Date;
  /** … and arrived by then. */
  readonly receivedBy: Date;
  /** Of the unclassified: warned by then; or not warned at all; or either way. */
  readonly warned: Date | "never" | "either";
}

/** The next page: collected, with a certain clock, ordered by end and id. */
export async function walkRecordings(
  tx: ForceTransaction,
  walk: Walk,
  limit: number,
  after?: WalkPlace,
): Promise<Recording[]> {
  const ofClass = walk.class === null ? sql`r.class is null` : sql`r.class = ${walk.class}`;
  const warned =
    walk.class !== null || walk.warned === "either"
      ? sql`true`
      : walk.warned === "never"
        ? sql`r.warned_at is null`
        : sql`r.warned_at <= ${walk.warned}`;
  const behind =
    after === undefined ? sql`true` : sql`(r.recorded_end_at, r.id) > (${after.endedAt}, ${after.id}::uuid)`;
  const { rows } = await sql<Recording>`
    select ${columnsOfR} from sworn.recording r
    where r.state = 'collected' and ${ofClass} and r.recorded_end_at <= ${walk.endedBy}
      and r.received_at >= ${walk.receivedFrom} and r.received_at < ${walk.receivedUntil}
      and r.received_at <= ${walk.receivedBy}
      and r.clock in ('dock', 'bounded', 'stated', 'decided')
      and (r.clock <> 'bounded' or r.received_at <= ${walk.endedBy}) and ${warned} and ${behind}
    order by r.recorded_end_at, r.id limit ${limit}`.execute(tx);
  return rows;
}

/** The same page, and those of it that no hold catches. */
export async function walkFree(
  tx: ForceTransaction,
  walk: Walk,
  limit: number,
  after?: WalkPlace,
): Promise<{ page: Recording[]; free: RecordingId[] }> {
  const page = await walkRecordings(tx, walk, limit, after);
  const ids = page.map(({ id }) => id);
  const held = await holdsCatching(tx, ids);
  return { page, free: ids.filter((id) => !held.has(id)) };
}

/** Marks as warned those that are still collected, unclassified and unwarned; gives their ids. */
export async function markWarned(
  tx: ForceTransaction,
  ids: readonly RecordingId[],
  at: Date,
): Promise<RecordingId[]> {
  const rows = await tx
    .updateTable("recording")
    .set({ warned_at: at })
    .where("id", "in", [...ids])
    .where("state", "=", "collected")
    .where("class", "is", null)
    .where("warned_at", "is", null)
    .returning("id")
    .execute();
  return rows.map((row) => row.id);
}

/** Unclassified and warned, oldest warning first. */
export async function listWarned(
  tx: ForceTransaction,
  limit: number,
  after?: RecordingId,
): Promise<Recording[]> {
  const behind =
    after === undefined
      ? sql`true`
      : sql`(r.warned_at, r.id) > (select f.warned_at, f.id from sworn.recording f where f.id = ${after}::uuid)`;
  const { rows } = await sql<Recording>`
    select ${columnsOfR} from sworn.recording r
    where r.state = 'collected' and r.class is null and r.warned_at is not null and ${behind}
    order by r.warned_at, r.id limit ${limit}`.execute(tx);
  return rows;
}

/** What waits for a person because its time is not certain: how many, and the first by arrival. */
export async function listUncertain(
  tx: ForceTransaction,
  limit: number,
): Promise<{ count: number; recordings: Recording[] }> {
  const uncertain = sql`r.state = 'collected'
    and (r.clock is null or r.recorded_end_at is null or r.clock = 'unbounded')`;
  const counted = await sql<{
    n: number;
  }>`select count(*)::int as n from sworn.recording r where ${uncertain}`.execute(tx);
  const { rows } = await sql<Recording>`
    select ${columnsOfR} from sworn.recording r where ${uncertain} order by r.received_at, r.id limit ${limit}`.execute(
    tx,
  );
  return { count: counted.rows[0]?.n ?? 0, recordings: rows };
}

/** Recordings of classes that the force does not have: no clock runs for them. */
export async function listUnknownClass(
  tx: ForceTransaction,
  limit: number,
): Promise<{ count: number; recordings: Recording[] }> {
  // One step of the index for each class that occurs, however many recordings it has.
  const occurring = sql`with recursive occurs as (
      (select r.class from sworn.recording r where r.state = 'collected' and r.class is not null order by r.class limit 1)
      union all
      select (select r.class from sworn.recording r where r.state = 'collected' and r.class > o.class
        order by r.class limit 1) from occurs o where o.class is not null)
    , stray as (select o.class from occurs o where o.class is not null
        and not exists (select from sworn.retention_class c where c.class = o.class))`;
  const counted = await sql<{ n: number }>`${occurring} select count(*)::int as n
    from sworn.recording r join stray s on s.class = r.class where r.state = 'collected'`.execute(tx);
  const { rows } = await sql<Recording>`${occurring} select ${columnsOfR}
    from sworn.recording r join stray s on s.class = r.class
    where r.state = 'collected' order by r.received_at, r.id limit ${limit}`.execute(tx);
  return { count: counted.rows[0]?.n ?? 0, recordings: rows };
}

export async function countUnfinished(tx: ForceTransaction): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from sworn.recording where state = 'destroy-ordered'`.execute(tx);
  return rows[0]?.n ?? 0;
}
