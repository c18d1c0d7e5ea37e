// Destroys the key of a recording whose order the ledger covers. The key goes while gate and row are locked, after one
// more judgement: a hold that comes before the key is gone wins, and one that comes after finds the tombstone.
import type { ForceId, RecordingId } from "@sworn/contract";
import { VaultError } from "@sworn/vault";
import { withForce } from "../platform/database/database.ts";
import { assessRecording } from "./assess-recording.ts";
import { cancelDestruction } from "./cancel-order.ts";
import { shareGate } from "./gate-store.ts";
import { withKeyInHand } from "./keys-in-hand.ts";
import { keyIdOf, type RetentionPorts } from "./ports.ts";
import { lockRecording, markKeyDestroyed, readOrder } from "./store.ts";

export type DestroyKeyOutcome = "destroyed" | "cancelled" | "not-ordered";

/** Whether a recording's key is certainly gone. A ring that cannot be read says nothing, and what may be there is kept. */
export async function isKeyGone(
  keys: Pick<RetentionPorts["keys"], "get">,
  recordingId: RecordingId,
): Promise<boolean> {
  try {
    return (await keys.get(keyIdOf(recordingId))).kind === "destroyed";
  } catch (error) {
    if (error instanceof VaultError) return false;
    throw error;
  }
}

export async function destroyKey(
  ports: Pick<RetentionPorts, "database" | "clock" | "ledger" | "keys" | "settings">,
  forceId: ForceId,
  recordingId: RecordingId,
): Promise<DestroyKeyOutcome> {
  return withForce(ports.database, { forceId, personId: null }, async (tx) => {
    await shareGate(tx);
    const recording = await lockRecording(tx, recordingId);
    if (recording?.state !== "destroy-ordered") return "not-ordered";
    if ((await readOrder(tx, recordingId)) === undefined) return "not-ordered";
    return withKeyInHand(recordingId, async () => {
      if (!(await isKeyGone(ports.keys, recordingId))) {
        const given = { settings: ports.settings, nowMs: ports.clock.nowMs() };
        const { judgement, holds } = await assessRecording(tx, recording, given);
        if (judgement.standing !== "due") {
          const hold = holds[0];
          const why = hold ? { reason: "held" as const, holdId: hold.id } : { reason: "not-due" as const };
          await cancelDestruction(ports, tx, recording, why);
          return "cancelled";
        }
      }
      // Also where it is gone already: only this says that both places have lost it.
      const { destroyedAtMs } = await ports.keys.delete(keyIdOf(recordingId));
      await markKeyDestroyed(tx, recordingId, new Date(destroyedAtMs ?? ports.clock.nowMs()));
      return "destroyed";
    });
  });
}
