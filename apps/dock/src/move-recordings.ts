// Moves a camera's recordings: first the receipts of what the server has already, which makes room, then the media, oldest
// first, each resumed where it broke off; then the receipts of those. One that fails does not stop the others.
import { ApiProblem, ClientError, uploadResumably } from "@sworn/client";
import { toBase64url, type CameraId, type ExpectedRecording, type RecordingId } from "@sworn/contract";
import { formatId } from "@sworn/custody";
import type { DockLink } from "./dock-link.ts";
import type { DockableCamera } from "./dockable-camera.ts";
import type { DockedRecording, DockProgress, RecordingOutcome } from "./report.ts";

export interface MoveOptions {
  readonly link: DockLink;
  readonly camera: DockableCamera;
  readonly cameraId: CameraId;
  readonly expected: readonly ExpectedRecording[];
  /** The service certificate that may have signed newer receipts, DER. */
  readonly service: Uint8Array;
  readonly onProgress?: (progress: DockProgress) => void;
  /** How long to wait for one receipt, ms. */
  readonly receiptWaitMs: number;
  readonly wait: (ms: number) => Promise<void>;
  readonly signal?: AbortSignal;
}

type Listed = ReturnType<DockableCamera["listRecordings"]>[number];

export async function moveRecordings(options: MoveOptions): Promise<DockedRecording[]> {
  const listed = [...options.camera.listRecordings()].sort((a, b) => a.number - b.number);
  const states = new Map(options.expected.map((expected) => [expected.recording, expected.state]));
  const outcomes = new Map<number, RecordingOutcome>();
  const isHere = (one: Listed): boolean => (states.get(idOf(one)) ?? "expected") !== "expected";
  const settle = (one: Listed, outcome: RecordingOutcome): void => {
    outcomes.set(one.number, outcome);
    const about = { camera: options.cameraId, recording: idOf(one), number: one.number };
    options.onProgress?.({ kind: "recording", ...about, outcome });
  };
  const sealed = listed.filter((one) => one.seal !== null);
  for (const one of listed) if (one.seal === null) settle(one, { kind: "not-sealed" });
  for (const one of sealed.filter(isHere)) settle(one, await attempt(() => redeem(options, one, 0)));
  const sent: Listed[] = [];
  for (const one of sealed.filter((candidate) => !isHere(candidate))) {
    const outcome = await attempt(() => upload(options, one));
    if (outcome.kind === "awaiting-receipt") sent.push(one);
    else settle(one, outcome);
    if (isEndOfLink(outcome)) break;
  }
  for (const one of sent) settle(one, await attempt(() => redeem(options, one, options.receiptWaitMs)));
  return listed.map((one) => ({
    recording: idOf(one),
    number: one.number,
    storedBytes: one.storedBytes,
    outcome: outcomes.get(one.number) ?? { kind: "not-tried" },
  }));
}

function idOf(one: Listed): RecordingId {
  return formatId(one.id) as RecordingId;
}

async function attempt(work: () => Promise<RecordingOutcome>): Promise<RecordingOutcome> {
  try {
    return await work();
  } catch (error) {
    return {
      kind: "failed",
      error: error instanceof Error ? error : new ClientError("answer-unexpected", "It failed.", error),
    };
  }
}

/** Without a server, or a session, the next recording would fail just the same. */
function isEndOfLink(outcome: RecordingOutcome): boolean {
  if (outcome.kind !== "failed") return false;
  const { error } = outcome;
  if (error instanceof ApiProblem) return error.code === "session-invalid" || error.code === "device-refused";
  return error instanceof ClientError && ["unreachable", "upload-stalled", "aborted"].includes(error.code);
}

async function upload(options: MoveOptions, one: Listed): Promise<RecordingOutcome> {
  const { link, camera, cameraId, onProgress, wait, signal } = options;
  const about = { camera: cameraId, recording: idOf(one), number: one.number };
  await uploadResumably(link.api, {
    path: "/v1/uploads",
    lengthBytes: one.storedBytes,
    metadata: {
      camera: cameraId,
      recording: about.recording,
      number: one.number.toString(),
      envelope: toBase64url(await camera.envelope(one.number)),
    },
    read: (offset, lengthBytes) => camera.readMedia(one.number, offset, lengthBytes),
    onProgress: (sentBytes) =>
      onProgress?.({ kind: "upload", ...about, sentBytes, totalBytes: one.storedBytes }),
    wait,
    ...(signal ? { signal } : {}),
  });
  return { kind: "awaiting-receipt" };
}

/** Fetches the receipt and frees the recording against it; the camera checks the receipt itself. */
async function redeem(options: MoveOptions, one: Listed, waitMs: number): Promise<RecordingOutcome> {
  const { link, camera, cameraId } = options;
  let leftMs = waitMs;
  for (;;) {
    const answer = await link.calls.receipt(cameraId, one.number);
    switch (answer.kind) {
      case "receipt": {
        const freed = await camera.free(one.number, answer.receipt, [options.service]);
        if (freed.kind === "freed") return freed;
        if (freed.kind === "gone") return { kind: "kept", detail: "The camera has it no longer." };
        return {
          kind: "kept",
          detail: freed.kind === "refused" ? describe(freed) : `The camera says: ${freed.why}.`,
        };
      }
      case "quarantined":
        return answer;
      case "unknown":
        return { kind: "kept", detail: "The server knows of no receipt for it." };
      case "later": {
        const pauseMs = Math.min(Math.max(answer.retryAfterS * 1_000, 50), 5_000);
        if (leftMs < pauseMs) return { kind: "awaiting-receipt" };
        leftMs -= pauseMs;
        await options.wait(pauseMs);
      }
    }
  }
}

function describe(refused: object): string {
  const words = Object.values(refused).filter((value) => typeof value === "string" && value !== "refused");
  return `The camera did not accept the receipt: ${words.join(", ")}.`;
}
