// Founds a force with its administrator and that person's first key, all or nothing, for a one-time code.
import { randomUUID } from "node:crypto";
import type { ApiKeyId, Force, ForceId, PersonId, SetupRequest, SetupResponse } from "@sworn/contract";
import type { Clock } from "../platform/clock.ts";
import { withPlatform, type Database } from "../platform/database/database.ts";
import { isUniqueViolation } from "../platform/database/postgres-errors.ts";
import { defaultKeyDays, dayMs } from "./issue-key.ts";
import { presentKey, presentPerson } from "./present.ts";
import { keyHash, newKeySecret, setupCodeHash } from "./secrets.ts";
import { foundForce } from "./store.ts";

export type SetupOutcome =
  | { readonly outcome: "founded"; readonly response: SetupResponse }
  | { readonly outcome: "code-refused" | "slug-taken" };

/** What other capabilities do for a force that comes into being. */
export interface Founding {
  /** Before the commit, so that no force is ever without its keys; after a crash, keys may be without a force. */
  makeKeys(force: Force): Promise<void>;
  /** After the commit; also at each start, so it must be idempotent. */
  seed(forceId: ForceId): Promise<void>;
}

export async function setUpForce(
  given: { readonly database: Database; readonly clock: Clock; readonly founding?: Founding | undefined },
  request: SetupRequest,
): Promise<SetupOutcome> {
  const { database, clock, founding } = given;
  const at = new Date(clock.nowMs());
  const secret = newKeySecret();
  const force = { id: randomUUID() as ForceId, name: request.force.name, slug: request.force.slug };
  const person = {
    id: randomUUID() as PersonId,
    name: request.person.name,
    collarNumber: request.person.collarNumber ?? null,
  };
  const key = {
    id: randomUUID() as ApiKeyId,
    hash: keyHash(secret) ?? new Uint8Array(),
    label: "first key",
    until: new Date(at.getTime() + defaultKeyDays * dayMs),
  };
  const codeHash = setupCodeHash(request.code);
  try {
    const founded = await withPlatform(database, async (tx) => {
      const isFounded = await foundForce(tx, { codeHash, at, force, person, key });
      if (isFounded) await founding?.makeKeys(force);
      return isFounded;
    });
    if (!founded) return { outcome: "code-refused" };
  } catch (error) {
    if (isUniqueViolation(error, "force_slug_key")) return { outcome: "slug-taken" };
    throw error;
  }
  await founding?.seed(force.id);
  const personRow = {
    id: person.id,
    force_id: force.id,
    name: person.name,
    collar_number: person.collarNumber,
    borough_id: null,
    team_id: null,
    is_administrator: true,
    created_at: at,
  };
  const keyRow = {
    id: key.id,
    force_id: force.id,
    person_id: person.id,
    label: key.label,
    created_by: null,
    created_at: at,
    expires_at: key.until,
    revoked_at: null,
  };
  return {
    outcome: "founded",
    response: { force, person: presentPerson(personRow), apiKey: { ...presentKey(keyRow), secret } },
  };
}
