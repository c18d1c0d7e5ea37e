// Where a byte of plaintext lies in a FLOE ciphertext. Pure arithmetic: a length alone decides the layout,
// so a range read fetches exactly the segments it touches and nothing else.

import { VaultError } from "../errors.ts";
import {
  FLOE_HEADER_BYTES,
  FLOE_MAX_SEGMENTS,
  FLOE_SEGMENT_BYTES,
  FLOE_SEGMENT_OVERHEAD_BYTES,
  floeSettings,
} from "./parameters.ts";

/** The shape of one ciphertext. All lengths in bytes. */
export interface FloeLayout {
  readonly plaintextBytes: number;
  readonly ciphertextBytes: number;
  readonly segmentBytes: number;
  /** At least 1: the final segment exists even for an empty plaintext. */
  readonly segmentCount: number;
  /** Ciphertext bytes of the final segment. */
  readonly finalSegmentBytes: number;
}

/** The ciphertext to read for a range of plaintext, and what to cut from the decrypted bytes. */
export interface FloeSegmentRange {
  readonly firstSegment: number;
  readonly segmentCount: number;
  /** Where the first segment starts, from the start of the ciphertext (header included). */
  readonly ciphertextOffset: number;
  readonly ciphertextBytes: number;
  /** Plaintext bytes to drop from the front of the first segment. */
  readonly skipBytes: number;
  /** Plaintext bytes wanted; 0 for an empty range. */
  readonly takeBytes: number;
  /** Whether the last segment of the range is the final one. */
  readonly endsWithFinal: boolean;
}

function requireLengthNumber(value: number, what: string): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new VaultError("bad-argument", `${what} must be a whole number of bytes, 0 or more`);
  }
}

/** The layout that Sworn's encryptor gives `plaintextBytes` bytes: full segments, then a final one that is
 * empty only when the plaintext is. Throws `floe-too-long` past 2^40 segments. */
export function floeLayout(plaintextBytes: number, segmentBytes: number = FLOE_SEGMENT_BYTES): FloeLayout {
  requireLengthNumber(plaintextBytes, "the plaintext length");
  const { segmentPlaintextBytes } = floeSettings({ segmentBytes });
  const segmentCount = Math.max(1, Math.ceil(plaintextBytes / segmentPlaintextBytes));
  if (segmentCount > FLOE_MAX_SEGMENTS) {
    throw new VaultError("floe-too-long", "a FLOE ciphertext has at most 2^40 segments");
  }
  const finalPlaintextBytes = plaintextBytes - (segmentCount - 1) * segmentPlaintextBytes;
  const finalSegmentBytes = finalPlaintextBytes + FLOE_SEGMENT_OVERHEAD_BYTES;
  return {
    plaintextBytes,
    ciphertextBytes: FLOE_HEADER_BYTES + (segmentCount - 1) * segmentBytes + finalSegmentBytes,
    segmentBytes,
    segmentCount,
    finalSegmentBytes,
  };
}

/** The layout of a ciphertext of this length, whoever wrote it: another writer may end with an empty
 * segment. Throws `floe-truncated` where no ciphertext can have that length. */
export function floeLayoutOfCiphertext(
  ciphertextBytes: number,
  segmentBytes: number = FLOE_SEGMENT_BYTES,
): FloeLayout {
  requireLengthNumber(ciphertextBytes, "the ciphertext length");
  const { segmentPlaintextBytes } = floeSettings({ segmentBytes });
  const bodyBytes = ciphertextBytes - FLOE_HEADER_BYTES;
  const segmentCount = Math.ceil(bodyBytes / segmentBytes);
  const finalSegmentBytes = bodyBytes - (segmentCount - 1) * segmentBytes;
  if (bodyBytes <= 0 || finalSegmentBytes < FLOE_SEGMENT_OVERHEAD_BYTES) {
    throw new VaultError(
      "floe-truncated",
      `no FLOE ciphertext is ${String(ciphertextBytes)} bytes long: bytes are missing`,
    );
  }
  if (segmentCount > FLOE_MAX_SEGMENTS) {
    throw new VaultError("floe-too-long", "a FLOE ciphertext has at most 2^40 segments");
  }
  return {
    plaintextBytes:
      (segmentCount - 1) * segmentPlaintextBytes + finalSegmentBytes - FLOE_SEGMENT_OVERHEAD_BYTES,
    ciphertextBytes,
    segmentBytes,
    segmentCount,
    finalSegmentBytes,
  };
}

/** Ciphertext bytes (header included) that `plaintextBytes` bytes become. */
export function ciphertextLengthFor(plaintextBytes: number): number {
  return floeLayout(plaintextBytes).ciphertextBytes;
}

/** Plaintext bytes inside a ciphertext of `ciphertextBytes` bytes. Throws `floe-truncated` for a length
 * that no ciphertext has. */
export function plaintextLengthFor(ciphertextBytes: number): number {
  return floeLayoutOfCiphertext(ciphertextBytes).plaintextBytes;
}

/** The segments that hold `lengthBytes` of plaintext from `offsetBytes`. The range must lie inside the
 * plaintext (`bad-argument`); an empty range needs no segment. */
export function segmentsForRange(
  layout: FloeLayout,
  offsetBytes: number,
  lengthBytes: number,
): FloeSegmentRange {
  requireLengthNumber(offsetBytes, "the offset");
  requireLengthNumber(lengthBytes, "the length");
  if (offsetBytes + lengthBytes > layout.plaintextBytes) {
    throw new VaultError(
      "bad-argument",
      `bytes ${String(offsetBytes)}+${String(lengthBytes)} lie outside the ${String(layout.plaintextBytes)} there are`,
    );
  }
  const perSegment = layout.segmentBytes - FLOE_SEGMENT_OVERHEAD_BYTES;
  const firstSegment = Math.min(Math.floor(offsetBytes / perSegment), layout.segmentCount - 1);
  const ciphertextOffset = FLOE_HEADER_BYTES + firstSegment * layout.segmentBytes;
  if (lengthBytes === 0) {
    return {
      firstSegment,
      segmentCount: 0,
      ciphertextOffset,
      ciphertextBytes: 0,
      skipBytes: 0,
      takeBytes: 0,
      endsWithFinal: false,
    };
  }
  const lastSegment = Math.floor((offsetBytes + lengthBytes - 1) / perSegment);
  const endsWithFinal = lastSegment === layout.segmentCount - 1;
  const ciphertextEnd = endsWithFinal
    ? layout.ciphertextBytes
    : FLOE_HEADER_BYTES + (lastSegment + 1) * layout.segmentBytes;
  return {
    firstSegment,
    segmentCount: lastSegment - firstSegment + 1,
    ciphertextOffset,
    ciphertextBytes: ciphertextEnd - ciphertextOffset,
    skipBytes: offsetBytes - firstSegment * perSegment,
    takeBytes: lengthBytes,
    endsWithFinal,
  };
}
