// The parameters of FLOE (c2sp.org/FLOE, "Parameters") and the ones that Sworn fixes: 64 KiB segments.
// Everything here is arithmetic and bytes; nothing needs a runtime's cryptography.

import { VaultError } from "../errors.ts";

export const FLOE_KEY_BYTES = 32;
export const FLOE_IV_BYTES = 32;
export const FLOE_HEADER_BYTES = 10 + FLOE_IV_BYTES + 32;
/** Sworn's encrypted segment length (`ENC_SEG_LEN`). */
export const FLOE_SEGMENT_BYTES = 65536;
/** Bytes a segment adds to its plaintext: length 4, AEAD IV 12, tag 16. */
export const FLOE_SEGMENT_OVERHEAD_BYTES = 4 + 12 + 16;
/** Plaintext bytes in each segment but the last. */
export const FLOE_SEGMENT_PLAINTEXT_BYTES = FLOE_SEGMENT_BYTES - FLOE_SEGMENT_OVERHEAD_BYTES;
/** `AEAD_MAX_SEGMENTS` for AES-GCM-256. */
export const FLOE_MAX_SEGMENTS = 2 ** 40;
/** The length field of every segment but the last. */
export const FLOE_NOT_FINAL = 0xffffffff;

const LARGEST_SEGMENT_BYTES = 16 * 1024 * 1024;

/** What may vary. Sworn writes only the defaults; the published test vectors use others. */
export interface FloeParameters {
  /** `ENC_SEG_LEN` in bytes, 33 to 16 MiB. Default 65536. */
  readonly segmentBytes?: number;
  /** log2 of the segments under one derived key (`AEAD_ROTATION_MASK`). Default 20. */
  readonly rotationMaskBits?: number;
}

/** Parameters checked and filled in. */
export interface FloeSettings {
  readonly segmentBytes: number;
  readonly segmentPlaintextBytes: number;
  readonly rotationMaskBits: number;
}

export function floeSettings(parameters: FloeParameters = {}): FloeSettings {
  const segmentBytes = parameters.segmentBytes ?? FLOE_SEGMENT_BYTES;
  const rotationMaskBits = parameters.rotationMaskBits ?? 20;
  if (
    !Number.isInteger(segmentBytes) ||
    segmentBytes <= FLOE_SEGMENT_OVERHEAD_BYTES ||
    segmentBytes > LARGEST_SEGMENT_BYTES
  ) {
    throw new VaultError("bad-argument", "a FLOE segment is 33 bytes to 16 MiB long");
  }
  if (!Number.isInteger(rotationMaskBits) || rotationMaskBits < 0 || rotationMaskBits > 20) {
    throw new VaultError("bad-argument", "the FLOE rotation mask is 0 to 20 bits");
  }
  return {
    segmentBytes,
    segmentPlaintextBytes: segmentBytes - FLOE_SEGMENT_OVERHEAD_BYTES,
    rotationMaskBits,
  };
}

/** `PARAM_ENCODE`: AEAD 0 (AES-GCM-256), KDF 0 (HKDF-EXPAND-SHA-384), segment length, IV length. */
export function encodeParameters(settings: FloeSettings): Uint8Array {
  const encoded = new Uint8Array(10);
  const view = new DataView(encoded.buffer);
  view.setUint32(2, settings.segmentBytes);
  view.setUint32(6, FLOE_IV_BYTES);
  return encoded;
}

/** Reads the segment length that a header names, so that any FLOE ciphertext can be opened. */
export function segmentBytesOfHeader(header: Uint8Array): number {
  if (header.byteLength < 10) {
    throw new VaultError("floe-header", "the FLOE header is cut short; fetch the object again");
  }
  return new DataView(header.buffer, header.byteOffset, header.byteLength).getUint32(2);
}
