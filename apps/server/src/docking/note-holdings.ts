// What a docked camera holds, as its dock lists it. A recording that was sealed and not collected, and that the camera
// no longer offers, is missing: a finding names it, so that nobody needs the video to know that it existed.
import type { CameraId, HoldingsAnswer, RecordingId } from "@sworn/contract";
import { lockCamera } from "../devices/index.ts";
import { recordFinding } from "../findings/index.ts";
import { withForce, type ForceTransaction } from "../platform/database/database.ts";
import type { DockCaller, DockSession } from "./check-dock-request.ts";
import type { DockingPorts } from "./ports.ts";
import { listMissing, writeHeld, type MissingRecording } from "./store.ts";

export async function noteHoldings(
  ports: Pick<DockingPorts, "database" | "clock">,
  by: { readonly dock: DockCaller; readonly session: DockSession },
  recordings: readonly RecordingId[],
): Promise<HoldingsAnswer> {
  const nowMs = ports.clock.nowMs();
  const { cameraId } = by.session;
  return withForce(ports.database, { forceId: by.dock.forceId, personId: null }, async (tx) => {
    const camera = await lockCamera(tx, cameraId);
    const told = { at: new Date(nowMs), headSequence: camera?.head_sequence ?? -1 };
    await writeHeld(tx, cameraId, [...new Set(recordings)], told);
    const missing = await findMissing(tx, cameraId, nowMs);
    return { missing: missing.map(({ id, number }) => ({ recording: id, number })) };
  });
}

/** Tells of each recording that the camera sealed and, when it last said what it holds, held no more. */
async function findMissing(
  tx: ForceTransaction,
  camera: CameraId,
  nowMs: number,
): Promise<readonly MissingRecording[]> {
  const missing = await listMissing(tx, camera);
  for (const { id, number, sealedAt, wasFreed } of missing) {
    const detail = { number, sealedAtSequence: sealedAt, freedWithoutCollection: wasFreed };
    const finding = { kind: "missing", cameraId: camera, recordingId: id, detail } as const;
    await recordFinding(tx, { ...finding, subject: `number:${number.toString()}` }, nowMs);
  }
  return missing;
}
