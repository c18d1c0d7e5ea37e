// SQL of docking: docks by certificate, sessions, the locked head, segments, clock fixes, and what cameras hold.
import type { CameraId, DockId, DockingSessionId, ForceId, HandInId, RecordingId } from "@sworn/contract";
import { sql, type Insertable, type Selectable } from "kysely";
import type { ForceTransaction, PlatformTransaction } from "../platform/database/database.ts";
import type {
  ClockFixRow,
  DockingSessionRow,
  JournalSegmentRow,
} from "../platform/database/tables/evidence.ts";

export interface DockByHash {
  id: DockId;
  force_id: ForceId;
  state: "in-service" | "retired";
  spki: Uint8Array;
}

/** The dock with this certificate, in whichever force. */
export async function findDock(tx: PlatformTransaction, hash: Uint8Array): Promise<DockByHash | null> {
  const found = await sql<DockByHash>`select * from sworn.find_dock(${hash})`.execute(tx);
  return found.rows[0] ?? null;
}

export async function readDockCertificate(tx: ForceTransaction, id: DockId): Promise<Uint8Array | undefined> {
  const row = await tx.selectFrom("dock").select("certificate").where("id", "=", id).executeTakeFirst();
  return row?.certificate;
}

export type SessionWithCamera = Selectable<DockingSessionRow> & {
  readonly camera_state: "in-service" | "lost" | "retired";
};

export async function readSession(
  tx: ForceTransaction,
  id: DockingSessionId,
): Promise<SessionWithCamera | undefined> {
  return tx
    .selectFrom("docking_session as s")
    .innerJoin("camera as c", "c.id", "s.camera_id")
    .selectAll("s")
    .select("c.state as camera_state")
    .where("s.id", "=", id)
    .executeTakeFirst();
}

/** Begins a session; those of the camera before it are over, because a camera is in one dock at a time. */
export async function beginSession(
  tx: ForceTransaction,
  session: Insertable<DockingSessionRow>,
): Promise<void> {
  await tx
    .updateTable("docking_session")
    .set({ closed_at: session.created_at })
    .where("camera_id", "=", session.camera_id)
    .where("closed_at", "is", null)
    .execute();
  await tx.insertInto("docking_session").values(session).execute();
}

export async function openSessionRow(
  tx: ForceTransaction,
  session: DockingSessionId,
  camera: CameraId,
  at: Date,
): Promise<void> {
  await tx
    .updateTable("docking_session")
    .set({ opened_at: at })
    .where("id", "=", session)
    .where("opened_at", "is", null)
    .execute();
  await tx.updateTable("camera").set({ last_docked_at: at }).where("id", "=", camera).execute();
}

/** Moves the accepted head. The camera's row is locked by the caller. */
export async function moveHead(
  tx: ForceTransaction,
  camera: CameraId,
  head: { readonly sequence: number; readonly hash: Uint8Array; readonly at: Date },
): Promise<void> {
  await tx
    .updateTable("camera")
    .set({ head_sequence: head.sequence, head_hash: head.hash, head_accepted_at: head.at })
    .where("id", "=", camera)
    .execute();
}

export async function readJournalState(
  tx: ForceTransaction,
  camera: CameraId,
): Promise<Uint8Array | undefined> {
  const row = await tx
    .selectFrom("camera_journal")
    .select("state")
    .where("camera_id", "=", camera)
    .executeTakeFirst();
  return row?.state;
}

export async function writeJournalState(
  tx: ForceTransaction,
  place: { readonly forceId: ForceId; readonly camera: CameraId },
  state: Uint8Array,
): Promise<void> {
  await tx
    .insertInto("camera_journal")
    .values({
      force_id: place.forceId,
      camera_id: place.camera,
      state,
      held: null,
      held_at: null,
      held_sequence: null,
    })
    .onConflict((conflict) => conflict.columns(["force_id", "camera_id"]).doUpdateSet({ state }))
    .execute();
}

export type StoredSegment = Pick<
  Selectable<JournalSegmentRow>,
  "first_sequence" | "last_sequence" | "hash" | "sent_hash" | "entry_id" | "received_at"
>;

export async function insertSegment(tx: ForceTransaction, row: Insertable<JournalSegmentRow>): Promise<void> {
  await tx.insertInto("journal_segment").values(row).execute();
}

/** Segments that hold entries from `from` to `to`, both included, in order. */
export async function segmentsBetween(
  tx: ForceTransaction,
  camera: CameraId,
  from: number,
  to: number,
): Promise<StoredSegment[]> {
  return tx
    .selectFrom("journal_segment")
    .select(["first_sequence", "last_sequence", "hash", "sent_hash", "entry_id", "received_at"])
    .where("camera_id", "=", camera)
    .where("last_sequence", ">=", from)
    .where("first_sequence", "<=", to)
    .orderBy("first_sequence")
    .execute();
}

/** Segments of a hand-in that hold entries from `from` to `to`, both included, in order. */
export async function handedInBetween(
  tx: ForceTransaction,
  handIn: HandInId,
  from: number,
  to: number,
): Promise<Pick<StoredSegment, "first_sequence" | "hash">[]> {
  return tx
    .selectFrom("hand_in_segment")
    .select(["first_sequence", "hash"])
    .where("hand_in_id", "=", handIn)
    .where("last_sequence", ">=", from)
    .where("first_sequence", "<=", to)
    .orderBy("first_sequence")
    .execute();
}

export async function lastSegment(
  tx: ForceTransaction,
  camera: CameraId,
): Promise<StoredSegment | undefined> {
  return tx
    .selectFrom("journal_segment")
    .select(["first_sequence", "last_sequence", "hash", "sent_hash", "entry_id", "received_at"])
    .where("camera_id", "=", camera)
    .orderBy("last_sequence", "desc")
    .limit(1)
    .executeTakeFirst();
}

export async function insertFixes(
  tx: ForceTransaction,
  fixes: readonly Insertable<ClockFixRow>[],
): Promise<void> {
  if (fixes.length > 0)
    await tx
      .insertInto("clock_fix")
      .values([...fixes])
      .execute();
}

/** The sequence of the last `clock-set` at or before `sequence`. */
export async function lastFixBefore(
  tx: ForceTransaction,
  camera: CameraId,
  sequence: number,
): Promise<number | null> {
  const row = await tx
    .selectFrom("clock_fix")
    .select("sequence")
    .where("camera_id", "=", camera)
    .where("sequence", "<=", sequence)
    .orderBy("sequence", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.sequence ?? null;
}

export interface FreedRecording {
  readonly recordingId: RecordingId;
  readonly sequence: number;
  readonly receiptHash: Uint8Array;
}

/** The first time counts. */
export async function insertFreed(
  tx: ForceTransaction,
  place: { readonly forceId: ForceId; readonly camera: CameraId },
  freed: readonly FreedRecording[],
): Promise<void> {
  for (const { recordingId, sequence, receiptHash } of freed) {
    await tx
      .insertInto("freed_recording")
      .values({
        force_id: place.forceId,
        camera_id: place.camera,
        recording_id: recordingId,
        sequence,
        receipt_hash: receiptHash,
      })
      .onConflict((conflict) => conflict.columns(["force_id", "camera_id", "recording_id"]).doNothing())
      .execute();
  }
}

export async function writeHeld(
  tx: ForceTransaction,
  camera: CameraId,
  held: readonly RecordingId[],
  told: { readonly at: Date; readonly headSequence: number },
): Promise<void> {
  await tx
    .updateTable("camera_journal")
    .set({ held: JSON.stringify(held), held_at: told.at, held_sequence: told.headSequence })
    .where("camera_id", "=", camera)
    .execute();
}

export interface MissingRecording {
  readonly id: RecordingId;
  readonly number: number;
  readonly sealedAt: number;
  readonly wasFreed: boolean;
}

/** Sealed before the camera last told what it holds, not among that, and not collected. */
export async function listMissing(tx: ForceTransaction, camera: CameraId): Promise<MissingRecording[]> {
  const found = await sql<MissingRecording>`
    select r.id, r.number, r.last_sequence as "sealedAt", exists (select from sworn.freed_recording f
        where f.camera_id = r.camera_id and f.recording_id = r.id) as "wasFreed"
    from sworn.recording r join sworn.camera_journal j on j.force_id = r.force_id and j.camera_id = r.camera_id
    where r.camera_id = ${camera} and r.state = 'expected' and r.seal_hash is not null
      and j.held is not null and r.last_sequence <= j.held_sequence
      and not (j.held @> to_jsonb(r.id::text))
      and not exists (select from sworn.upload u where u.recording_id = r.id
        and u.state in ('verifying', 'collected', 'quarantined'))
    order by r.number limit 1000`.execute(tx);
  return found.rows;
}

/** Open findings that keep bytes of this camera's journal. */
export async function countRefused(tx: ForceTransaction, camera: CameraId): Promise<number> {
  const row = await tx
    .selectFrom("finding")
    .select((select) => select.fn.countAll<number>().as("count"))
    .where("camera_id", "=", camera)
    .where("kind", "in", ["journal-fork", "journal-gap", "journal-dropped-tail", "journal-refused"])
    .where("resolved_at", "is", null)
    .executeTakeFirst();
  return row?.count ?? 0;
}
