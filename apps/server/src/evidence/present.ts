// A recording as the API shows it.
import { toBase64url, type Recording } from "@sworn/contract";
import type { RecordingRow } from "./store.ts";

const instant = (at: Date | null): string | null => at?.toISOString() ?? null;

export function presentRecording(row: RecordingRow): Recording {
  return {
    id: row.id,
    cameraId: row.camera_id,
    number: row.number,
    boroughId: row.borough_id,
    teamId: row.team_id,
    officerId: row.officer_id,
    state: row.state,
    format: row.format,
    verdict: row.verdict,
    identity: row.identity && toBase64url(row.identity),
    recordedStart: instant(row.recorded_start_at),
    recordedEnd: instant(row.recorded_end_at),
    clock: row.clock,
    cameraStartMs: row.camera_start_ms,
    cameraEndMs: row.camera_end_ms,
    durationMs: row.duration_ms,
    endReason: row.seal_reason,
    parts: row.part_count,
    lengthBytes: row.length_bytes,
    storedBytes: row.stored_bytes,
    fileName: row.file_name,
    receivedAt: instant(row.received_at),
    hasReceipt: row.receipt !== null,
    class: row.class,
    incident: row.incident,
    classifiedAt: instant(row.classified_at),
    classifiedBy: row.classified_by,
    destroyedAt: instant(row.destroyed_at),
  };
}
