// SQL of hand-ins: what a named person brings of a camera that is no longer trusted, kept apart from its accepted journal.
import type { CameraId, HandedInRecording, HandInId, RecordingId } from "@sworn/contract";
import { sql, type Insertable, type Selectable } from "kysely";
import type { ForceTransaction } from "../platform/database/database.ts";
import type {
  HandInRow as HandInTable,
  HandInSegmentRow as SegmentTable,
} from "../platform/database/tables/docking.ts";

export type HandInRow = Selectable<HandInTable>;

export async function findHandIn(tx: ForceTransaction, id: HandInId): Promise<HandInRow | undefined> {
  return tx.selectFrom("hand_in").selectAll().where("id", "=", id).executeTakeFirst();
}

/** The hand-in of a journal that ends with this entry. */
export async function findHandInByHead(
  tx: ForceTransaction,
  camera: CameraId,
  head: Uint8Array,
): Promise<HandInRow | undefined> {
  return tx
    .selectFrom("hand_in")
    .selectAll()
    .where("camera_id", "=", camera)
    .where("head_hash", "=", head)
    .executeTakeFirst();
}

export async function insertHandIn(tx: ForceTransaction, row: Insertable<HandInTable>): Promise<void> {
  await tx.insertInto("hand_in").values(row).execute();
}

export async function lockHandIn(tx: ForceTransaction, id: HandInId): Promise<HandInRow | undefined> {
  return tx.selectFrom("hand_in").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
}

export type HandInProgress = Pick<
  HandInRow,
  "first_sequence" | "last_sequence" | "last_hash" | "open_sequence" | "fork_sequence" | "completed_at"
>;

export async function moveHandIn(tx: ForceTransaction, id: HandInId, to: HandInProgress): Promise<void> {
  await tx.updateTable("hand_in").set(to).where("id", "=", id).execute();
}

export async function insertHandInSegment(
  tx: ForceTransaction,
  row: Insertable<SegmentTable>,
): Promise<void> {
  await tx.insertInto("hand_in_segment").values(row).execute();
}

/** The ledger entry of a segment with this hash that begins here; undefined: it is not here. */
export async function handInSegmentEntry(
  tx: ForceTransaction,
  id: HandInId,
  first: number,
  hash: Uint8Array,
): Promise<number | undefined> {
  const row = await tx
    .selectFrom("hand_in_segment")
    .select("entry_id")
    .where("hand_in_id", "=", id)
    .where("first_sequence", "=", first)
    .where((where) => where(where.fn.coalesce("sent_hash", "hash"), "=", hash))
    .executeTakeFirst();
  return row?.entry_id;
}

/** From now on the handed-in journal says what this recording is. */
export async function markHandedIn(
  tx: ForceTransaction,
  recording: RecordingId,
  handIn: HandInId,
): Promise<void> {
  await tx
    .updateTable("recording")
    .set({ hand_in_id: handIn })
    .where("id", "=", recording)
    .where("state", "=", "expected")
    .execute();
}

/** What of the camera may still come, and what this hand-in promised, whatever became of it; by number. */
export async function listHandedIn(tx: ForceTransaction, row: HandInRow): Promise<HandedInRecording[]> {
  const found = await sql<HandedInRecording>`
    select r.id as recording, r.number, r.state, r.verdict, r.stored_bytes as "storedBytes",
      r.seal_hash is not null as "isSealed", r.hand_in_id is not null as "isHandedIn",
      exists (select from sworn.quarantine q where q.force_id = r.force_id and q.recording_id = r.id
        and q.decided_at is null) as "isQuarantined"
    from sworn.recording r
    where r.camera_id = ${row.camera_id} and r.number is not null
      and (r.state = 'expected' or r.hand_in_id = ${row.id}
        or (r.first_sequence between ${row.first_sequence} and ${row.last_sequence}))
    order by r.number limit 5000`.execute(tx);
  return found.rows;
}
