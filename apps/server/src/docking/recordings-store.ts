// SQL of the recordings that journals promise: rows in state `expected`, until ingest has them.
import type {
  AssignmentId,
  BoroughId,
  CameraId,
  ExpectedRecording,
  ForceId,
  PersonId,
  RecordingId,
  TeamId,
} from "@sworn/contract";
import { sql } from "kysely";
import type { ForceTransaction } from "../platform/database/database.ts";
import type { RecordingRow } from "../platform/database/tables/evidence.ts";

/** What the journal says of a recording. */
export type PromisedFields = Pick<
  RecordingRow,
  | "borough_id"
  | "team_id"
  | "officer_id"
  | "assignment_id"
  | "identity"
  | "camera_start_ms"
  | "camera_end_ms"
  | "recorded_start_at"
  | "recorded_end_at"
  | "clock"
  | "duration_ms"
  | "first_sequence"
  | "last_sequence"
  | "seal_hash"
  | "seal_reason"
  | "part_count"
  | "length_bytes"
  | "stored_bytes"
  | "parts"
  | "envelope_hash"
>;

export interface PromisedRecording {
  readonly id: RecordingId;
  readonly forceId: ForceId;
  readonly cameraId: CameraId;
  readonly number: number;
  readonly fields: PromisedFields;
  readonly createdAt: Date;
}

/**
 * Inserts, or updates while still expected. `kept`: it is beyond `expected`, and stays as collected.
 * `id-taken`, `number-taken`: another recording has that id or number.
 */
export async function putPromised(
  tx: ForceTransaction,
  { id, forceId, cameraId, number, fields, createdAt }: PromisedRecording,
): Promise<"put" | "kept" | "id-taken" | "number-taken"> {
  const inserted = await sql<{ id: string }>`
    insert into sworn.recording (id, force_id, camera_id, number, state, format, created_at)
    values (${id}, ${forceId}, ${cameraId}, ${number}, 'expected', 'cmaf', ${createdAt})
    on conflict do nothing returning id`.execute(tx);
  if (inserted.rows.length === 0) {
    const known = await tx
      .selectFrom("recording")
      .select(["camera_id", "number", "state"])
      .where("id", "=", id)
      .executeTakeFirst();
    if (known === undefined) {
      const numbered = await tx
        .selectFrom("recording")
        .select("id")
        .where("camera_id", "=", cameraId)
        .where("number", "=", number)
        .executeTakeFirst();
      return numbered === undefined ? "id-taken" : "number-taken";
    }
    if (known.camera_id !== cameraId || known.number !== number) return "id-taken";
    if (known.state !== "expected") return "kept";
  }
  await tx
    .updateTable("recording")
    .set(fields)
    .where("id", "=", id)
    .where("state", "=", "expected")
    .execute();
  return "put";
}

export interface UnsettledRecording {
  readonly id: RecordingId;
  readonly firstSequence: number;
  readonly assignmentId: AssignmentId | null;
}

/** Recordings of the camera that are expected and began behind `sequence` (−1: all), oldest first. */
export async function listUnsettled(
  tx: ForceTransaction,
  camera: CameraId,
  sequence: number,
): Promise<UnsettledRecording[]> {
  const rows = await tx
    .selectFrom("recording")
    .select(["id", "first_sequence as firstSequence", "assignment_id as assignmentId"])
    .where("camera_id", "=", camera)
    .where("state", "=", "expected")
    .where("first_sequence", ">", sequence)
    .orderBy("first_sequence")
    .limit(5_000)
    .execute();
  return rows.map(({ id, firstSequence, assignmentId }) => ({
    id,
    firstSequence: firstSequence ?? 0,
    assignmentId: assignmentId as AssignmentId | null,
  }));
}

/** What the camera has not freed, oldest first, with how much of each is here. */
export async function listExpected(tx: ForceTransaction, camera: CameraId): Promise<ExpectedRecording[]> {
  const found = await sql<ExpectedRecording>`
    select r.id as recording, r.number, r.state,
      case when r.seal_hash is null then null else r.stored_bytes end as "storedBytes",
      case when r.state = 'expected' then coalesce((select max(u.offset_bytes) from sworn.upload u
        where u.recording_id = r.id and u.state in ('open', 'verifying')), 0)
        else coalesce(r.stored_bytes, 0) end as "offset"
    from sworn.recording r
    where r.camera_id = ${camera} and r.number is not null and not exists (select from sworn.freed_recording f
      where f.camera_id = r.camera_id and f.recording_id = r.id)
    order by r.number limit 2000`.execute(tx);
  return found.rows;
}

export interface AssignedUnit {
  readonly assignmentId: AssignmentId | null;
  readonly officerId: PersonId | null;
  readonly boroughId: BoroughId | null;
  readonly teamId: TeamId | null;
}

/** By the assignment that the camera's journal names, else by the one at that time, else the camera's own unit. */
export async function unitAt(
  tx: ForceTransaction,
  camera: CameraId,
  assignment: AssignmentId | null,
  at: Date | null,
): Promise<AssignedUnit> {
  const found = await sql<AssignedUnit & { rank: number }>`
    select a.id as "assignmentId", a.person_id as "officerId", a.borough_id as "boroughId", a.team_id as "teamId",
      case when a.id = ${assignment}::uuid then 0 else 1 end as rank
    from sworn.assignment a
    where a.camera_id = ${camera} and (a.id = ${assignment}::uuid
      or (a.started_at <= ${at}::timestamptz and (a.ended_at is null or a.ended_at > ${at}::timestamptz)))
    union all
    select null, null, c.borough_id, c.team_id, 2 from sworn.camera c where c.id = ${camera}
    order by rank limit 1`.execute(tx);
  const { assignmentId = null, officerId = null, boroughId = null, teamId = null } = found.rows[0] ?? {};
  return { assignmentId, officerId, boroughId, teamId };
}

export interface UncertainRecording {
  readonly id: RecordingId;
  readonly number: number;
  readonly clock: string;
}

/** Sealed and expected, with a time that no dock settled within its boot. */
export async function listUncertain(tx: ForceTransaction, camera: CameraId): Promise<UncertainRecording[]> {
  const rows = await tx
    .selectFrom("recording")
    .select(["id", "number", "clock"])
    .where("camera_id", "=", camera)
    .where("state", "=", "expected")
    .where("seal_hash", "is not", null)
    .where("clock", "!=", "dock")
    .orderBy("number")
    .limit(5_000)
    .execute();
  return rows.map(({ id, number, clock }) => ({ id, number: number ?? 0, clock: clock ?? "unbounded" }));
}
