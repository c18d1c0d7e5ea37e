// The spans of the open store part, from hashes that are made anyway: a part of the recording that passes whole is hashed
// once, for the journal and for the store alike. Only the rest of one that was cut by a store part is hashed again.
import { createHash, type Hash } from "node:crypto";
import type { HashedSpan } from "@sworn/vault";
import type { MeasuredPart } from "./intake-job.ts";
import type { PartMeasure } from "./measure-part.ts";

export class PassingSpans {
  #spans: HashedSpan[] = [];
  #sizeBytes = 0;
  /** Hashes the open span where no measure began with it. */
  #own: Hash | null;

  constructor(measure: PartMeasure | null) {
    this.#own = measure === null ? createHash("sha256") : null;
  }

  /** After the measure has taken the piece. */
  update(piece: Uint8Array): void {
    this.#own?.update(piece);
    this.#sizeBytes += piece.byteLength;
  }

  /** A part of the recording ended; the next span begins with the next one's measure. */
  partEnded(measured: MeasuredPart | null): void {
    const hash = this.#own?.digest() ?? measured?.storedHash;
    if (hash !== undefined && this.#sizeBytes > 0) this.#spans.push({ sizeBytes: this.#sizeBytes, hash });
    this.#own = null;
    this.#sizeBytes = 0;
  }

  /** The store part ends here, maybe within a part that `measure` is at. */
  take(measure: PartMeasure | null): HashedSpan[] {
    if (this.#sizeBytes > 0) {
      const hash = this.#own?.digest() ?? measure?.storedSoFar();
      if (hash !== undefined) this.#spans.push({ sizeBytes: this.#sizeBytes, hash });
      this.#own = createHash("sha256");
      this.#sizeBytes = 0;
    }
    const spans = this.#spans;
    this.#spans = [];
    return spans;
  }
}
