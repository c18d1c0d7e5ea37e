// A finding as the API shows it.
import type { Finding, FindingId } from "@sworn/contract";
import type { FoundRow } from "./store.ts";

export function presentFinding(row: FoundRow): Finding {
  return {
    id: row.id as FindingId,
    kind: row.kind,
    cameraId: row.camera_id,
    recordingId: row.recording_id,
    subject: row.subject,
    detail: { ...row.detail },
    foundAt: row.found_at.toISOString(),
    resolvedAt: row.resolved_at?.toISOString() ?? null,
    resolvedBy: row.resolved_by,
  };
}
