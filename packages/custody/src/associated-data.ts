// The associated data that ties each ciphertext to its place: no ciphertext opens anywhere else.
import type { Bytes } from "./bytes.ts";
import { encodeCbor } from "./cbor.ts";

/** HPKE `info` texts: one for each purpose (RFC 9180 §5.1). */
export const RECORDING_KEY_INFO = new TextEncoder().encode("sworn/recording-key/v1");
export const OPENING_KEY_INFO = new TextEncoder().encode("sworn/opening-key/v1");

/** For the FLOE ciphertext of part `index` (0 is the init segment). */
export function mediaAssociatedData(force: Uint8Array, recording: Uint8Array, index: number): Bytes {
  return encodeCbor(["sworn/media/v1", force, recording, index]);
}

/** For a sealed opening: `subject` is the recording's id within a recording, else the camera's. */
export function openingAssociatedData(force: Uint8Array, subject: Uint8Array, sequence: number): Bytes {
  return encodeCbor(["sworn/opening/v1", force, subject, sequence]);
}

/** For the envelope of a recording's key. */
export function recordingKeyAssociatedData(
  force: Uint8Array,
  camera: Uint8Array,
  recording: Uint8Array,
): Bytes {
  return encodeCbor([force, camera, recording]);
}

/** For the envelope of a key that seals one opening outside a recording. */
export function openingKeyAssociatedData(force: Uint8Array, camera: Uint8Array, sequence: number): Bytes {
  return encodeCbor([force, camera, sequence]);
}
