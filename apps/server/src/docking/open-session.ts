// Opens a docking session: a nonce for the camera to sign, the accepted head, and the key to seal to from now on. A
// camera that is lost or retired gets none.
import { randomBytes, randomUUID } from "node:crypto";
import {
  fromBase64url,
  toBase64url,
  type DockingSession,
  type DockingSessionId,
  type DockingSessionRequest,
  type JournalHead,
} from "@sworn/contract";
import { equalBytes, parseId } from "@sworn/custody";
import { lockCamera, type StoredCamera } from "../devices/index.ts";
import { recordFinding } from "../findings/index.ts";
import { withForce, type ForceTransaction } from "../platform/database/database.ts";
import type { DockCaller } from "./check-dock-request.ts";
import type { DockingPorts } from "./ports.ts";
import { beginSession } from "./store.ts";

/** Long enough for a shift's footage over a slow link; then the camera shows itself again. */
const SESSION_MS = 12 * 3_600_000;

export type OpenSessionOutcome =
  | { readonly outcome: "opened"; readonly session: DockingSession }
  | { readonly outcome: "camera-not-found" }
  | { readonly outcome: "camera-refused"; readonly state: StoredCamera["state"] };

export async function openSession(
  ports: Pick<DockingPorts, "database" | "clock" | "authorities">,
  dock: DockCaller,
  request: DockingSessionRequest,
): Promise<OpenSessionOutcome> {
  const authority = await ports.authorities.of(parseId(dock.forceId));
  const { statement } = await authority.ingestKeys.current(ports.clock.nowMs());
  const session = { id: randomUUID() as DockingSessionId, nonce: randomBytes(32) };
  const nowMs = ports.clock.nowMs();
  const found = await withForce(ports.database, { forceId: dock.forceId, personId: null }, async (tx) => {
    const camera = await lockCamera(tx, request.camera);
    if (camera?.state !== "in-service") return camera;
    await beginSession(tx, {
      id: session.id,
      force_id: dock.forceId,
      camera_id: camera.id,
      dock_id: dock.dockId,
      nonce: session.nonce,
      created_at: new Date(nowMs),
      expires_at: new Date(nowMs + SESSION_MS),
      opened_at: null,
      closed_at: null,
    });
    if (request.head !== undefined) await compareHeads(tx, camera, request.head, nowMs);
    return camera;
  });
  if (found === undefined) return { outcome: "camera-not-found" };
  if (found.state !== "in-service") return { outcome: "camera-refused", state: found.state };
  return {
    outcome: "opened",
    session: {
      session: session.id,
      nonce: toBase64url(session.nonce),
      serverTimeMs: nowMs,
      head: headOf(found),
      ingestKey: toBase64url(statement),
      service: toBase64url(authority.service.certificate.der),
    },
  };
}

/** The accepted head, as the API shows it. */
export function headOf(camera: Pick<StoredCamera, "head_sequence" | "head_hash">): JournalHead | null {
  const { head_sequence: sequence, head_hash: hash } = camera;
  return sequence === null || hash === null ? null : { sequence, hash: toBase64url(hash) };
}

/** A camera whose journal ends before what it once sent, or otherwise, has lost or replaced entries. */
async function compareHeads(
  tx: ForceTransaction,
  camera: StoredCamera,
  shown: JournalHead | null,
  nowMs: number,
): Promise<void> {
  const { head_sequence: accepted, head_hash: acceptedHash } = camera;
  if (accepted === null || acceptedHash === null) return;
  const shownHash = shown && fromBase64url(shown.hash);
  const isShorter = shown === null || shown.sequence < accepted;
  const isOther = shown?.sequence === accepted && (!shownHash || !equalBytes(shownHash, acceptedHash));
  if (!isShorter && !isOther) return;
  const finding = {
    kind: isShorter ? "journal-dropped-tail" : "journal-fork",
    cameraId: camera.id,
    subject: `${accepted.toString()}:${shown === null ? "none" : `${shown.sequence.toString()}:${shown.hash}`}`,
    detail: { acceptedSequence: accepted, shownSequence: shown?.sequence ?? null, toldBy: "dock" },
  } as const;
  await recordFinding(tx, finding, nowMs);
}
