// Takes a file in plaintext: cuts it into parts of 4 MiB and encrypts each as it comes. Only whole parts are stored, so
// that an upload goes on at a part's start: the state of an encryption does not survive its connection.
import { createHash, type Hash } from "node:crypto";
import { mediaAssociatedData } from "@sworn/custody";
import { startFloe, type FloeEncryptor, type HashedSpan, type ObjectStore } from "@sworn/vault";
import {
  FILE_PART_BYTES,
  type EndOf,
  type FileJob,
  type MeasuredPart,
  type StoredProgress,
} from "./intake-job.ts";
import type { Intake } from "./media-intake.ts";
import { PartSink } from "./part-sink.ts";

interface Mark {
  readonly offsetBytes: number;
  readonly verified: readonly number[];
  readonly measured: readonly MeasuredPart[];
}

interface OpenPart {
  readonly index: number;
  readonly floe: FloeEncryptor;
  readonly plain: Hash;
  readonly ciphertext: Uint8Array[];
  lengthBytes: number;
}

export class FileIntake implements Intake {
  readonly #job: FileJob;
  readonly #sink: PartSink<Mark>;
  #offsetBytes: number;
  #part: OpenPart | null = null;
  #made: MeasuredPart[] = [];
  /** What the open store part is made of. */
  #spans: HashedSpan[] = [];

  constructor(job: FileJob, store: ObjectStore, stored: (progress: StoredProgress) => void) {
    this.#job = job;
    this.#offsetBytes = job.offsetBytes;
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
    while (position < chunk.byteLength) {
      this.#part ??= this.#begin();
      const part = this.#part;
      const piece = chunk.subarray(position, position + FILE_PART_BYTES - part.lengthBytes);
      part.plain.update(piece);
      part.ciphertext.push(...part.floe.update(piece));
      part.lengthBytes += piece.byteLength;
      position += piece.byteLength;
      const isLast = this.#offsetBytes + part.lengthBytes === this.#job.lengthBytes;
      if (part.lengthBytes === FILE_PART_BYTES || isLast) await this.#finish(part);
    }
  }

  async end(how: EndOf): Promise<void> {
    this.#part = null;
    await this.#sink.end(how, this.#mark(), this.#takeSpans());
  }

  async abandon(): Promise<void> {
    this.#part = null;
    await this.#sink.drop();
  }

  #begin(): OpenPart {
    const { key, force, recording } = this.#job;
    const index = Math.floor(this.#offsetBytes / FILE_PART_BYTES);
    const floe = startFloe({ key, associatedData: mediaAssociatedData(force, recording, index) });
    return { index, floe, plain: createHash("sha256"), ciphertext: [floe.header], lengthBytes: 0 };
  }

  async #finish(part: OpenPart): Promise<void> {
    part.ciphertext.push(...part.floe.finish());
    const storedHash = createHash("sha256");
    let storedBytes = 0;
    for (const piece of part.ciphertext) {
      storedHash.update(piece);
      storedBytes += piece.byteLength;
      await this.#sink.write(piece);
    }
    const { index, lengthBytes } = part;
    const hash = storedHash.digest();
    this.#made.push({
      index,
      lengthBytes,
      hash: part.plain.digest(),
      storedBytes,
      storedHash: hash,
    });
    this.#spans.push({ sizeBytes: storedBytes, hash });
    this.#offsetBytes += lengthBytes;
    this.#part = null;
    if (this.#sink.isFull) await this.#sink.close(this.#mark(), this.#takeSpans());
  }

  #takeSpans(): HashedSpan[] {
    const spans = this.#spans;
    this.#spans = [];
    return spans;
  }

  #mark(): Mark {
    const mark = { offsetBytes: this.#offsetBytes, verified: [], measured: this.#made };
    this.#made = [];
    return mark;
  }
}
