// SQL of recordings as retention sees them, and of orders to destroy.
import type { RecordingId } from "@sworn/contract";
import { sql, type RawBuilder, type Selectable } from "kysely";
import type { ForceTransaction } from "../platform/database/database.ts";
import type { RecordingRow } from "../platform/database/tables/evidence.ts";
import type { DestructionRow } from "../platform/database/tables/retention.ts";
import type { RecordingFacts } from "./judge-recording.ts";

const columns = [
  "id",
  "force_id",
  "camera_id",
  "number",
  "borough_id",
  "officer_id",
  "state",
  "identity",
  "recorded_start_at",
  "recorded_end_at",
  "clock",
  "duration_ms",
  "object_key",
  "received_at",
  "class",
  "destroy_ordered_at",
  "destroy_entry_id",
  "destroyed_at",
  "destruction_certificate",
  "warned_at",
] as const satisfies readonly (keyof RecordingRow)[];

/** The same columns of a recording called `r`, for joins. */
export const columnsOfR: RawBuilder<unknown> = sql.join(columns.map((column) => sql.ref(`r.${column}`)));

/** A recording, as far as its retention goes. */
export type Recording = Pick<Selectable<RecordingRow>, (typeof columns)[number]>;

export function factsOf(row: Recording): RecordingFacts {
  return {
    class: row.class,
    clock: row.clock,
    recordedEndAtMs: row.recorded_end_at?.getTime() ?? null,
    receivedAtMs: row.received_at?.getTime() ?? null,
    warnedAtMs: row.warned_at?.getTime() ?? null,
  };
}

export async function readRecording(tx: ForceTransaction, id: RecordingId): Promise<Recording | undefined> {
  return tx.selectFrom("recording").select(columns).where("id", "=", id).executeTakeFirst();
}

/** Locks a recording's row to the end of the transaction; the gate is taken before it. */
export async function lockRecording(tx: ForceTransaction, id: RecordingId): Promise<Recording | undefined> {
  return tx.selectFrom("recording").select(columns).where("id", "=", id).forUpdate().executeTakeFirst();
}

export interface Order {
  readonly entryId: number;
  readonly orderedAt: Date;
  readonly class: string;
  readonly version: number;
  readonly periodDays: number;
  readonly citation: string;
  readonly dueAt: Date;
}

export async function insertOrder(
  tx: ForceTransaction,
  recording: Pick<Recording, "id" | "force_id">,
  order: Order,
): Promise<void> {
  await tx
    .insertInto("destruction")
    .values({
      force_id: recording.force_id,
      entry_id: order.entryId,
      recording_id: recording.id,
      ordered_at: order.orderedAt,
      class: order.class,
      version: order.version,
      period_days: order.periodDays,
      citation: order.citation,
      due_at: order.dueAt,
      key_destroyed_at: null,
      objects_destroyed_at: null,
      cancelled_at: null,
      cancelled_reason: null,
    })
    .onConflict((conflict) => conflict.columns(["force_id", "entry_id"]).doNothing())
    .execute();
  await tx
    .updateTable("recording")
    .set({ state: "destroy-ordered", destroy_ordered_at: order.orderedAt, destroy_entry_id: order.entryId })
    .where("id", "=", recording.id)
    .where("state", "=", "collected")
    .execute();
}

/** The order that stands for a recording. */
export async function readOrder(tx: ForceTransaction, id: RecordingId): Promise<DestructionRow | undefined> {
  return tx
    .selectFrom("destruction")
    .selectAll()
    .where("recording_id", "=", id)
    .where("cancelled_at", "is", null)
    .executeTakeFirst();
}

export async function cancelOrder(
  tx: ForceTransaction,
  id: RecordingId,
  cancelled: { at: Date; reason: string },
): Promise<void> {
  await tx
    .updateTable("destruction")
    .set({ cancelled_at: cancelled.at, cancelled_reason: cancelled.reason })
    .where("recording_id", "=", id)
    .where("cancelled_at", "is", null)
    .execute();
  await tx
    .updateTable("recording")
    .set({ state: "collected", destroy_ordered_at: null, destroy_entry_id: null })
    .where("id", "=", id)
    .where("state", "=", "destroy-ordered")
    .execute();
}

/** The first time stays. */
export async function markKeyDestroyed(tx: ForceTransaction, id: RecordingId, at: Date): Promise<void> {
  await tx
    .updateTable("destruction")
    .set({ key_destroyed_at: at })
    .where("recording_id", "=", id)
    .where("cancelled_at", "is", null)
    .where("key_destroyed_at", "is", null)
    .execute();
}

/** What lies in the object store for a recording, beside what stays (manifest, receipt, journal, certificate). */
export async function listObjectKeys(tx: ForceTransaction, id: RecordingId): Promise<string[]> {
  const { rows } = await sql<{ object_key: string }>`
    select object_key from sworn.derivative where recording_id = ${id}
    union select object_key from sworn.quarantine where recording_id = ${id} and decided_at is not null
    union select object_key from sworn.recording where id = ${id} and object_key is not null`.execute(tx);
  return rows.map((row) => row.object_key);
}

/** The end: the wrapped keys of derivatives go, and the certificate stays. */
export async function markDestroyed(
  tx: ForceTransaction,
  id: RecordingId,
  given: { at: Date; objectsDestroyedAt: Date; certificate: Uint8Array },
): Promise<void> {
  await tx.deleteFrom("derivative").where("recording_id", "=", id).execute();
  await tx
    .updateTable("destruction")
    .set({ objects_destroyed_at: given.objectsDestroyedAt })
    .where("recording_id", "=", id)
    .where("cancelled_at", "is", null)
    .execute();
  await tx
    .updateTable("recording")
    .set({ state: "destroyed", destroyed_at: given.at, destruction_certificate: given.certificate })
    .where("id", "=", id)
    .execute();
}

/** Orders that were not finished, oldest first, behind the one given. */
export async function listUnfinished(
  tx: ForceTransaction,
  limit: number,
  after?: { at: Date; id: RecordingId },
): Promise<{ id: RecordingId; at: Date }[]> {
  let query = tx
    .selectFrom("recording")
    .select(["id", "destroy_ordered_at"])
    .where("state", "=", "destroy-ordered")
    .orderBy("destroy_ordered_at")
    .orderBy("id")
    .limit(limit);
  if (after !== undefined)
    query = query.where(sql<boolean>`(destroy_ordered_at, id) > (${after.at}, ${after.id}::uuid)`);
  const rows = await query.execute();
  return rows.map(({ id, destroy_ordered_at: at }) => ({ id, at: at ?? new Date(0) }));
}

/** A person's word on when a recording ended; its length stays what it was. */
export async function setRecordedEnd(
  tx: ForceTransaction,
  id: RecordingId,
  times: { startedAt: Date | null; endedAt: Date },
): Promise<void> {
  await tx
    .updateTable("recording")
    .set({ clock: "decided", recorded_start_at: times.startedAt, recorded_end_at: times.endedAt })
    .where("id", "=", id)
    .execute();
}
