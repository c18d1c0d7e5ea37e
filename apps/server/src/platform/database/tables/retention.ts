// Rows of retention classes, changes, rules, holds and destructions (migration 0005).
import type {
  BoroughId,
  ForceId,
  HoldId,
  HoldKind,
  PersonId,
  RecordingId,
  RetentionChangeId,
  RetentionEffect,
} from "@sworn/contract";
import type { GeneratedAlways, JSONColumnType } from "kysely";

export interface RetentionClassRow {
  force_id: ForceId;
  class: string;
  title: string;
  created_at: Date;
}

export interface RetentionChangeRow {
  id: RetentionChangeId;
  force_id: ForceId;
  class: string;
  title: string;
  period_days: number | null;
  review_days: number | null;
  citation: string;
  reason: string;
  apply_to_existing: boolean;
  state: "proposed" | "confirmed" | "withdrawn" | "overtaken";
  proposed_by: PersonId;
  proposed_at: Date;
  expires_at: Date;
  effect: JSONColumnType<RetentionEffect>;
  decided_by: PersonId | null;
  decided_at: Date | null;
}

export interface RetentionVersionRow {
  force_id: ForceId;
  class: string;
  version: number;
  period_days: number | null;
  review_days: number | null;
  citation: string;
  effective_at: Date;
  existing_before: Date | null;
  change_id: RetentionChangeId | null;
}

export interface RetentionRuleRow {
  force_id: ForceId;
  class: string;
  received_from: Date;
  received_until: Date;
  version: number;
  period_days: number | null;
  review_days: number | null;
  citation: string;
}

export interface HoldRow {
  id: HoldId;
  force_id: ForceId;
  kind: HoldKind;
  reason: string;
  owner_id: PersonId;
  review_at: Date;
  scope: "recording" | "incident" | "event";
  recording_id: RecordingId | null;
  incident: string | null;
  incident_key: GeneratedAlways<string | null>;
  from_at: Date | null;
  to_at: Date | null;
  borough_id: BoroughId | null;
  south: number | null;
  west: number | null;
  north: number | null;
  east: number | null;
  people: string[] | null;
  placed_by: PersonId;
  placed_at: Date;
  released_by: PersonId | null;
  released_at: Date | null;
  release_reason: string | null;
}

export interface DestructionRow {
  force_id: ForceId;
  entry_id: number;
  recording_id: RecordingId;
  ordered_at: Date;
  class: string;
  version: number;
  period_days: number;
  citation: string;
  due_at: Date;
  key_destroyed_at: Date | null;
  objects_destroyed_at: Date | null;
  cancelled_at: Date | null;
  cancelled_reason: string | null;
}

export interface RetentionTables {
  retention_class: RetentionClassRow;
  retention_change: RetentionChangeRow;
  retention_version: RetentionVersionRow;
  retention_rule: RetentionRuleRow;
  hold: HoldRow;
  destruction: DestructionRow;
}
