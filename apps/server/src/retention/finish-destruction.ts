// Finishes a destruction whose key is gone: objects, certificate, row and entry. Idempotent at every instruction, so
// that the next run can go on from wherever a crash left it.
import type { ForceId, RecordingId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { withForce } from "../platform/database/database.ts";
import { certifyDestruction } from "./certify-destruction.ts";
import type { RetentionPorts } from "./ports.ts";
import { listObjectKeys, lockRecording, markDestroyed, readOrder } from "./store.ts";

type Needs = Pick<RetentionPorts, "database" | "clock" | "ledger" | "objects" | "serviceOf" | "settings">;

/** False where there is nothing to finish: it was finished before, or its key is not destroyed. */
export async function finishDestruction(
  ports: Needs,
  forceId: ForceId,
  recordingId: RecordingId,
): Promise<boolean> {
  const actor = { forceId, personId: null };
  const order = await withForce(ports.database, actor, (tx) => readOrder(tx, recordingId));
  const keyDestroyedAt = order?.key_destroyed_at ?? null;
  if (order === undefined || keyDestroyedAt === null) return false;
  const covered = await ports.ledger.covered(forceId, { id: order.entry_id });
  const entry = await withForce(ports.database, actor, async (tx) => {
    // Under the row's lock: of two runs at once one removes and signs, and the other finds it done.
    const recording = await lockRecording(tx, recordingId);
    if (recording?.state !== "destroy-ordered") return null;
    for (const key of await listObjectKeys(tx, recordingId)) await ports.objects.delete(key);
    const given = { order, covered, keyDestroyedAt };
    const { bytes, certificate } = await certifyDestruction(ports, forceId, recording, given);
    await markDestroyed(tx, recordingId, {
      at: new Date(ports.clock.nowMs()),
      objectsDestroyedAt: new Date(certificate.objectsDestroyedAtMs),
      certificate: bytes,
    });
    return ports.ledger.stage(tx, {
      event: "recording-destroyed",
      actor: { system: "retention" },
      recording: parseId(recordingId),
      ...(recording.camera_id === null ? {} : { camera: parseId(recording.camera_id) }),
      data: {
        identity: certificate.identity,
        keyDestroyedAtMs: certificate.keyDestroyedAtMs,
        certificate: new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes))),
      },
    });
  });
  if (entry === null) return false;
  await ports.ledger.covered(forceId, entry);
  return true;
}
