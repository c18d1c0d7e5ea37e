// Calls an order off, with its ledger entry, in the transaction that found out why. The key must be known to be there.
import { parseId } from "@sworn/custody";
import type { ForceTransaction } from "../platform/database/database.ts";
import type { RetentionPorts } from "./ports.ts";
import { cancelOrder, type Recording } from "./store.ts";

export interface Cancellation {
  /** `held`: by this hold; `not-due`: the rule or the facts have changed. */
  readonly reason: "held" | "not-due";
  readonly holdId?: string;
}

export async function cancelDestruction(
  ports: Pick<RetentionPorts, "clock" | "ledger">,
  tx: ForceTransaction,
  recording: Pick<Recording, "id">,
  why: Cancellation,
): Promise<void> {
  await cancelOrder(tx, recording.id, { at: new Date(ports.clock.nowMs()), reason: why.reason });
  await ports.ledger.stage(tx, {
    event: "destroy-cancelled",
    actor: { system: "retention" },
    recording: parseId(recording.id),
    data: { reason: why.reason, ...(why.holdId === undefined ? {} : { hold: parseId(why.holdId) }) },
  });
}
