// SQL of recordings. `lockRecording` is the one lock that collecting, holds and destruction take turns on.
import type { CameraId, ForceId, PersonId, RecordingId } from "@sworn/contract";
import { sql, type Insertable, type Selectable, type Updateable } from "kysely";
import type { ForceTransaction } from "../platform/database/database.ts";
import type { RecordingRow as RecordingTable } from "../platform/database/tables/evidence.ts";
import type { RecordingExportRow } from "../platform/database/tables/ingest.ts";

export type RecordingRow = Selectable<RecordingTable>;
export type ExportRow = Selectable<RecordingExportRow>;

/** The row, locked until the transaction ends. */
export async function lockRecording(
  tx: ForceTransaction,
  id: RecordingId,
): Promise<RecordingRow | undefined> {
  return tx.selectFrom("recording").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
}

export async function findRecording(
  tx: ForceTransaction,
  id: RecordingId,
): Promise<RecordingRow | undefined> {
  return tx.selectFrom("recording").selectAll().where("id", "=", id).executeTakeFirst();
}

export async function findRecordingByNumber(
  tx: ForceTransaction,
  camera: CameraId,
  number: number,
): Promise<RecordingRow | undefined> {
  return tx
    .selectFrom("recording")
    .selectAll()
    .where("camera_id", "=", camera)
    .where("number", "=", number)
    .executeTakeFirst();
}

export interface RecordingFilter {
  readonly camera?: CameraId | undefined;
  readonly officer?: PersonId | undefined;
  readonly state?: RecordingRow["state"] | undefined;
  /** Null: not classified. */
  readonly class?: string | null | undefined;
  readonly incident?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** Continue behind this recording. */
  readonly after?: { readonly startedAt: Date | null; readonly id: RecordingId } | undefined;
}

/** Newest recorded first; those without a known time come last. */
export async function listRecordings(
  tx: ForceTransaction,
  filter: RecordingFilter,
  limit: number,
): Promise<RecordingRow[]> {
  const start = sql<Date>`coalesce(recorded_start_at, '-infinity'::timestamptz)`;
  let query = tx
    .selectFrom("recording")
    .selectAll()
    .orderBy(start, "desc")
    .orderBy("id", "desc")
    .limit(limit);
  if (filter.camera !== undefined) query = query.where("camera_id", "=", filter.camera);
  if (filter.officer !== undefined) query = query.where("officer_id", "=", filter.officer);
  if (filter.state !== undefined) query = query.where("state", "=", filter.state);
  if (filter.class !== undefined)
    query = query.where("class", filter.class === null ? "is" : "=", filter.class);
  if (filter.incident !== undefined) query = query.where("incident", "=", filter.incident);
  if (filter.from !== undefined) query = query.where("recorded_start_at", ">=", filter.from);
  if (filter.to !== undefined) query = query.where("recorded_start_at", "<", filter.to);
  if (filter.after !== undefined) {
    const { startedAt, id } = filter.after;
    const place = startedAt === null ? sql`'-infinity'::timestamptz` : sql`${startedAt}::timestamptz`;
    query = query.where(sql<boolean>`(${start}, id) < (${place}, ${id}::uuid)`);
  }
  return query.execute();
}

/** Changes a row that the caller has locked. */
export async function updateRecording(
  tx: ForceTransaction,
  id: RecordingId,
  fields: Updateable<RecordingTable>,
): Promise<void> {
  await tx.updateTable("recording").set(fields).where("id", "=", id).execute();
}

export async function insertRecording(tx: ForceTransaction, row: Insertable<RecordingTable>): Promise<void> {
  await tx.insertInto("recording").values(row).execute();
}

/** Keeps the first receipt for ever; gives the one that stands. */
export async function keepReceipt(
  tx: ForceTransaction,
  id: RecordingId,
  receipt: Uint8Array,
): Promise<Uint8Array | null> {
  await tx
    .updateTable("recording")
    .set({ receipt })
    .where("id", "=", id)
    .where("receipt", "is", null)
    .execute();
  const row = await tx.selectFrom("recording").select("receipt").where("id", "=", id).executeTakeFirst();
  return row?.receipt ?? null;
}

export async function listUnreceipted(tx: ForceTransaction, limit: number): Promise<RecordingId[]> {
  const rows = await tx
    .selectFrom("recording")
    .select("id")
    .where("receipt", "is", null)
    .where("state", "=", "collected")
    .orderBy("received_at")
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}

export async function insertExport(tx: ForceTransaction, row: Insertable<RecordingExportRow>): Promise<void> {
  await tx.insertInto("recording_export").values(row).execute();
}

export async function readExport(tx: ForceTransaction, id: string): Promise<ExportRow | undefined> {
  return tx.selectFrom("recording_export").selectAll().where("id", "=", id).executeTakeFirst();
}

/** The force's name, for the README of an export. */
export async function readForceName(tx: ForceTransaction, id: ForceId): Promise<string> {
  const row = await tx.selectFrom("force").select("name").where("id", "=", id).executeTakeFirst();
  return row?.name ?? id;
}

/** A camera's certificate, DER. */
export async function readCameraCertificate(
  tx: ForceTransaction,
  id: CameraId,
): Promise<Uint8Array | undefined> {
  const row = await tx.selectFrom("camera").select("certificate").where("id", "=", id).executeTakeFirst();
  return row?.certificate;
}
