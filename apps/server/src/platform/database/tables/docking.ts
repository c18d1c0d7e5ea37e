// Rows of what docking remembers of each camera's journal (migrations 0003 and 0007).
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

export interface JournalRuleRow {
  force_id: ForceId;
  version: number;
  period_days: number;
  citation: string;
  effective_at: Date;
}

export interface JournalKeyRow {
  force_id: ForceId;
  camera_id: CameraId;
  /** `yyyy-mm`, as in the key's id. */
  month: string;
  rule_version: number;
  period_days: number;
  citation: string;
  made_at: Date;
  due_at: Date;
  ordered_at: Date | null;
  order_entry_id: number | null;
  destroyed_at: Date | null;
}

export interface DockingTables {
  journal_rule: JournalRuleRow;
  journal_key: JournalKeyRow;
  camera_journal: CameraJournalRow;
  freed_recording: FreedRecordingRow;
}
