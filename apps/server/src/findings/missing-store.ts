// SQL of recordings that are missing: promised, and not collected.
import type { CameraId, FindingId, RecordingId } from "@sworn/contract";
import { sql } from "kysely";
import type { ForceTransaction } from "../platform/database/database.ts";

/** Holds off whoever would collect it until this transaction ends. False: it is collected already. */
export async function lockExpected(tx: ForceTransaction, id: RecordingId): Promise<boolean> {
  const row = await tx
    .selectFrom("recording")
    .select("id")
    .where("id", "=", id)
    .where("state", "=", "expected")
    .forShare()
    .executeTakeFirst();
  return row !== undefined;
}

export interface OverdueRecording {
  readonly id: RecordingId;
  readonly cameraId: CameraId;
  readonly number: number;
  readonly promisedAt: Date;
  readonly isSealed: boolean;
  readonly isCameraLost: boolean;
  /** Durable bytes of an upload that is not finished. */
  readonly receivedBytes: number;
  /** Whether bytes that claim to be it wait for a person's decision. */
  readonly isQuarantined: boolean;
}

/** Promised before `promisedBefore`, or by a camera that is lost, and named in no finding yet. Ordered by id. */
export async function listOverdue(
  tx: ForceTransaction,
  promisedBefore: Date,
  limit: number,
  after: RecordingId | null,
): Promise<OverdueRecording[]> {
  const { rows } = await sql<OverdueRecording>`
    select r.id, r.camera_id as "cameraId", r.number, r.created_at as "promisedAt",
      r.seal_hash is not null as "isSealed", c.state = 'lost' as "isCameraLost",
      coalesce((select max(u.offset_bytes) from sworn.upload u
        where u.recording_id = r.id and u.state in ('open', 'verifying')), 0) as "receivedBytes",
      exists (select from sworn.quarantine q
        where q.recording_id = r.id and q.decided_at is null) as "isQuarantined"
    from sworn.recording r join sworn.camera c on c.force_id = r.force_id and c.id = r.camera_id
    where r.state = 'expected' and r.number is not null and (r.created_at < ${promisedBefore} or c.state = 'lost')
      and (${after}::uuid is null or r.id > ${after}::uuid)
      and not exists (select from sworn.finding f where f.force_id = r.force_id and f.kind = 'missing'
        and f.camera_id = r.camera_id and f.recording_id = r.id)
    order by r.id limit ${limit}`.execute(tx);
  return rows;
}

export interface OpenMissing {
  readonly id: FindingId;
  readonly cameraId: CameraId | null;
}

/** Open findings that the recording is missing, now resolved by nobody. */
export async function closeMissing(
  tx: ForceTransaction,
  recording: RecordingId,
  at: Date,
): Promise<OpenMissing[]> {
  const { rows } = await sql<OpenMissing>`
    update sworn.finding set resolved_at = ${at}
    where recording_id = ${recording} and kind = 'missing' and resolved_at is null
    returning id, camera_id as "cameraId"`.execute(tx);
  return rows;
}
