// The force's retention gate: an advisory lock that every order to destroy shares and that whatever could forbid one
// (a new hold, a changed class) takes alone. Held to the end of the transaction, so what it guarded is visible after it.
import { sql } from "kysely";
import type { ForceTransaction } from "../platform/database/database.ts";

// The first half of the key is this lock's own; the second is the force.
const gate = 776_811_403;

/** For orders and for destroying a key. Taken before any row. */
export async function shareGate(tx: ForceTransaction): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${gate}::int, hashtext(sworn.current_force()::text))`.execute(
    tx,
  );
}

/** For holds and changes: waits for every order in hand, and none begins meanwhile. Taken before any row. */
export async function closeGate(tx: ForceTransaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(${gate}::int, hashtext(sworn.current_force()::text))`.execute(tx);
}
