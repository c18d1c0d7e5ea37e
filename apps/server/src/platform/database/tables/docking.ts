// Rows of what docking remembers of each camera's journal (migration 0003).
import type { CameraId, ForceId, RecordingId } from "@sworn/contract";
import type { JSONColumnType } from "kysely";

export interface CameraJournalRow {
  force_id: ForceId;
  camera_id: CameraId;
  state: Uint8Array;
  held: JSONColumnType<readonly RecordingId[]> | null;
  held_at: Date | null;
  held_sequence: number | null;
}

export interface FreedRecordingRow {
  force_id: ForceId;
  camera_id: CameraId;
  recording_id: RecordingId;
  sequence: number;
  receipt_hash: Uint8Array;
}

export interface DockingTables {
  camera_journal: CameraJournalRow;
  freed_recording: FreedRecordingRow;
}
