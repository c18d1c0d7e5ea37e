// Who sends a request: a dock in service, by its signature, at about this time, once, and within a docking session of
// a camera in service where one is needed. Each refusal says what to do.
import type { CameraId, DockId, DockingSessionId, ForceId } from "@sworn/contract";
import { SESSION_HEADER, fromBase64url, isId, toBase64url } from "@sworn/contract";
import { fromHex, parseCertificate } from "@sworn/custody";
import type { Clock } from "../platform/clock.ts";
import { withForce, withPlatform, type Database } from "../platform/database/database.ts";
import type { ReplayGuard } from "./replay-guard.ts";
import { findDock, readDockCertificate, readSession, type SessionWithCamera } from "./store.ts";
import { verifyDockSignature, type SignedRequest } from "./verify-signature.ts";

/** How far a dock's clock may be off. */
export const SIGNATURE_WINDOW_MS = 5 * 60_000;

/** `opened`: the camera itself has shown that it is there. */
export type SessionNeed = "none" | "session" | "opened";

export interface DockSession {
  readonly id: DockingSessionId;
  readonly cameraId: CameraId;
  readonly nonce: Uint8Array;
  readonly createdAtMs: number;
  readonly openedAtMs: number | null;
}

export interface DockCaller {
  readonly dockId: DockId;
  readonly forceId: ForceId;
  /** Null where none was asked for. */
  readonly session: DockSession | null;
}

export type DockRefusal =
  | "signature-missing"
  | "signature-invalid"
  | "signature-untimely"
  | "signature-replayed"
  | "length-required"
  | "busy"
  | "device-refused"
  | "session-invalid";

export type DockVerdict =
  | { readonly outcome: "known"; readonly caller: DockCaller }
  | { readonly outcome: DockRefusal; readonly detail: string };

export interface DockCheckPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly replays: ReplayGuard;
}

const refuse = (outcome: DockRefusal, detail: string): DockVerdict => ({ outcome, detail });

interface KnownDock {
  readonly id: DockId;
  readonly forceId: ForceId;
  readonly state: string;
}

export async function checkDockRequest(
  ports: DockCheckPorts,
  request: SignedRequest,
  need: SessionNeed,
): Promise<DockVerdict> {
  if (request.headers["transfer-encoding"] !== undefined) {
    return refuse("length-required", "Send the body with a Content-Length: the signature covers it.");
  }
  const { database, clock } = ports;
  const docks: KnownDock[] = [];
  const verdict = await verifyDockSignature(request, async (keyId) => {
    const found = await withPlatform(database, (tx) => findDock(tx, fromHex(keyId) ?? new Uint8Array(32)));
    if (found === null) return null;
    docks.push({ id: found.id, forceId: found.force_id, state: found.state });
    return found.spki;
  });
  if (verdict.kind === "missing") {
    return refuse("signature-missing", "Sign the request with the dock's key (RFC 9421).");
  }
  const [dock] = docks;
  if (verdict.kind === "invalid" || dock === undefined) {
    const reason = verdict.kind === "invalid" ? verdict.reason : "the key is not known here";
    return refuse("signature-invalid", `The signature cannot be accepted: ${reason}.`);
  }
  const nowMs = clock.nowMs();
  if (Math.abs(nowMs - verdict.createdS * 1000) > SIGNATURE_WINDOW_MS) {
    return refuse(
      "signature-untimely",
      "The dock's clock is more than 5 minutes off. Set it and sign again.",
    );
  }
  const taken = ports.replays.take(`${verdict.keyId}${verdict.signatureR}`, nowMs);
  if (taken === "replayed")
    return refuse("signature-replayed", "This very request came before. Sign it again.");
  if (taken === "full") return refuse("busy", "Too many requests in a few minutes. Try again later.");
  return admit(ports, dock, { need, nonce: verdict.nonce, header: request.headers[SESSION_HEADER] });
}

interface Shown {
  readonly need: SessionNeed;
  readonly nonce: string | null;
  readonly header: string | string[] | undefined;
}

async function admit(ports: DockCheckPorts, dock: KnownDock, shown: Shown): Promise<DockVerdict> {
  const { database, clock } = ports;
  const nowMs = clock.nowMs();
  const sessionId =
    shown.need !== "none" && typeof shown.header === "string" && isId(shown.header) ? shown.header : null;
  const found = await withForce(database, { forceId: dock.forceId, personId: null }, async (tx) => ({
    certificate: await readDockCertificate(tx, dock.id),
    session: sessionId === null ? undefined : await readSession(tx, sessionId as DockingSessionId),
  }));
  const certificate = found.certificate === undefined ? null : await parseCertificate(found.certificate);
  if (dock.state !== "in-service" || certificate === null) {
    return refuse("device-refused", "The dock was taken out of service. Enrol it again, under a new id.");
  }
  if (nowMs > certificate.notAfterMs) {
    return refuse(
      "device-refused",
      "The dock's certificate has expired. Enrol the dock again, under a new id.",
    );
  }
  const caller = { dockId: dock.id, forceId: dock.forceId };
  if (shown.need === "none") return { outcome: "known", caller: { ...caller, session: null } };
  return withinSession(caller, found.session, shown, nowMs);
}

function withinSession(
  caller: Omit<DockCaller, "session">,
  session: SessionWithCamera | undefined,
  shown: Shown,
  nowMs: number,
): DockVerdict {
  const nonce = shown.nonce === null ? null : fromBase64url(shown.nonce);
  const isOurs =
    session !== undefined &&
    session.dock_id === caller.dockId &&
    nonce !== null &&
    toBase64url(session.nonce) === shown.nonce;
  if (!isOurs)
    return refuse(
      "session-invalid",
      "There is no such session of this dock. Open one and sign with its nonce.",
    );
  if (session.camera_state !== "in-service") {
    return refuse(
      "device-refused",
      `The camera is ${session.camera_state}. Ask who reported it; its footage can be imported.`,
    );
  }
  if (session.closed_at !== null || session.expires_at.getTime() <= nowMs) {
    return refuse(
      "session-invalid",
      "The session is over: the camera was docked anew, or it lasted too long. Open another.",
    );
  }
  if (shown.need === "opened" && session.opened_at === null) {
    return refuse(
      "session-invalid",
      "The camera has not shown itself yet. Send its journal with the `docked` entry first.",
    );
  }
  return {
    outcome: "known",
    caller: {
      ...caller,
      session: {
        id: session.id as DockingSessionId,
        cameraId: session.camera_id,
        nonce: session.nonce,
        createdAtMs: session.created_at.getTime(),
        openedAtMs: session.opened_at?.getTime() ?? null,
      },
    },
  };
}
