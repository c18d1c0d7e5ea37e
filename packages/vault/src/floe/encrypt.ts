// Encrypts to FLOE, one segment in memory at a time. Guarantees the canonical layout of `floeLayout`:
// the final segment is empty only when the whole plaintext is.

import { createCipheriv, randomBytes, randomFillSync } from "node:crypto";
import { VaultError } from "../errors.ts";
import { floeLayout } from "./layout.ts";
import { newMessage } from "./message.ts";
import type { FloeMessage } from "./message.ts";
import {
  FLOE_HEADER_BYTES,
  FLOE_MAX_SEGMENTS,
  FLOE_NOT_FINAL,
  FLOE_SEGMENT_OVERHEAD_BYTES,
} from "./parameters.ts";
import type { FloeParameters } from "./parameters.ts";

/** Writes segment `index` of this plaintext to `target`, which is as long as the segment. */
function encryptSegment(
  message: FloeMessage,
  index: number,
  plaintext: Uint8Array,
  isFinal: boolean,
  target: Buffer,
): void {
  target.writeUInt32BE(isFinal ? target.byteLength : FLOE_NOT_FINAL);
  randomFillSync(target, 4, 12);
  const cipher = createCipheriv("aes-256-gcm", message.segmentKey(index), target.subarray(4, 16));
  cipher.setAAD(message.segmentAssociatedData(index, isFinal));
  target.set(cipher.update(plaintext), 16);
  cipher.final();
  target.set(cipher.getAuthTag(), 16 + plaintext.byteLength);
}

/** The streaming encryptor: write `header`, then all that `update` returns, then what `finish` returns. */
export interface FloeEncryptor {
  /** The first 74 bytes of the ciphertext. */
  readonly header: Uint8Array;
  /** Takes plaintext of any length; returns the segments that are now whole (often none). The chunk's memory may be
   * used again on return. Throws `floe-closed` after `finish`. */
  update(chunk: Uint8Array): Buffer[];
  /** Takes a last chunk (may be left out) and returns the remaining segments, the final one included. */
  finish(lastChunk?: Uint8Array): Buffer[];
}

class SegmentingEncryptor implements FloeEncryptor {
  readonly header: Uint8Array;
  readonly #message: FloeMessage;
  // What no whole segment could be made of yet: a copy, because the chunk it came in is its owner's again.
  #held: Buffer | undefined;
  #heldBytes = 0;
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
      if (this.#heldBytes === capacity) segments.push(this.#emit(this.#takeHeld(), false));
      if (this.#heldBytes === 0 && chunk.byteLength - position > capacity) {
        segments.push(this.#emit(chunk.subarray(position, position + capacity), false));
        position += capacity;
        continue;
      }
      const piece = chunk.subarray(position, position + capacity - this.#heldBytes);
      this.#held ??= Buffer.allocUnsafeSlow(capacity);
      this.#held.set(piece, this.#heldBytes);
      this.#heldBytes += piece.byteLength;
      position += piece.byteLength;
    }
    return segments;
  }

  finish(lastChunk?: Uint8Array): Buffer[] {
    const segments = this.update(lastChunk ?? new Uint8Array(0));
    segments.push(this.#emit(this.#takeHeld(), true));
    this.#closed = true;
    return segments;
  }

  #takeHeld(): Uint8Array {
    const held = this.#held?.subarray(0, this.#heldBytes) ?? new Uint8Array(0);
    this.#heldBytes = 0;
    return held;
  }

  #emit(plaintext: Uint8Array, isFinal: boolean): Buffer {
    if (!isFinal && this.#index >= FLOE_MAX_SEGMENTS - 1) {
      throw new VaultError("floe-too-long", "a FLOE ciphertext has at most 2^40 segments");
    }
    const segment = Buffer.allocUnsafe(plaintext.byteLength + FLOE_SEGMENT_OVERHEAD_BYTES);
    encryptSegment(this.#message, this.#index, plaintext, isFinal, segment);
    this.#index += 1;
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
  const { key, associatedData, parameters, plaintext: given } = input;
  const plaintext = given instanceof Uint8Array ? given : Buffer.concat(given);
  const message = newMessage(key, associatedData, randomBytes(32), parameters);
  const layout = floeLayout(plaintext.byteLength, message.settings.segmentBytes);
  // Each segment is written where it belongs: no list of them is put together afterwards.
  const ciphertext = Buffer.allocUnsafe(layout.ciphertextBytes);
  ciphertext.set(message.header);
  const perSegment = message.settings.segmentPlaintextBytes;
  for (let index = 0; index < layout.segmentCount; index += 1) {
    const isFinal = index === layout.segmentCount - 1;
    const piece = plaintext.subarray(index * perSegment, (index + 1) * perSegment);
    const start = FLOE_HEADER_BYTES + index * layout.segmentBytes;
    const target = ciphertext.subarray(start, start + piece.byteLength + FLOE_SEGMENT_OVERHEAD_BYTES);
    encryptSegment(message, index, piece, isFinal, target);
  }
  return ciphertext;
}
