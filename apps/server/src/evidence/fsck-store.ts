// SQL of the checks: rows in pages, so that memory stays bounded whatever a force holds.
import type { CameraId, RecordingId } from "@sworn/contract";
import { sql, type Selectable } from "kysely";
import type { ForceTransaction } from "../platform/database/database.ts";
import type { JournalSegmentRow, QuarantineRow } from "../platform/database/tables/evidence.ts";
import type { DerivativeRow, RecordingRow } from "./store.ts";

const PAGE = 200;

/** Recordings that were collected once, in the order of their ids. */
export async function pageOfRecordings(
  tx: ForceTransaction,
  after: RecordingId | null,
): Promise<RecordingRow[]> {
  let query = tx
    .selectFrom("recording")
    .selectAll()
    .where("state", "<>", "expected")
    .orderBy("id")
    .limit(PAGE);
  if (after !== null) query = query.where("id", ">", after);
  return query.execute();
}

export async function pageOfSegments(
  tx: ForceTransaction,
  after: { readonly camera: CameraId; readonly first: number } | null,
): Promise<Selectable<JournalSegmentRow>[]> {
  let query = tx
    .selectFrom("journal_segment")
    .selectAll()
    .orderBy("camera_id")
    .orderBy("first_sequence")
    .limit(PAGE);
  if (after !== null) {
    query = query.where(
      sql<boolean>`(camera_id, first_sequence) > (${after.camera}::uuid, ${after.first}::bigint)`,
    );
  }
  return query.execute();
}

export async function waitingQuarantine(tx: ForceTransaction): Promise<Selectable<QuarantineRow>[]> {
  return tx
    .selectFrom("quarantine")
    .selectAll()
    .where("decided_at", "is", null)
    .orderBy("id")
    .limit(100_000)
    .execute();
}

export async function derivativesOf(tx: ForceTransaction, recording: RecordingId): Promise<DerivativeRow[]> {
  return tx.selectFrom("derivative").selectAll().where("recording_id", "=", recording).execute();
}

export interface CheckedCamera {
  readonly id: CameraId;
  readonly certificate: Uint8Array;
  readonly head_sequence: number | null;
  readonly head_hash: Uint8Array | null;
}

export async function listCameras(tx: ForceTransaction): Promise<CheckedCamera[]> {
  return tx
    .selectFrom("camera")
    .select(["id", "certificate", "head_sequence", "head_hash"])
    .orderBy("id")
    .limit(100_000)
    .execute();
}

/** Whether any row of the force names this object. */
export async function isObjectKnown(tx: ForceTransaction, key: string): Promise<boolean> {
  const found = await sql<{ known: boolean }>`select
    exists (select from sworn.recording where object_key = ${key} and state <> 'destroyed')
    or exists (select from sworn.upload where object_key = ${key} and state in ('open', 'verifying'))
    or exists (select from sworn.quarantine where object_key = ${key} and decided_at is null)
    or exists (select from sworn.derivative where object_key = ${key}) as known`.execute(tx);
  return found.rows[0]?.known === true;
}

export async function recordingState(
  tx: ForceTransaction,
  id: string,
): Promise<RecordingRow["state"] | undefined> {
  const row = await tx
    .selectFrom("recording")
    .select("state")
    .where("id", "=", id as RecordingId)
    .executeTakeFirst();
  return row?.state;
}
