// Random access to a FLOE ciphertext: any segment decrypts alone. The caller says which segment is the
// final one from the object's known length (`floeLayoutOfCiphertext`), so a cut object is refused there.

import { VaultError } from "../errors.ts";
import type { FloeSegmentRange } from "./layout.ts";
import { openMessage } from "./message.ts";
import type { FloeParameters } from "./parameters.ts";
import { decryptWholeSegment } from "./segment.ts";

/** A verified header, ready to decrypt segments in any order. */
export interface OpenFloe {
  /** Bytes of each segment but the final one. */
  readonly segmentBytes: number;
  /** Decrypts segment `index` (from 0). Throws `floe-segment`, `floe-truncated`, `floe-authentication`. */
  decryptSegment(index: number, segment: Uint8Array, isFinal: boolean): Buffer;
  /** Decrypts the ciphertext that `segmentsForRange` named and cuts out the plaintext that was asked for,
   * as one piece a segment. */
  decryptRange(range: FloeSegmentRange, ciphertext: Uint8Array): Buffer[];
}

/** Verifies the first 74 bytes of a ciphertext against `key` and `associatedData`. Throws `floe-header` or
 * `floe-authentication`. */
export function openFloe(
  key: Uint8Array,
  associatedData: Uint8Array,
  header: Uint8Array,
  parameters?: FloeParameters,
): OpenFloe {
  const message = openMessage(key, associatedData, header, parameters);
  const { segmentBytes } = message.settings;

  function decryptSegment(index: number, segment: Uint8Array, isFinal: boolean): Buffer {
    return decryptWholeSegment(message, index, segment, isFinal);
  }

  function decryptRange(range: FloeSegmentRange, ciphertext: Uint8Array): Buffer[] {
    if (ciphertext.byteLength !== range.ciphertextBytes) {
      throw new VaultError("floe-truncated", "the ciphertext of this range is not all there");
    }
    const pieces: Buffer[] = [];
    let skipBytes = range.skipBytes;
    let bytesLeft = range.takeBytes;
    for (let i = 0; i < range.segmentCount; i += 1) {
      const segment = ciphertext.subarray(i * segmentBytes, (i + 1) * segmentBytes);
      const isFinal = range.endsWithFinal && i === range.segmentCount - 1;
      const piece = decryptSegment(range.firstSegment + i, segment, isFinal);
      const wanted = piece.subarray(skipBytes, skipBytes + bytesLeft);
      skipBytes = 0;
      bytesLeft -= wanted.byteLength;
      pieces.push(wanted);
    }
    return pieces;
  }

  return { segmentBytes, decryptSegment, decryptRange };
}
