// Releases a hold, with a reason and an entry. Others on the same recordings stand as before.
import type { ForceId, Hold, HoldId, PersonId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { withForce } from "../platform/database/database.ts";
import { lockHold, markReleased } from "./holds-store.ts";
import type { RetentionPorts } from "./ports.ts";
import { presentHold } from "./present.ts";

export type ReleaseHoldOutcome =
  | { readonly outcome: "released"; readonly hold: Hold }
  | { readonly outcome: "not-found" | "released-before" | "not-yours" };

/** Its owner, who placed it, or an administrator. Resolves when a checkpoint covers the entry. */
export async function releaseHold(
  ports: Pick<RetentionPorts, "database" | "clock" | "ledger">,
  actor: { readonly forceId: ForceId; readonly personId: PersonId; readonly isAdministrator: boolean },
  order: { readonly id: HoldId; readonly reason: string },
): Promise<ReleaseHoldOutcome> {
  const done = await withForce(ports.database, actor, async (tx) => {
    const hold = await lockHold(tx, order.id);
    if (hold === undefined) return { outcome: "not-found" as const };
    if (hold.released_at !== null) return { outcome: "released-before" as const };
    const isTheirs = hold.owner_id === actor.personId || hold.placed_by === actor.personId;
    if (!isTheirs && !actor.isAdministrator) return { outcome: "not-yours" as const };
    const nowMs = ports.clock.nowMs();
    const release = { by: actor.personId, at: new Date(nowMs), reason: order.reason };
    await markReleased(tx, order.id, release);
    const entry = await ports.ledger.stage(tx, {
      event: "hold-released",
      actor: { person: parseId(actor.personId) },
      ...(hold.recording_id === null ? {} : { recording: parseId(hold.recording_id) }),
      data: { hold: parseId(hold.id), reason: order.reason },
    });
    const now = { ...hold, released_by: release.by, released_at: release.at, release_reason: release.reason };
    return { outcome: "released" as const, entry, hold: presentHold(now, nowMs) };
  });
  if (done.outcome !== "released") return done;
  await ports.ledger.covered(actor.forceId, done.entry);
  return { outcome: "released", hold: done.hold };
}
