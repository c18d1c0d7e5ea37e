// SQL of findings.
import type { CameraId, FindingId, FindingKind, PersonId, RecordingId } from "@sworn/contract";
import { sql, type Selectable } from "kysely";
import type { ForceTransaction } from "../platform/database/database.ts";
import type { FindingRow } from "../platform/database/tables/evidence.ts";

export type FoundRow = Selectable<FindingRow>;

export interface FindingToInsert {
  readonly id: FindingId;
  readonly kind: FindingKind;
  readonly cameraId: CameraId | null;
  readonly recordingId: RecordingId | null;
  readonly subject: string;
  readonly detail: object;
  readonly foundAt: Date;
}

/** The unique key decides, so that two who find the same at one moment record it once. */
export async function insertFinding(
  tx: ForceTransaction,
  finding: FindingToInsert,
): Promise<{ outcome: "recorded" | "known"; id: FindingId }> {
  const inserted = await sql<{ id: FindingId }>`
    insert into sworn.finding (id, force_id, kind, camera_id, recording_id, subject, detail, found_at)
    values (${finding.id}, sworn.current_force(), ${finding.kind}, ${finding.cameraId}, ${finding.recordingId},
      ${finding.subject}, ${JSON.stringify(finding.detail)}::jsonb, ${finding.foundAt})
    on conflict (force_id, kind, camera_id, recording_id, subject) do nothing returning id`.execute(tx);
  const made = inserted.rows[0];
  if (made) return { outcome: "recorded", id: made.id };
  const known = await sql<{ id: FindingId }>`
    select id from sworn.finding where kind = ${finding.kind} and subject = ${finding.subject}
      and camera_id is not distinct from ${finding.cameraId}::uuid
      and recording_id is not distinct from ${finding.recordingId}::uuid`.execute(tx);
  return { outcome: "known", id: known.rows[0]?.id ?? finding.id };
}

export interface FindingFilter {
  readonly resolved: boolean;
  readonly cameraId?: CameraId;
  readonly recordingId?: RecordingId;
  readonly kind?: FindingKind;
  readonly after?: FindingId;
}

/** Newest first; `after` continues behind that finding. */
export async function listFindings(
  tx: ForceTransaction,
  filter: FindingFilter,
  limit: number,
): Promise<FoundRow[]> {
  let query = tx
    .selectFrom("finding")
    .selectAll()
    .where("resolved_at", filter.resolved ? "is not" : "is", null)
    .orderBy("found_at", "desc")
    .orderBy("id", "desc")
    .limit(limit);
  const { cameraId, recordingId, kind, after } = filter;
  if (cameraId !== undefined) query = query.where("camera_id", "=", cameraId);
  if (recordingId !== undefined) query = query.where("recording_id", "=", recordingId);
  if (kind !== undefined) query = query.where("kind", "=", kind);
  if (after !== undefined) {
    query = query.where(
      sql<boolean>`(found_at, id) < (select f.found_at, f.id from sworn.finding f where f.id = ${after})`,
    );
  }
  return query.execute();
}

export async function lockFinding(tx: ForceTransaction, id: FindingId): Promise<FoundRow | undefined> {
  return tx.selectFrom("finding").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
}

export async function markResolved(
  tx: ForceTransaction,
  id: FindingId,
  by: PersonId | null,
  at: Date,
): Promise<void> {
  await tx
    .updateTable("finding")
    .set({ resolved_at: at, resolved_by: by })
    .where("id", "=", id)
    .where("resolved_at", "is", null)
    .execute();
}
