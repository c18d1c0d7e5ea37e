// Docks one camera, from its place in the dock to its freed memory (evidence format §9):
//   1. session: the nonce, the accepted head, and the server's clock by the round trip
//   2. the camera's clock is set, and then it journals `docked` with the nonce: its own signature shows that it is here
//   3. the journal goes up; only what the server has accepted opens the session
//   4. what the camera holds is told; receipts, media oldest first, receipts; each receipt frees one recording
//   5. the journal again, which now says what was freed; then the camera may forget all that was accepted
// Broken off anywhere, docking again goes on: nothing is removed but against a receipt or an accepted head.
import {
  fromBase64url,
  type CameraId,
  type DockingSession,
  type JournalFinding,
  type RecordingId,
} from "@sworn/contract";
import { formatId, parseId } from "@sworn/custody";
import type { SendRequest } from "@sworn/client";
import { DockError } from "./dock-error.ts";
import { DockLink, type ClockReading, type DockClock } from "./dock-link.ts";
import type { DockableCamera } from "./dockable-camera.ts";
import type { DockIdentity } from "./identity.ts";
import { moveRecordings } from "./move-recordings.ts";
import type { DockProgress, DockReport } from "./report.ts";
import { acceptedHead, sendJournal } from "./send-journal.ts";

export interface DockOptions {
  /** For instance `https://evidence.example`. */
  readonly server: string;
  readonly identity: DockIdentity;
  readonly clock: DockClock;
  /** Carries the requests: `streamRequests().send`. */
  readonly send: SendRequest;
  readonly onProgress?: (progress: DockProgress) => void;
  /** Takes the force's ingest key of now, signed, for the camera to seal to from its next start on. */
  readonly onIngestKey?: (camera: CameraId, statement: Uint8Array) => Promise<void>;
  /** How long to wait for a camera to end what it records, ms; 30,000 unless given. */
  readonly idleWaitMs?: number;
  /** How long to wait for each receipt, ms; 60,000 unless given. */
  readonly receiptWaitMs?: number;
  readonly signal?: AbortSignal;
  readonly wait?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** Docks a camera that is in the dock and on. @throws DockError, ApiProblem, ClientError */
export async function dockCamera(camera: DockableCamera, options: DockOptions): Promise<DockReport> {
  const wait = options.wait ?? pause;
  const cameraId = formatId(camera.cameraId) as CameraId;
  const { identity, server, clock, send, onProgress } = options;
  await settleDown(camera, wait, options.idleWaitMs ?? 30_000);
  const link = new DockLink({ server, key: identity.key, clock, send });
  const shown = camera.journalHead();
  const head = { sequence: shown.sequence, hash: Buffer.from(shown.hash).toString("base64url") };
  const { session, reading } = await link.open({ camera: cameraId, head });
  onProgress?.({ kind: "session", camera: cameraId, ...reading });
  await showItself(camera, options, session, reading);
  const onSegment = (throughSequence: number): void => {
    onProgress?.({ kind: "journal", camera: cameraId, throughSequence });
  };
  const sent = await sendJournal(link, camera, cameraId, { head: session.head, onSegment });
  if (sent.last?.opened !== true) throw refused(sent.findings);
  await options.onIngestKey?.(cameraId, bytes(session.ingestKey));
  const held = camera.listRecordings().map(({ id }) => formatId(id) as RecordingId);
  const { missing } = await link.calls.noteHoldings(session.session, held);
  const recordings = await moveRecordings({
    ...{ link, camera, cameraId, wait, expected: sent.last.expected, service: bytes(session.service) },
    receiptWaitMs: options.receiptWaitMs ?? 60_000,
    ...(onProgress ? { onProgress } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  const again = await sendJournal(link, camera, cameraId, { head: sent.last.head, onSegment });
  const accepted = acceptedHead((again.last ?? sent.last).head);
  if (accepted) await camera.prune(accepted);
  return {
    ...{ camera: cameraId, clock: reading, recordings, missing },
    acceptedEntries: sent.accepted + again.accepted,
    findings: [...sent.findings, ...again.findings],
  };
}

/** A recording in hand is stopped and sealed first. */
async function settleDown(
  camera: DockableCamera,
  wait: (ms: number, signal?: AbortSignal) => Promise<void>,
  idleWaitMs: number,
): Promise<void> {
  // A wait that is no longer wanted must end: its timer would keep the process for as long.
  const waiting = new AbortController();
  const connected = await Promise.race([camera.connect(), wait(idleWaitMs, waiting.signal)]).finally(() => {
    waiting.abort();
  });
  if (connected === undefined) {
    throw new DockError(
      "camera-busy",
      "The camera does not end what it records. Stop it, and dock it again.",
    );
  }
  if (connected.kind === "refused")
    throw new DockError("camera-refused", `The camera does not dock: ${connected.why}.`);
}

async function showItself(
  camera: DockableCamera,
  { identity, clock }: DockOptions,
  session: DockingSession,
  { offsetMs, errorMs }: ClockReading,
): Promise<void> {
  const dock = parseId(identity.id);
  const outcomes = [
    await camera.setClock({ dock, timeMs: clock.nowMs() + offsetMs, errorMs }),
    await camera.docked({ dock, session: parseId(session.session), nonce: bytes(session.nonce) }),
  ];
  for (const outcome of outcomes) {
    if (outcome.kind === "refused") {
      throw new DockError("camera-refused", `The camera refuses what the dock orders: ${outcome.why}.`);
    }
  }
}

function refused(findings: readonly JournalFinding[]): DockError {
  const kinds = [...new Set(findings.map(({ kind }) => kind))].join(", ");
  const why = kinds === "" ? "it did not see the camera's answer to its nonce" : kinds;
  return new DockError(
    "journal-refused",
    `The server did not open the session: ${why}. The camera keeps everything; an administrator must look at its findings.`,
  );
}

function bytes(text: string): Uint8Array {
  return fromBase64url(text) ?? new Uint8Array();
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    signal?.addEventListener("abort", end, { once: true });
  });
}
