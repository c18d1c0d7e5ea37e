// Who a key's secret belongs to, asked with every request, so that a revocation works at once.
import type { ApiKeyId, ForceId, PersonId } from "@sworn/contract";
import type { Clock } from "../platform/clock.ts";
import { withPlatform, type Database } from "../platform/database/database.ts";
import { keyHash } from "./secrets.ts";
import { findKeyByHash } from "./store.ts";

export type FindKeyOutcome =
  | {
      readonly outcome: "known";
      readonly staff: {
        readonly forceId: ForceId;
        readonly personId: PersonId;
        readonly keyId: ApiKeyId;
        readonly isAdministrator: boolean;
      };
    }
  | { readonly outcome: "unknown" | "expired" | "revoked" };

export async function findKey(database: Database, clock: Clock, secret: string): Promise<FindKeyOutcome> {
  const hash = keyHash(secret);
  if (hash === null) return { outcome: "unknown" };
  const key = await withPlatform(database, (tx) => findKeyByHash(tx, hash));
  if (key === null) return { outcome: "unknown" };
  if (key.revoked_at !== null) return { outcome: "revoked" };
  if (key.expires_at.getTime() <= clock.nowMs()) return { outcome: "expired" };
  return {
    outcome: "known",
    staff: {
      forceId: key.force_id,
      personId: key.person_id,
      keyId: key.id,
      isAdministrator: key.is_administrator,
    },
  };
}
