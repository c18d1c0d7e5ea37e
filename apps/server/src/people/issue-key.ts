// Issues and revokes personal API keys. The secret is returned once and never stored.
import { randomUUID } from "node:crypto";
import type { ApiKeyId, ApiKeyRequest, NewApiKey, PersonId } from "@sworn/contract";
import type { Clock } from "../platform/clock.ts";
import { withForce, type Actor, type Database } from "../platform/database/database.ts";
import { presentKey } from "./present.ts";
import { keyHash, newKeySecret } from "./secrets.ts";
import { insertKey, readKey, readPerson, revokeKeyRow } from "./store.ts";

export const dayMs = 86_400_000;
export const defaultKeyDays = 365;

export type IssueKeyOutcome =
  { readonly outcome: "issued"; readonly apiKey: NewApiKey } | { readonly outcome: "person-not-found" };

export async function issueKey(
  database: Database,
  clock: Clock,
  actor: Actor,
  request: ApiKeyRequest,
): Promise<IssueKeyOutcome> {
  const secret = newKeySecret();
  const createdAt = new Date(clock.nowMs());
  const row = {
    id: randomUUID() as ApiKeyId,
    force_id: actor.forceId,
    person_id: request.personId,
    label: request.label,
    created_by: actor.personId,
    created_at: createdAt,
    expires_at: new Date(createdAt.getTime() + (request.validForDays ?? defaultKeyDays) * dayMs),
    revoked_at: null,
  };
  return withForce(database, actor, async (tx) => {
    if ((await readPerson(tx, request.personId)) === undefined) return { outcome: "person-not-found" };
    await insertKey(tx, { ...row, secret_hash: keyHash(secret) ?? new Uint8Array() });
    return { outcome: "issued", apiKey: { ...presentKey(row), secret } };
  });
}

export type RevokeKeyOutcome = "revoked" | "not-found" | "not-yours";

/** A person revokes their own keys, an administrator anybody's. Revoking again changes nothing. */
export async function revokeKey(
  database: Database,
  clock: Clock,
  actor: Actor & { readonly personId: PersonId; readonly isAdministrator: boolean },
  id: ApiKeyId,
): Promise<RevokeKeyOutcome> {
  return withForce(database, actor, async (tx) => {
    const key = await readKey(tx, id);
    if (key === undefined) return "not-found";
    if (key.person_id !== actor.personId && !actor.isAdministrator) return "not-yours";
    await revokeKeyRow(tx, id, new Date(clock.nowMs()));
    return "revoked";
  });
}
