// Rows of what ingest and evidence add to the tables of evidence (migration 0004).
import type { ForceId, PersonId, RecordingId } from "@sworn/contract";

export interface RecordingExportRow {
  id: string;
  force_id: ForceId;
  recording_id: RecordingId;
  person_id: PersonId;
  recipient: string;
  purpose: string;
  entry_id: number;
  created_at: Date;
  expires_at: Date;
  /** Of migration 0007. */
  details: "recording" | "none";
}

export interface IngestTables {
  recording_export: RecordingExportRow;
}
