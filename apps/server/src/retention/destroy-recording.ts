// One recording, from due to destroyed, or as far as it may go: order, checkpoint, key, objects, certificate.
// Each step finds what the one before left, so that starting again at any point ends the same.
import type { ForceId, RecordingId } from "@sworn/contract";
import { withForce } from "../platform/database/database.ts";
import { adoptDestruction } from "./adopt-destruction.ts";
import { destroyKey } from "./destroy-key.ts";
import { finishDestruction } from "./finish-destruction.ts";
import { orderDestruction } from "./order-destruction.ts";
import type { RetentionPorts } from "./ports.ts";
import { RetentionFault } from "./retention-error.ts";
import { readOrder } from "./store.ts";

export type DestroyOutcome = "destroyed" | "cancelled" | "kept";

type Needs = Omit<RetentionPorts, "log" | "tellFinding">;

/** @throws RetentionFault, LedgerFault, VaultError; whatever it threw, the next call goes on from there */
export async function destroyRecording(
  ports: Needs,
  forceId: ForceId,
  recordingId: RecordingId,
): Promise<DestroyOutcome> {
  const adopted = await adoptDestruction(ports, forceId, recordingId);
  if (adopted === "destroyed") return "destroyed";
  if (adopted === "unordered") {
    throw new RetentionFault(
      "destroyed-without-order",
      `The key of recording ${recordingId} is destroyed, and the ledger has no order for it. Find out who did it.`,
    );
  }
  const { outcome } = await orderDestruction(ports, forceId, recordingId);
  if (outcome !== "ordered" && outcome !== "ordered-before") return "kept";
  const order = await withForce(ports.database, { forceId, personId: null }, (tx) =>
    readOrder(tx, recordingId),
  );
  if (order === undefined) return "kept";
  await ports.ledger.covered(forceId, { id: order.entry_id });
  if ((await destroyKey(ports, forceId, recordingId)) === "cancelled") return "cancelled";
  return (await finishDestruction(ports, forceId, recordingId)) ? "destroyed" : "kept";
}
