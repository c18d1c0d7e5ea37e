// Rows of forces, boroughs, teams, people, keys and setup codes (migration 0001).
import type { ApiKeyId, BoroughId, ForceId, PersonId, TeamId } from "@sworn/contract";
import type { GeneratedAlways } from "kysely";

export interface ForceRow {
  id: ForceId;
  force_id: GeneratedAlways<ForceId>;
  name: string;
  slug: string;
  created_at: Date;
}

export interface BoroughRow {
  id: BoroughId;
  force_id: ForceId;
  name: string;
  slug: string;
  created_at: Date;
}

export interface TeamRow {
  id: TeamId;
  force_id: ForceId;
  borough_id: BoroughId;
  name: string;
  created_at: Date;
}

export interface PersonRow {
  id: PersonId;
  force_id: ForceId;
  name: string;
  collar_number: string | null;
  borough_id: BoroughId | null;
  team_id: TeamId | null;
  is_administrator: boolean;
  created_at: Date;
}

export interface ApiKeyRow {
  id: ApiKeyId;
  force_id: ForceId;
  person_id: PersonId;
  /** SHA-256 of the whole secret text. */
  secret_hash: Uint8Array;
  label: string;
  created_by: PersonId | null;
  created_at: Date;
  expires_at: Date;
  revoked_at: Date | null;
}

export interface PeopleTables {
  force: ForceRow;
  borough: BoroughRow;
  team: TeamRow;
  person: PersonRow;
  api_key: ApiKeyRow;
}
