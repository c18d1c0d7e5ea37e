// The one-time code that founds a force. It is printed where only the operator reads, works once and for an hour,
// and replaces the codes before it that were not used.
import type { Clock } from "../platform/clock.ts";
import { withPlatform, type Database } from "../platform/database/database.ts";
import { newSetupCode, setupCodeHash } from "./secrets.ts";
import { hasAnyKey, putSetupCode } from "./store.ts";

export const setupCodeValidMs = 3_600_000;

/** Makes a code and returns it; only its hash is kept. */
export async function issueSetupCode(database: Database, clock: Clock): Promise<string> {
  const code = newSetupCode();
  const nowMs = clock.nowMs();
  await withPlatform(database, (tx) =>
    putSetupCode(tx, setupCodeHash(code), new Date(nowMs), new Date(nowMs + setupCodeValidMs)),
  );
  return code;
}

/** A code if nobody has a key yet, for the first start; null otherwise. */
export async function issueFirstSetupCode(database: Database, clock: Clock): Promise<string | null> {
  if (await withPlatform(database, hasAnyKey)) return null;
  return issueSetupCode(database, clock);
}
