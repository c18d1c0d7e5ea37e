// The digest of a part: SHA-256 of its bytes or, where it lies in spans that were hashed one by one as they came, of those
// hashes one behind the other. So what hashed the bytes already need not do it again, and anybody can check it without keys.

import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import { VaultError } from "../errors.ts";

/** More spans in a part are not recorded: an index must stay small. */
export const MOST_SPANS = 128;

/** A run of a part's bytes that was hashed as one. */
export interface HashedSpan {
  readonly sizeBytes: number;
  /** SHA-256, 32 bytes. */
  readonly hash: Uint8Array;
}

/** Digest of a part whose spans are these. */
export function digestOfSpans(spans: readonly HashedSpan[]): string {
  const hash = createHash("sha256");
  for (const span of spans) hash.update(span.hash);
  return hash.digest("hex");
}

/** Takes a part's bytes in order, in chunks of any size, and gives the digest that its index should have. */
export class PartDigest {
  readonly #spans: readonly number[] | undefined;
  readonly #whole: Hash = createHash("sha256");
  #span: Hash;
  #place = 0;
  #bytesLeft: number;

  constructor(part: { readonly spans?: readonly number[] }) {
    this.#spans = part.spans;
    this.#span = this.#spans === undefined ? this.#whole : createHash("sha256");
    this.#bytesLeft = this.#spans?.[0] ?? Infinity;
  }

  update(chunk: Uint8Array): void {
    let position = 0;
    while (position < chunk.byteLength) {
      const piece = chunk.subarray(position, position + this.#bytesLeft);
      this.#span.update(piece);
      position += piece.byteLength;
      this.#bytesLeft -= piece.byteLength;
      if (this.#bytesLeft === 0) this.#nextSpan();
    }
  }

  /** Hexadecimal; of bytes that do not fill the spans it is nobody's. */
  digest(): string {
    return this.#whole.digest("hex");
  }

  #nextSpan(): void {
    this.#whole.update(this.#span.digest());
    this.#span = createHash("sha256");
    this.#place += 1;
    this.#bytesLeft = this.#spans?.[this.#place] ?? Infinity;
  }
}

/** Throws `bad-argument` unless the spans are exactly so many bytes. */
export function requireSpans(spans: readonly HashedSpan[], sizeBytes: number): void {
  const sound = spans.every((span) => Number.isSafeInteger(span.sizeBytes) && span.sizeBytes > 0);
  if (sound && spans.reduce((sum, span) => sum + span.sizeBytes, 0) === sizeBytes) return;
  throw new VaultError("bad-argument", `the spans are not the ${String(sizeBytes)} bytes of the part`);
}
