// Rows of what docking remembers of each camera's journal (migrations 0003 and 0007), and of what is handed in (0008).
import type { CameraId, ForceId, HandInId, PersonId, RecordingId } from "@sworn/contract";
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

export interface HandInRow {
  id: HandInId;
  force_id: ForceId;
  camera_id: CameraId;
  handed_in_by: PersonId;
  reason: string;
  head_sequence: number;
  head_hash: Uint8Array;
  first_sequence: number | null;
  last_sequence: number | null;
  last_hash: Uint8Array | null;
  open_sequence: number | null;
  fork_sequence: number | null;
  completed_at: Date | null;
  entry_id: number;
  created_at: Date;
}

export interface HandInSegmentRow {
  force_id: ForceId;
  hand_in_id: HandInId;
  camera_id: CameraId;
  first_sequence: number;
  last_sequence: number;
  size_bytes: number;
  hash: Uint8Array;
  received_at: Date;
  entry_id: number;
  /** These of migration 0012, as those of an accepted segment. */
  sent_hash: Uint8Array | null;
  replaced_hash: Uint8Array | null;
  details: "as-sent" | "wrapped";
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
  hand_in: HandInRow;
  hand_in_segment: HandInSegmentRow;
  camera_journal: CameraJournalRow;
  freed_recording: FreedRecordingRow;
}
