// SQL of uploads: the offset lives here and nowhere else, and moves only under the lease of one connection.
import type { PersonId, RecordingId } from "@sworn/contract";
import { sql, type Insertable, type Selectable } from "kysely";
import type { ForceTransaction } from "../platform/database/database.ts";
import type { UploadRow as UploadTable } from "../platform/database/tables/evidence.ts";

export type UploadRow = Selectable<UploadTable>;

/** Arrays of int8 come as text. */
function numbered<Row extends UploadRow | undefined>(row: Row): Row {
  return row === undefined ? row : { ...row, store_parts: row.store_parts.map(Number) };
}

export async function insertUpload(tx: ForceTransaction, row: Insertable<UploadTable>): Promise<void> {
  await tx.insertInto("upload").values(row).execute();
}

export async function findUpload(tx: ForceTransaction, id: string): Promise<UploadRow | undefined> {
  return numbered(await tx.selectFrom("upload").selectAll().where("id", "=", id).executeTakeFirst());
}

/** The newest upload of a recording in one of these states. */
export async function findUploadOf(
  tx: ForceTransaction,
  recording: RecordingId,
  states: readonly UploadRow["state"][],
): Promise<UploadRow | undefined> {
  const row = await tx
    .selectFrom("upload")
    .selectAll()
    .where("recording_id", "=", recording)
    .where("state", "in", states)
    .orderBy("created_at", "desc")
    .limit(1)
    .executeTakeFirst();
  return numbered(row);
}

export interface Lease {
  readonly upload: string;
  readonly token: string;
  readonly now: Date;
  readonly until: Date;
}

/** Takes the lease of an open upload; undefined while another connection holds it. */
export async function takeLease(tx: ForceTransaction, lease: Lease): Promise<UploadRow | undefined> {
  const row = await tx
    .updateTable("upload")
    .set({ lock_token: lease.token, locked_until: lease.until, touched_at: lease.now })
    .where("id", "=", lease.upload)
    .where("state", "=", "open")
    .where((where) => where.or([where("lock_token", "is", null), where("locked_until", "<=", lease.now)]))
    .returningAll()
    .executeTakeFirst();
  return numbered(row);
}

/** Renews the lease; false when it was lost. */
export async function renewLease(tx: ForceTransaction, lease: Lease): Promise<boolean> {
  const result = await tx
    .updateTable("upload")
    .set({ locked_until: lease.until, touched_at: lease.now })
    .where("id", "=", lease.upload)
    .where("lock_token", "=", lease.token)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Moves the offset to what is durable, under the lease; at the end the upload waits to be verified. False: lease lost. */
export async function moveOffset(
  tx: ForceTransaction,
  lease: Lease,
  to: { readonly offsetBytes: number; readonly storeParts: readonly number[] },
): Promise<boolean> {
  const result = await tx
    .updateTable("upload")
    .set({
      offset_bytes: to.offsetBytes,
      store_parts: [...to.storeParts],
      locked_until: lease.until,
      touched_at: lease.now,
      state: sql<
        UploadRow["state"]
      >`case when length_bytes = ${to.offsetBytes}::bigint then 'verifying' else state end`,
    })
    .where("id", "=", lease.upload)
    .where("lock_token", "=", lease.token)
    .where("state", "=", "open")
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function releaseLease(tx: ForceTransaction, upload: string, token: string): Promise<void> {
  await tx
    .updateTable("upload")
    .set({ lock_token: null, locked_until: null })
    .where("id", "=", upload)
    .where("lock_token", "=", token)
    .execute();
}

/** At the start of the one server that owns the data folder: no connection holds anything. */
export async function releaseAllLeases(tx: ForceTransaction): Promise<void> {
  await tx
    .updateTable("upload")
    .set({ lock_token: null, locked_until: null })
    .where("lock_token", "is not", null)
    .execute();
}

/** Ends an upload. `problem` says why it was refused or kept apart. */
export async function settleUpload(
  tx: ForceTransaction,
  id: string,
  state: "collected" | "quarantined" | "refused",
  given: { readonly problem: string | null; readonly at: Date },
): Promise<void> {
  await tx
    .updateTable("upload")
    .set({ state, problem: given.problem, touched_at: given.at, lock_token: null, locked_until: null })
    .where("id", "=", id)
    .execute();
}

/**
 * Hands an upload that a dock began to the person who goes on with it, with the length that the person has, never less than
 * what is durable. Is that all, it waits to be verified. False: it is not open any more.
 */
export async function takeUploadOver(
  tx: ForceTransaction,
  upload: string,
  { person, lengthBytes }: { readonly person: PersonId; readonly lengthBytes: number },
): Promise<boolean> {
  const length = sql<number>`case when lock_token is null
    then greatest(offset_bytes, ${lengthBytes}::bigint) else length_bytes end`;
  const state = sql<UploadRow["state"]>`case when lock_token is null
    and offset_bytes >= ${lengthBytes}::bigint then 'verifying' else state end`;
  const result = await tx
    .updateTable("upload")
    .set({ kind: "import", imported_by: person, session_id: null, length_bytes: length, state })
    .where("id", "=", upload)
    .where("state", "=", "open")
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function listVerifying(tx: ForceTransaction): Promise<string[]> {
  const rows = await tx
    .selectFrom("upload")
    .select("id")
    .where("state", "=", "verifying")
    .orderBy("touched_at")
    .limit(10_000)
    .execute();
  return rows.map((row) => row.id);
}

/** Open uploads that nobody touched since `before`: their bytes are dropped; the camera still has them all. */
export async function listAbandoned(tx: ForceTransaction, before: Date): Promise<UploadRow[]> {
  const rows = await tx
    .selectFrom("upload")
    .selectAll()
    .where("state", "=", "open")
    .where("touched_at", "<", before)
    .limit(1_000)
    .execute();
  return rows.map(numbered);
}
