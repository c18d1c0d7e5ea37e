// FLOE (c2sp.org/FLOE), AES-256-GCM in 64 KiB segments: encrypt, decrypt as a stream, read any range.
// Uses node:crypto and no file system.

export { FLOE_HEADER_BYTES, FLOE_KEY_BYTES, FLOE_SEGMENT_BYTES } from "./parameters.ts";
export { FLOE_SEGMENT_PLAINTEXT_BYTES, segmentBytesOfHeader } from "./parameters.ts";
export type { FloeParameters } from "./parameters.ts";
export {
  ciphertextLengthFor,
  floeLayout,
  floeLayoutOfCiphertext,
  plaintextLengthFor,
  segmentsForRange,
} from "./layout.ts";
export type { FloeLayout, FloeSegmentRange } from "./layout.ts";
export { encryptFloe, startFloe } from "./encrypt.ts";
export type { FloeEncryptor } from "./encrypt.ts";
export { decryptFloe, startFloeDecryption } from "./decrypt.ts";
export type { FloeDecryptor } from "./decrypt.ts";
export { openFloe } from "./open.ts";
export type { OpenFloe } from "./open.ts";
