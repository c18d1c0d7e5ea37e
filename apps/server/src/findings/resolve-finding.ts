// A person resolves a finding, with a reason that stands in the ledger. Resolving again changes nothing.
import type { Finding, FindingId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import type { Ledger } from "../ledger/index.ts";
import type { Clock } from "../platform/clock.ts";
import { withForce, type Actor, type Database } from "../platform/database/database.ts";
import { presentFinding } from "./present.ts";
import { lockFinding, markResolved } from "./store.ts";

/** Null: there is no such finding in the force. */
export async function resolveFinding(
  given: { readonly database: Database; readonly clock: Clock; readonly ledger: Pick<Ledger, "stage"> },
  actor: Actor,
  order: { readonly id: FindingId; readonly reason: string },
): Promise<Finding | null> {
  return withForce(given.database, actor, async (tx) => {
    const row = await lockFinding(tx, order.id);
    if (row === undefined) return null;
    if (row.resolved_at !== null) return presentFinding(row);
    const at = new Date(given.clock.nowMs());
    await markResolved(tx, order.id, actor.personId, at);
    await given.ledger.stage(tx, {
      event: "finding-resolved",
      actor: actor.personId === null ? { system: "findings" } : { person: parseId(actor.personId) },
      ...(row.camera_id === null ? {} : { camera: parseId(row.camera_id) }),
      ...(row.recording_id === null ? {} : { recording: parseId(row.recording_id) }),
      data: { finding: parseId(order.id), kind: row.kind, reason: order.reason },
    });
    return presentFinding({ ...row, resolved_at: at, resolved_by: actor.personId });
  });
}
