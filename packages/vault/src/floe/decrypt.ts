// Decrypts a FLOE ciphertext that arrives in chunks of any size, in bounded memory. Guarantees that only
// authenticated plaintext is returned, and that a cut, lengthened or reordered ciphertext is refused.

import type { DecipherGCM } from "node:crypto";
import { VaultError } from "../errors.ts";
import { openMessage } from "./message.ts";
import type { FloeMessage } from "./message.ts";
import { FLOE_HEADER_BYTES } from "./parameters.ts";
import type { FloeParameters } from "./parameters.ts";
import { segmentShape, startSegment, verifySegment } from "./segment.ts";
import type { SegmentShape } from "./segment.ts";

interface OpenSegment extends SegmentShape {
  readonly decipher: DecipherGCM;
  bodyBytesLeft: number;
  readonly plaintext: Buffer[];
}

/** The streaming decryptor. After any error it stays failed. */
export interface FloeDecryptor {
  /** Takes ciphertext; returns the plaintext of the segments that it completed, in order. Throws
   * `floe-header`, `floe-segment`, `floe-authentication` or `floe-trailing`. */
  update(chunk: Uint8Array): Buffer[];
  /** Says that the ciphertext ended. Throws `floe-truncated` unless the final segment was there. */
  finish(): void;
}

class StreamingDecryptor implements FloeDecryptor {
  readonly #open: (header: Uint8Array) => FloeMessage;
  #message: FloeMessage | undefined;
  #segment: OpenSegment | undefined;
  // Holds the fixed-length field being read: header, segment prefix or tag.
  #field = Buffer.alloc(FLOE_HEADER_BYTES);
  #fieldFilled = 0;
  #index = 0;
  #state: "reading" | "ended" | "failed" = "reading";

  constructor(open: (header: Uint8Array) => FloeMessage) {
    this.#open = open;
  }

  update(chunk: Uint8Array): Buffer[] {
    if (this.#state === "failed") throw new VaultError("floe-closed", "this FLOE ciphertext already failed");
    try {
      return this.#read(chunk);
    } catch (error) {
      this.#state = "failed";
      this.#segment = undefined;
      throw error;
    }
  }

  finish(): void {
    if (this.#state === "failed") throw new VaultError("floe-closed", "this FLOE ciphertext already failed");
    if (this.#state === "reading") {
      this.#state = "failed";
      throw new VaultError("floe-truncated", "the FLOE ciphertext ends before its final segment");
    }
  }

  #read(chunk: Uint8Array): Buffer[] {
    const released: Buffer[] = [];
    let position = 0;
    while (position < chunk.byteLength) {
      if (this.#state === "ended") {
        throw new VaultError("floe-trailing", "bytes follow the final segment of the FLOE ciphertext");
      }
      const segment = this.#segment;
      if (segment !== undefined && segment.bodyBytesLeft > 0) {
        const piece = chunk.subarray(position, position + segment.bodyBytesLeft);
        segment.plaintext.push(segment.decipher.update(piece));
        segment.bodyBytesLeft -= piece.byteLength;
        position += piece.byteLength;
        continue;
      }
      const wanted = this.#message === undefined ? FLOE_HEADER_BYTES : 16;
      const piece = chunk.subarray(position, position + wanted - this.#fieldFilled);
      this.#field.set(piece, this.#fieldFilled);
      this.#fieldFilled += piece.byteLength;
      position += piece.byteLength;
      if (this.#fieldFilled === wanted) {
        this.#fieldFilled = 0;
        this.#takeField(this.#field.subarray(0, wanted), released);
      }
    }
    return released;
  }

  #takeField(field: Buffer, released: Buffer[]): void {
    if (this.#message === undefined) {
      this.#message = this.#open(field);
    } else if (this.#segment === undefined) {
      const shape = segmentShape(this.#message, field.readUInt32BE(0), this.#index);
      // The IV is copied: the field buffer is used again for the tag.
      const iv = Uint8Array.from(field.subarray(4));
      this.#segment = {
        ...shape,
        decipher: startSegment(this.#message, this.#index, shape.isFinal, iv),
        bodyBytesLeft: shape.segmentBytes - 32,
        plaintext: [],
      };
    } else {
      const segment = this.#segment;
      verifySegment(segment.decipher, Uint8Array.from(field), this.#index);
      for (const piece of segment.plaintext) if (piece.byteLength > 0) released.push(piece);
      this.#segment = undefined;
      this.#index += 1;
      if (segment.isFinal) this.#state = "ended";
    }
  }
}

/** Starts to decrypt a ciphertext under `key` (32 bytes) and `associatedData`. */
export function startFloeDecryption(input: {
  readonly key: Uint8Array;
  readonly associatedData: Uint8Array;
  readonly parameters?: FloeParameters;
}): FloeDecryptor {
  const { key, associatedData, parameters } = input;
  return new StreamingDecryptor((header) => openMessage(key, associatedData, header, parameters));
}

/** Decrypts a ciphertext that is wholly in memory. Throws as the streaming decryptor does. */
export function decryptFloe(input: {
  readonly key: Uint8Array;
  readonly associatedData: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly parameters?: FloeParameters;
}): Buffer {
  const decryptor = startFloeDecryption(input);
  const pieces = decryptor.update(input.ciphertext);
  decryptor.finish();
  return Buffer.concat(pieces);
}
