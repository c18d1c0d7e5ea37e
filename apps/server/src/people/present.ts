// Rows as the API shows them.
import type { ApiKey, Borough, Person, Team } from "@sworn/contract";
import type { ApiKeyRow, BoroughRow, PersonRow, TeamRow } from "../platform/database/tables/people.ts";

export function presentPerson(row: PersonRow): Person {
  return {
    id: row.id,
    forceId: row.force_id,
    name: row.name,
    collarNumber: row.collar_number,
    boroughId: row.borough_id,
    teamId: row.team_id,
    administrator: row.is_administrator,
  };
}

export function presentBorough(row: BoroughRow): Borough {
  return { id: row.id, name: row.name, slug: row.slug };
}

export function presentTeam(row: TeamRow): Team {
  return { id: row.id, boroughId: row.borough_id, name: row.name };
}

export function presentKey(row: Omit<ApiKeyRow, "secret_hash">): ApiKey {
  return {
    id: row.id,
    personId: row.person_id,
    label: row.label,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    revokedAt: row.revoked_at?.toISOString() ?? null,
  };
}
