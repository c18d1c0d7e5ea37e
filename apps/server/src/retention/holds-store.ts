// SQL of holds: what each says, and which recordings each catches. One definition of "catches", read from either side:
// what is not known of a recording (officer, borough, positions) counts as fitting.
import type { HoldId, PersonId, RecordingId } from "@sworn/contract";
import { sql, type Insertable, type RawBuilder, type Selectable } from "kysely";
import type { ForceTransaction } from "../platform/database/database.ts";
import type { HoldRow } from "../platform/database/tables/retention.ts";

export type HoldRecord = Selectable<HoldRow>;

// Each branch is a conjunction that an index of holds answers; `r` is the recording, `h` the hold.
const ofRecording = sql`h.scope = 'recording' and h.recording_id = r.id`;
const ofIncident = sql`h.scope = 'incident' and h.incident_key = r.incident_key`;
const ofEvent = sql`h.scope = 'event'
  and h.to_at >= coalesce(r.recorded_start_at, r.recorded_end_at)
  and h.from_at <= coalesce(r.recorded_end_at, r.recorded_start_at)
  and h.to_at <= coalesce(r.recorded_end_at, r.recorded_start_at) + interval '8784 hours'
  and (h.borough_id is null or r.borough_id is null or h.borough_id = r.borough_id)
  and (h.south is null or r.south is null
    or (h.south <= r.north and h.north >= r.south and h.west <= r.east and h.east >= r.west))
  and (h.people is null or r.officer_id is null or r.officer_id = any (h.people))`;

/** Standing holds that catch `r`, as a subquery. */
export const holdsOfR: RawBuilder<unknown> = sql`(
  select h.* from sworn.hold h where h.released_at is null and ${ofRecording}
  union all select h.* from sworn.hold h where h.released_at is null and ${ofIncident}
  union all select h.* from sworn.hold h where h.released_at is null and ${ofEvent})`;

/** The standing holds of each of these recordings, oldest first. Recordings without one are not in the map. */
export async function holdsCatching(
  tx: ForceTransaction,
  ids: readonly RecordingId[],
): Promise<Map<RecordingId, HoldRecord[]>> {
  const caught = new Map<RecordingId, HoldRecord[]>();
  if (ids.length === 0) return caught;
  // Events are narrowed to the page's time once: per recording that would be every standing event each time.
  const { rows } = await sql<HoldRecord & { caught_id: RecordingId }>`
    with page as materialized (select r.* from sworn.recording r where r.id = any (${[...ids]}::uuid[])),
    span as (select min(coalesce(recorded_start_at, recorded_end_at)) as low,
      max(coalesce(recorded_end_at, recorded_start_at)) as high from page),
    event as materialized (select h.* from sworn.hold h where h.released_at is null and h.scope = 'event'
      and h.to_at >= (select low from span) and h.from_at <= (select high from span)
      and h.to_at <= (select high from span) + interval '8784 hours')
    select r.id as caught_id, held.* from page r, lateral (
      select h.* from sworn.hold h where h.released_at is null and ${ofRecording}
      union all select h.* from sworn.hold h where h.released_at is null and ${ofIncident}
      union all select h.* from event h where ${ofEvent}) held
    order by held.placed_at, held.id`.execute(tx);
  for (const { caught_id: id, ...hold } of rows) {
    const known = caught.get(id);
    if (known) known.push(hold);
    else caught.set(id, [hold]);
  }
  return caught;
}

const branchOf = { recording: ofRecording, incident: ofIncident, event: ofEvent };

/** How many recordings that exist a hold catches. */
export async function countCaught(
  tx: ForceTransaction,
  hold: Pick<HoldRecord, "id" | "scope">,
): Promise<number> {
  const { rows } = await sql<{ caught: number }>`
    select count(*)::int as caught from sworn.hold h, sworn.recording r
    where h.id = ${hold.id} and r.state in ('expected', 'collected') and ${branchOf[hold.scope]}`.execute(tx);
  return rows[0]?.caught ?? 0;
}

/** Recordings that a hold catches and whose destruction is ordered, locked. */
export async function lockCaughtOrders(
  tx: ForceTransaction,
  hold: Pick<HoldRecord, "id" | "scope">,
): Promise<RecordingId[]> {
  const { rows } = await sql<{ id: RecordingId }>`
    select r.id from sworn.hold h, sworn.recording r
    where h.id = ${hold.id} and r.state = 'destroy-ordered' and ${branchOf[hold.scope]}
    order by r.id for update of r`.execute(tx);
  return rows.map((row) => row.id);
}

/** Recordings in a hold's scope that were destroyed before it came, at most `limit`. */
export async function listDestroyedInScope(
  tx: ForceTransaction,
  hold: Pick<HoldRecord, "id" | "scope">,
  limit: number,
): Promise<RecordingId[]> {
  const { rows } = await sql<{ id: RecordingId }>`
    select r.id from sworn.hold h, sworn.recording r
    where h.id = ${hold.id} and r.state = 'destroyed' and ${branchOf[hold.scope]} order by r.id limit ${limit}`.execute(
    tx,
  );
  return rows.map((row) => row.id);
}

export async function insertHold(tx: ForceTransaction, row: Insertable<HoldRow>): Promise<void> {
  await tx.insertInto("hold").values(row).execute();
}

export async function readHold(tx: ForceTransaction, id: HoldId): Promise<HoldRecord | undefined> {
  return tx.selectFrom("hold").selectAll().where("id", "=", id).executeTakeFirst();
}

export async function lockHold(tx: ForceTransaction, id: HoldId): Promise<HoldRecord | undefined> {
  return tx.selectFrom("hold").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
}

export async function markReleased(
  tx: ForceTransaction,
  id: HoldId,
  release: { by: PersonId; at: Date; reason: string },
): Promise<void> {
  await tx
    .updateTable("hold")
    .set({ released_by: release.by, released_at: release.at, release_reason: release.reason })
    .where("id", "=", id)
    .where("released_at", "is", null)
    .execute();
}

export interface HoldFilter {
  readonly standing: boolean;
  /** Only those whose review date is before this. */
  readonly reviewBefore?: Date;
  readonly after?: HoldId;
}

/** Newest first; `after` continues behind that hold. */
export async function listHolds(
  tx: ForceTransaction,
  filter: HoldFilter,
  limit: number,
): Promise<HoldRecord[]> {
  let query = tx
    .selectFrom("hold")
    .selectAll()
    .where("released_at", filter.standing ? "is" : "is not", null)
    .orderBy("placed_at", "desc")
    .orderBy("id", "desc")
    .limit(limit);
  if (filter.reviewBefore !== undefined) query = query.where("review_at", "<=", filter.reviewBefore);
  if (filter.after !== undefined) {
    query = query.where(
      sql<boolean>`(placed_at, id) < (select f.placed_at, f.id from sworn.hold f where f.id = ${filter.after})`,
    );
  }
  return query.execute();
}

/** Every hold that catches or once caught a recording by its present facts, standing ones first. */
export async function listHoldsOf(tx: ForceTransaction, id: RecordingId): Promise<HoldRecord[]> {
  const { rows } = await sql<HoldRecord>`
    select h.* from sworn.recording r, sworn.hold h
    where r.id = ${id} and ((${ofRecording}) or (${ofIncident}) or (${ofEvent}))
    order by h.released_at is not null, h.placed_at desc, h.id limit 1000`.execute(tx);
  return rows;
}

export interface DestroyedWhileHeld {
  readonly recordingId: RecordingId;
  readonly holdId: HoldId;
  readonly keyDestroyedAt: Date;
}

/** Recordings, behind the one given, whose key went while a hold that catches them stood: placed more than `marginMs`
 * before (a hold states when it was asked for, which may be a moment before it stood), and not released by then. */
export async function listDestroyedWhileHeld(
  tx: ForceTransaction,
  after: RecordingId | null,
  given: { readonly limit: number; readonly marginMs: number },
): Promise<DestroyedWhileHeld[]> {
  const { rows } = await sql<DestroyedWhileHeld>`
    select r.id as "recordingId", min(h.id::text)::uuid as "holdId", d.key_destroyed_at as "keyDestroyedAt"
    from sworn.destruction d
    join sworn.recording r on r.force_id = d.force_id and r.id = d.recording_id
    join sworn.hold h on h.force_id = d.force_id
      and h.placed_at < d.key_destroyed_at - make_interval(secs => ${given.marginMs / 1000})
      and (h.released_at is null or h.released_at > d.key_destroyed_at)
      and ((${ofRecording}) or (${ofIncident}) or (${ofEvent}))
    where d.key_destroyed_at is not null and (${after}::uuid is null or r.id > ${after}::uuid)
    group by r.id, d.key_destroyed_at order by r.id limit ${given.limit}`.execute(tx);
  return rows;
}
