// What an upload is of, from its metadata: a camera's recording, or a file that a person imports. Untrusted until here.
import {
  fromBase64url,
  isId,
  type BoroughId,
  type CameraId,
  type PersonId,
  type RecordingId,
} from "@sworn/contract";
import type { Read } from "./tus-protocol.ts";

const ENVELOPE_MAXIMUM_BYTES = 1024;

/** A recording that a camera's journal promises. */
export interface CameraUpload {
  readonly camera: CameraId;
  readonly recording: RecordingId;
  readonly number: number;
  readonly envelope: Uint8Array;
}

/** A film from elsewhere, and what the importing person says of it. */
export interface FileUpload {
  readonly fileName: string;
  readonly startedAt: Date;
  readonly officer: PersonId | null;
  readonly borough: BoroughId | null;
  readonly place: string | null;
  readonly incident: string | null;
}

type Pairs = ReadonlyMap<string, string>;
const wrong = (reason: string): { kind: "wrong"; reason: string } => ({ kind: "wrong", reason });

/** `camera`, `recording`: ids; `number`: decimal; `envelope`: base64url of its CBOR. */
export function readCameraUpload(pairs: Pairs): Read<CameraUpload> {
  const camera = pairs.get("camera") ?? "";
  const recording = pairs.get("recording") ?? "";
  const number = pairs.get("number") ?? "";
  if (!isId(camera) || !isId(recording))
    return wrong("The metadata must name camera and recording by their ids.");
  if (!/^[1-9]\d{0,8}$/.test(number)) return wrong("The metadata must name the recording's number, from 1.");
  const envelope = fromBase64url(pairs.get("envelope") ?? "");
  if (envelope === null || envelope.length === 0 || envelope.length > ENVELOPE_MAXIMUM_BYTES) {
    return wrong("The metadata must hold the key envelope, base64url of its CBOR.");
  }
  return {
    kind: "read",
    value: {
      camera: camera as CameraId,
      recording: recording as RecordingId,
      number: Number(number),
      envelope,
    },
  };
}

/** `filename` and `startedAt` (RFC 3339) are needed; `officer`, `borough` (ids), `place` and `incident` are not. */
export function readFileUpload(pairs: Pairs): Read<FileUpload> {
  const fileName = shown(pairs.get("filename"), 255);
  if (fileName === null) return wrong("The metadata must name the file: `filename`, at most 255 characters.");
  const started = pairs.get("startedAt") ?? "";
  const startedAtMs = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(started)
    ? Date.parse(started)
    : Number.NaN;
  if (!Number.isFinite(startedAtMs) || startedAtMs < 0) {
    return wrong("The metadata must say when the film began: `startedAt`, as in 2026-01-31T22:15:00Z.");
  }
  for (const name of ["officer", "borough"]) {
    const id = pairs.get(name);
    if (id !== undefined && !isId(id)) return wrong(`\`${name}\` in the metadata must be an id.`);
  }
  for (const [name, limit] of [
    ["place", 200],
    ["incident", 80],
  ] as const) {
    const text = pairs.get(name);
    if (text !== undefined && shown(text, limit) === null) {
      return wrong(`\`${name}\` in the metadata must be 1 to ${String(limit)} characters.`);
    }
  }
  return {
    kind: "read",
    value: {
      fileName,
      startedAt: new Date(startedAtMs),
      officer: (pairs.get("officer") ?? null) as PersonId | null,
      borough: (pairs.get("borough") ?? null) as BoroughId | null,
      place: pairs.get("place") ?? null,
      incident: pairs.get("incident") ?? null,
    },
  };
}

function shown(text: string | undefined, maximumCharacters: number): string | null {
  if (text === undefined || text.trim() === "" || text.length > maximumCharacters) return null;
  return /\p{Cc}/u.test(text) ? null : text;
}
