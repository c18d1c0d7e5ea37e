// Takes a camera's ciphertext in chunks of any size: stores it as it comes and checks every part that passes from its
// first byte on. A part that another connection began is checked at the end, from the store.
import type { ObjectStore } from "@sworn/vault";
import type { EndOf, MeasuredPart, MediaJob, StoredProgress } from "./intake-job.ts";
import { PartMeasure, isAsPromised } from "./measure-part.ts";
import { PassingSpans } from "./passing-spans.ts";
import { PartSink } from "./part-sink.ts";

export interface Intake {
  write(chunk: Uint8Array): Promise<void>;
  /** All that was taken is durable or dropped on return. */
  end(how: EndOf): Promise<void>;
  /** After a fault: drops what is open. */
  abandon(): Promise<void>;
}

interface Mark {
  readonly offsetBytes: number;
  readonly verified: readonly number[];
  readonly measured: readonly MeasuredPart[];
}

export class MediaIntake implements Intake {
  readonly #job: MediaJob;
  readonly #sink: PartSink<Mark>;
  #offsetBytes: number;
  #index = 0;
  #bytesLeft: number;
  #measure: PartMeasure | null;
  readonly #spans: PassingSpans;
  #verified: number[] = [];
  #altered: MeasuredPart[] = [];

  constructor(job: MediaJob, store: ObjectStore, stored: (progress: StoredProgress) => void) {
    this.#job = job;
    this.#offsetBytes = job.offsetBytes;
    let partStart = 0;
    while (this.#index < this.#count && partStart + this.#stored(this.#index) <= job.offsetBytes) {
      partStart += this.#stored(this.#index);
      this.#index += 1;
    }
    this.#bytesLeft = partStart + this.#stored(this.#index) - job.offsetBytes;
    this.#measure = partStart === job.offsetBytes ? this.#newMeasure() : null;
    this.#spans = new PassingSpans(this.#measure);
    const { objectKey, storeParts, storePartBytes } = job;
    this.#sink = new PartSink({
      store,
      objectKey,
      storeParts,
      storePartBytes,
      stored: ({ number, sizeBytes, sha256, spans = [] }, mark) => {
        stored({ number, sizeBytes, sha256, spans, ...mark });
      },
    });
  }

  async write(chunk: Uint8Array): Promise<void> {
    let position = 0;
    /** Up to here the chunk lies in the store part. */
    let written = 0;
    const store = async (to: number): Promise<void> => {
      await this.#sink.write(chunk.subarray(written, to));
      this.#offsetBytes += to - written;
      written = to;
    };
    while (position < chunk.byteLength && this.#index < this.#count) {
      const piece = chunk.subarray(position, position + this.#bytesLeft);
      this.#measure?.update(piece);
      this.#spans.update(piece);
      position += piece.byteLength;
      this.#bytesLeft -= piece.byteLength;
      if (this.#bytesLeft > 0) continue;
      this.#finishPart();
      // A store part ends where a part of the recording does: no span is cut then, and none hashed twice.
      if (this.#sink.wouldBeFull(position - written)) {
        await store(position);
        await this.#close();
      }
    }
    if (written < chunk.byteLength) await store(chunk.byteLength);
    if (this.#sink.isOverfull) await this.#close();
  }

  async end(how: EndOf): Promise<void> {
    await this.#sink.end(how, this.#mark(), this.#spans.take(this.#measure));
  }

  async #close(): Promise<void> {
    await this.#sink.close(this.#mark(), this.#spans.take(this.#measure));
  }

  async abandon(): Promise<void> {
    await this.#sink.drop();
  }

  #finishPart(): void {
    const measured = this.#measure?.finish() ?? null;
    this.#spans.partEnded(measured);
    if (measured !== null) {
      if (isAsPromised(measured, this.#job.promised)) this.#verified.push(this.#index);
      else this.#altered.push(measured);
    }
    this.#index += 1;
    this.#bytesLeft = this.#stored(this.#index);
    this.#measure = this.#newMeasure();
  }

  #newMeasure(): PartMeasure | null {
    return this.#index < this.#count ? new PartMeasure(this.#job, this.#index) : null;
  }

  #stored(index: number): number {
    return this.#job.promised.storedBytes[index] ?? 0;
  }

  get #count(): number {
    return this.#job.promised.storedBytes.length;
  }

  #mark(): Mark {
    const mark = { offsetBytes: this.#offsetBytes, verified: this.#verified, measured: this.#altered };
    this.#verified = [];
    this.#altered = [];
    return mark;
  }
}
