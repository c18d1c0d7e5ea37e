// Encrypts to FLOE, one segment in memory at a time. Guarantees the canonical layout of `floeLayout`:
// the final segment is empty only when the whole plaintext is.

import { createCipheriv, randomBytes } from "node:crypto";
import { VaultError } from "../errors.ts";
import { newMessage } from "./message.ts";
import type { FloeMessage } from "./message.ts";
import { FLOE_MAX_SEGMENTS, FLOE_NOT_FINAL, FLOE_SEGMENT_OVERHEAD_BYTES } from "./parameters.ts";
import type { FloeParameters } from "./parameters.ts";

function encryptSegment(
  message: FloeMessage,
  index: number,
  pieces: readonly Uint8Array[],
  pieceBytes: number,
  isFinal: boolean,
): Buffer {
  const segment = Buffer.allocUnsafe(pieceBytes + FLOE_SEGMENT_OVERHEAD_BYTES);
  segment.writeUInt32BE(isFinal ? segment.byteLength : FLOE_NOT_FINAL);
  const iv = randomBytes(12);
  segment.set(iv, 4);
  const cipher = createCipheriv("aes-256-gcm", message.segmentKey(index), iv);
  cipher.setAAD(message.segmentAssociatedData(index, isFinal));
  let position = 16;
  for (const piece of pieces) {
    segment.set(cipher.update(piece), position);
    position += piece.byteLength;
  }
  cipher.final();
  segment.set(cipher.getAuthTag(), position);
  return segment;
}

/** The streaming encryptor: write `header`, then all that `update` returns, then what `finish` returns. */
export interface FloeEncryptor {
  /** The first 74 bytes of the ciphertext. */
  readonly header: Uint8Array;
  /** Takes plaintext of any length; returns the segments that are now whole (often none). The chunk must
   * not be changed until its segment was returned. Throws `floe-closed` after `finish`. */
  update(chunk: Uint8Array): Buffer[];
  /** Takes a last chunk (may be left out) and returns the remaining segments, the final one included. */
  finish(lastChunk?: Uint8Array): Buffer[];
}

class SegmentingEncryptor implements FloeEncryptor {
  readonly header: Uint8Array;
  readonly #message: FloeMessage;
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  #index = 0;
  #closed = false;

  constructor(message: FloeMessage) {
    this.#message = message;
    this.header = message.header;
  }

  update(chunk: Uint8Array): Buffer[] {
    if (this.#closed) throw new VaultError("floe-closed", "this FLOE ciphertext was already finished");
    const capacity = this.#message.settings.segmentPlaintextBytes;
    const segments: Buffer[] = [];
    let position = 0;
    while (position < chunk.byteLength) {
      // A full segment is held back until more comes: only then is it known not to be the final one.
      if (this.#pieceBytes === capacity) segments.push(this.#emit(false));
      const piece = chunk.subarray(position, position + capacity - this.#pieceBytes);
      this.#pieces.push(piece);
      this.#pieceBytes += piece.byteLength;
      position += piece.byteLength;
    }
    return segments;
  }

  finish(lastChunk?: Uint8Array): Buffer[] {
    const segments = this.update(lastChunk ?? new Uint8Array(0));
    segments.push(this.#emit(true));
    this.#closed = true;
    return segments;
  }

  #emit(isFinal: boolean): Buffer {
    if (!isFinal && this.#index >= FLOE_MAX_SEGMENTS - 1) {
      throw new VaultError("floe-too-long", "a FLOE ciphertext has at most 2^40 segments");
    }
    const segment = encryptSegment(this.#message, this.#index, this.#pieces, this.#pieceBytes, isFinal);
    this.#index += 1;
    this.#pieces = [];
    this.#pieceBytes = 0;
    return segment;
  }
}

/** Starts a ciphertext under `key` (32 bytes), bound to `associatedData`. The IV is random. */
export function startFloe(input: {
  readonly key: Uint8Array;
  readonly associatedData: Uint8Array;
  readonly parameters?: FloeParameters;
}): FloeEncryptor {
  return new SegmentingEncryptor(
    newMessage(input.key, input.associatedData, randomBytes(32), input.parameters),
  );
}

/** Encrypts what is already in memory: one fragment, one manifest. Returns the whole ciphertext. */
export function encryptFloe(input: {
  readonly key: Uint8Array;
  readonly associatedData: Uint8Array;
  readonly plaintext: Uint8Array | readonly Uint8Array[];
  readonly parameters?: FloeParameters;
}): Buffer {
  const encryptor = startFloe(input);
  const pieces: Uint8Array[] = [encryptor.header];
  const chunks = input.plaintext instanceof Uint8Array ? [input.plaintext] : input.plaintext;
  for (const chunk of chunks) pieces.push(...encryptor.update(chunk));
  pieces.push(...encryptor.finish());
  return Buffer.concat(pieces);
}
