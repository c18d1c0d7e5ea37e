// Decrypts one FLOE segment, whole or in pieces. Guarantees that no byte of it leaves before its tag
// verified (`decryptSegment`, c2sp.org/FLOE).

import { createDecipheriv } from "node:crypto";
import type { DecipherGCM } from "node:crypto";
import { VaultError } from "../errors.ts";
import type { FloeMessage } from "./message.ts";
import { FLOE_NOT_FINAL, FLOE_SEGMENT_OVERHEAD_BYTES } from "./parameters.ts";

/** What a segment's first 4 bytes say. */
export interface SegmentShape {
  readonly isFinal: boolean;
  /** The whole segment, its length field included. */
  readonly segmentBytes: number;
}

/** Reads the length field. Throws `floe-segment` for a length that no segment can have. */
export function segmentShape(message: FloeMessage, lengthField: number, index: number): SegmentShape {
  const { segmentBytes } = message.settings;
  if (lengthField === FLOE_NOT_FINAL) return { isFinal: false, segmentBytes };
  if (lengthField < FLOE_SEGMENT_OVERHEAD_BYTES || lengthField > segmentBytes) {
    throw new VaultError(
      "floe-segment",
      `segment ${String(index)} claims an impossible length of ${String(lengthField)} bytes: it was altered`,
    );
  }
  return { isFinal: true, segmentBytes: lengthField };
}

/** Begins to decrypt a segment whose first 16 bytes are `prefix`. */
export function startSegment(
  message: FloeMessage,
  index: number,
  isFinal: boolean,
  iv: Uint8Array,
): DecipherGCM {
  const decipher = createDecipheriv("aes-256-gcm", message.segmentKey(index), iv, { authTagLength: 16 });
  decipher.setAAD(message.segmentAssociatedData(index, isFinal));
  return decipher;
}

/** Verifies the tag of a segment whose ciphertext was all given to `decipher`. */
export function verifySegment(decipher: DecipherGCM, tag: Uint8Array, index: number): void {
  try {
    decipher.setAuthTag(tag);
    decipher.final();
  } catch (cause) {
    throw new VaultError(
      "floe-authentication",
      `segment ${String(index)} does not verify: it was altered, moved or belongs elsewhere`,
      { cause },
    );
  }
}

/** Decrypts segment `index` from all of its bytes. */
export function decryptWholeSegment(
  message: FloeMessage,
  index: number,
  segment: Uint8Array,
  isFinal: boolean,
): Buffer {
  if (segment.byteLength < FLOE_SEGMENT_OVERHEAD_BYTES) {
    throw new VaultError("floe-truncated", `segment ${String(index)} is cut short`);
  }
  const lengthField = new DataView(segment.buffer, segment.byteOffset).getUint32(0);
  const shape = segmentShape(message, lengthField, index);
  if (shape.isFinal !== isFinal || shape.segmentBytes !== segment.byteLength) {
    throw new VaultError(
      "floe-segment",
      `segment ${String(index)} is not the ${isFinal ? "final" : "inner"} segment that belongs here`,
    );
  }
  const decipher = startSegment(message, index, isFinal, segment.subarray(4, 16));
  const plaintext = decipher.update(segment.subarray(16, -16));
  verifySegment(decipher, segment.subarray(-16), index);
  return plaintext;
}
