// Where a recording's key and objects are. The media's name is the row's `object_key`: each upload has its own, so
// that what a failed one left behind is never mistaken for another's.
import type { ForceId, RecordingId } from "@sworn/contract";
import { toHex } from "@sworn/custody";

/** The id of a recording's key in the key ring. */
export function recordingKeyId(recording: RecordingId): string {
  return `recording/${recording}`;
}

/** What all objects of a recording begin with. */
function recordingPrefix(force: ForceId, recording: RecordingId): string {
  return `${force}/recordings/${recording}/`;
}

export function mediaObjectKey(force: ForceId, recording: RecordingId, upload: string): string {
  return `${recordingPrefix(force, recording)}media-${upload}`;
}

/** `manifestHash`: SHA-256 of the signed manifest, which the ledger entry names too. */
export function manifestObjectKey(force: ForceId, recording: RecordingId, manifestHash: Uint8Array): string {
  return `${recordingPrefix(force, recording)}manifest-${toHex(manifestHash).slice(0, 32)}`;
}

export function receiptObjectKey(force: ForceId, recording: RecordingId): string {
  return `${recordingPrefix(force, recording)}receipt`;
}
