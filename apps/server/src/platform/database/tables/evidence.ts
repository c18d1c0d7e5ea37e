// Rows of devices, docking, recordings, uploads, findings and the ledger's private side (migration 0002).
import type { BoroughId, CameraId, ForceId, HandInId, PersonId, RecordingId, TeamId } from "@sworn/contract";
import type { ColumnType, GeneratedAlways, JSONColumnType } from "kysely";

export interface CameraRow {
  id: CameraId;
  force_id: ForceId;
  name: string;
  model: string;
  borough_id: BoroughId | null;
  team_id: TeamId | null;
  spki: Uint8Array;
  certificate: Uint8Array;
  certificate_hash: Uint8Array;
  serial: string;
  state: ColumnType<
    "in-service" | "lost" | "retired",
    "in-service" | undefined,
    "in-service" | "lost" | "retired"
  >;
  enrolled_at: Date;
  enrolled_by: PersonId | null;
  last_docked_at: Date | null;
  head_sequence: number | null;
  head_hash: Uint8Array | null;
  head_accepted_at: Date | null;
}

export interface DockRow {
  id: string;
  force_id: ForceId;
  name: string;
  borough_id: BoroughId | null;
  spki: Uint8Array;
  certificate: Uint8Array;
  certificate_hash: Uint8Array;
  serial: string;
  state: ColumnType<"in-service" | "retired", "in-service" | undefined, "in-service" | "retired">;
  enrolled_at: Date;
}

export interface AssignmentRow {
  id: string;
  force_id: ForceId;
  camera_id: CameraId;
  person_id: PersonId;
  borough_id: BoroughId | null;
  team_id: TeamId | null;
  started_at: Date;
  ended_at: Date | null;
  issued_by: PersonId | null;
}

export interface RevocationRow {
  force_id: ForceId;
  serial: string;
  revoked_at: Date;
  camera_id: CameraId | null;
  dock_id: string | null;
  revoked_by: PersonId | null;
}

export interface RevocationListRow {
  force_id: ForceId;
  number: number;
}

export interface BreachRow {
  id: string;
  force_id: ForceId;
  camera_id: CameraId | null;
  opened_at: Date;
  notify_by: Date;
  opened_by: PersonId | null;
  circumstances: string;
  may_hold: JSONColumnType<readonly object[]>;
  closed_at: Date | null;
}

export type FindingKind =
  | "journal-fork"
  | "journal-gap"
  | "journal-dropped-tail"
  | "journal-refused"
  | "journal-transition"
  | "missing"
  | "altered"
  | "uncertain-clock"
  | "unclean-stop"
  | "foreign-upload"
  | "destruction";

export interface FindingRow {
  id: string;
  force_id: ForceId;
  kind: FindingKind;
  camera_id: CameraId | null;
  recording_id: RecordingId | null;
  subject: string;
  detail: JSONColumnType<object>;
  found_at: Date;
  resolved_at: Date | null;
  resolved_by: PersonId | null;
}

export interface DockingSessionRow {
  id: string;
  force_id: ForceId;
  camera_id: CameraId;
  dock_id: string;
  nonce: Uint8Array;
  created_at: Date;
  expires_at: Date;
  opened_at: Date | null;
  closed_at: Date | null;
}

export interface JournalSegmentRow {
  force_id: ForceId;
  camera_id: CameraId;
  first_sequence: number;
  last_sequence: number;
  size_bytes: number;
  hash: Uint8Array;
  head_hash: Uint8Array;
  received_at: Date;
  session_id: string | null;
  entry_id: number;
  /** These of migration 0007. */
  sent_hash: Uint8Array | null;
  replaced_hash: Uint8Array | null;
  details: "as-sent" | "wrapped";
}

export interface ClockFixRow {
  force_id: ForceId;
  camera_id: CameraId;
  sequence: number;
  boot: string;
  monotonic_ms: number;
  before_ms: number;
  after_ms: number;
  error_ms: number;
}

export type RecordingState = "expected" | "collected" | "destroy-ordered" | "destroyed";
export type RecordingClock = "dock" | "bounded" | "unbounded" | "stated" | "decided";

export interface RecordingRow {
  id: RecordingId;
  force_id: ForceId;
  camera_id: CameraId | null;
  number: number | null;
  borough_id: BoroughId | null;
  team_id: TeamId | null;
  officer_id: PersonId | null;
  assignment_id: string | null;
  state: RecordingState;
  format: "cmaf" | "file";
  verdict: "verified" | "altered" | "unattested" | "untrusted" | null;
  identity: Uint8Array | null;
  camera_start_ms: number | null;
  camera_end_ms: number | null;
  recorded_start_at: Date | null;
  recorded_end_at: Date | null;
  clock: RecordingClock | null;
  duration_ms: number | null;
  south: number | null;
  west: number | null;
  north: number | null;
  east: number | null;
  first_sequence: number | null;
  last_sequence: number | null;
  seal_hash: Uint8Array | null;
  seal_reason: string | null;
  part_count: number | null;
  length_bytes: number | null;
  stored_bytes: number | null;
  parts: Uint8Array | null;
  envelope_hash: Uint8Array | null;
  object_key: string | null;
  file_name: string | null;
  manifest: Uint8Array | null;
  receipt: Uint8Array | null;
  received_at: Date | null;
  collected_entry_id: number | null;
  class: string | null;
  classified_at: Date | null;
  classified_by: PersonId | null;
  incident: string | null;
  destroy_ordered_at: Date | null;
  destroy_entry_id: number | null;
  destroyed_at: Date | null;
  destruction_certificate: Uint8Array | null;
  warned_at: Date | null;
  created_at: Date;
  /** Set where a handed-in journal, not the accepted one, says what the recording is. */
  hand_in_id: ColumnType<HandInId | null, HandInId | null | undefined, HandInId | null>;
}

export interface DerivativeRow {
  id: string;
  force_id: ForceId;
  recording_id: RecordingId;
  kind: "poster" | "clip" | "copy";
  media_type: string;
  object_key: string;
  wrapped_key: Uint8Array;
  size_bytes: number;
  stored_bytes: number;
  hash: Uint8Array;
  created_at: Date;
}

export interface UploadRow {
  id: string;
  force_id: ForceId;
  kind: "camera" | "import";
  camera_id: CameraId | null;
  recording_id: RecordingId;
  number: number | null;
  session_id: string | null;
  imported_by: PersonId | null;
  length_bytes: number;
  offset_bytes: ColumnType<number, number | undefined, number>;
  store_parts: ColumnType<number[], number[] | undefined, number[]>;
  object_key: string;
  stated: JSONColumnType<object> | null;
  state: "open" | "verifying" | "collected" | "quarantined" | "refused";
  problem: string | null;
  created_at: Date;
  touched_at: Date;
  /** The lease of migration 0004. */
  lock_token: ColumnType<string | null, string | null | undefined, string | null>;
  locked_until: ColumnType<Date | null, Date | null | undefined, Date | null>;
}

export interface QuarantineRow {
  id: string;
  force_id: ForceId;
  upload_id: string | null;
  camera_id: CameraId | null;
  recording_id: RecordingId | null;
  number: number | null;
  reason: string;
  verdicts: JSONColumnType<readonly object[]>;
  hash: Uint8Array;
  size_bytes: number;
  object_key: string;
  arrived_at: Date;
  decided_at: Date | null;
  decided_by: PersonId | null;
  decision: "altered" | "untrusted" | "rejected" | null;
  decision_reason: string | null;
}

export interface LedgerEntryRow {
  id: GeneratedAlways<number>;
  force_id: ForceId;
  event: string;
  at: Date;
  person_id: PersonId | null;
  device_id: string | null;
  recording_id: RecordingId | null;
  camera_id: CameraId | null;
  leaf: Uint8Array;
  sealed_opening: Uint8Array;
  opening_key: string;
  index: number | null;
}

export interface LedgerHeadRow {
  force_id: ForceId;
  size: number;
  root: Uint8Array;
  fence: ColumnType<number, number | undefined, number>;
  updated_at: Date;
}

export interface EvidenceTables {
  camera: CameraRow;
  dock: DockRow;
  assignment: AssignmentRow;
  revocation: RevocationRow;
  revocation_list: RevocationListRow;
  breach: BreachRow;
  finding: FindingRow;
  docking_session: DockingSessionRow;
  journal_segment: JournalSegmentRow;
  clock_fix: ClockFixRow;
  recording: RecordingRow;
  derivative: DerivativeRow;
  upload: UploadRow;
  quarantine: QuarantineRow;
  ledger_entry: LedgerEntryRow;
  ledger_head: LedgerHeadRow;
}
