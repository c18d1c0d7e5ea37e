// What a docked camera holds, as its dock lists it. A recording that was sealed and not collected, and that the camera
// no longer offers, is missing: a finding names it, so that nobody needs the video to know that it existed.
import type { CameraId, HoldingsAnswer, RecordingId } from "@sworn/contract";
import { lockCamera } from "../devices/index.ts";
import { tellMissing } from "../findings/index.ts";
import { withForce, type ForceTransaction } from "../platform/database/database.ts";
import type { DockCaller, DockSession } from "./check-dock-request.ts";
import type { DockingPorts } from "./ports.ts";
import { listMissing, writeHeld, type MissingRecording } from "./store.ts";

export async function noteHoldings(
  ports: Pick<DockingPorts, "database" | "clock" | "ledger">,
  by: { readonly dock: DockCaller; readonly session: DockSession },
  recordings: readonly RecordingId[],
): Promise<HoldingsAnswer> {
  const nowMs = ports.clock.nowMs();
  const { cameraId } = by.session;
  return withForce(ports.database, { forceId: by.dock.forceId, personId: null }, async (tx) => {
    const camera = await lockCamera(tx, cameraId);
    const told = { at: new Date(nowMs), headSequence: camera?.head_sequence ?? -1 };
    await writeHeld(tx, cameraId, [...new Set(recordings)], told);
    const missing = await findMissing(ports, tx, cameraId);
    return { missing: missing.map(({ id, number }) => ({ recording: id, number })) };
  });
}

/** Tells of each recording that the camera sealed and, when it last said what it holds, held no more. */
async function findMissing(
  ports: Pick<DockingPorts, "clock" | "ledger">,
  tx: ForceTransaction,
  cameraId: CameraId,
): Promise<readonly MissingRecording[]> {
  const missing = await listMissing(tx, cameraId);
  for (const { id, number, sealedAt, wasFreed } of missing) {
    const detail = { sealedAtSequence: sealedAt, freedWithoutCollection: wasFreed };
    await tellMissing(ports, tx, { cameraId, recordingId: id, number, cause: "not-held", detail });
  }
  return missing;
}
