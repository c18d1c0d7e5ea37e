// A recording's media, open to be read in the clear: any range, decrypting just the segments it touches, in bounded
// memory. Guarantees that a byte leaves only after its segment authenticated, and that nothing leaves once closed.
import { mediaAssociatedData } from "@sworn/custody";
import {
  FLOE_HEADER_BYTES,
  openFloe,
  releaseBytes,
  VaultError,
  type OpenFloe,
  type StoredObject,
} from "@sworn/vault";
import type { PartMap, SegmentSlice } from "./part-map.ts";
import { PlaybackFault } from "./playback-fault.ts";

/** Ciphertext read at once; with the batch read ahead and the one being sent, three times this a stream. */
const BATCH_BYTES = 512 * 1024;
/** About half a megabyte; the parts of a quarter of an hour fit, so that leaping about reads no header twice. */
const MOST_HEADERS = 512;
const damageCodes: ReadonlySet<string> = new Set([
  "floe-header",
  "floe-segment",
  "floe-authentication",
  "floe-truncated",
  "object-damaged",
]);

/** Decrypted pieces, in the order of the file. */
export interface ClearBatch {
  readonly pieces: readonly Buffer[];
  /** To be called when nothing reads the pieces any more, the socket included: their memory is used again at once. */
  release(): void;
}

/** A range that is read forward. */
export interface MediaReading {
  /** The next batch, in the order of the file; null at the end. @throws PlaybackFault */
  next(): Promise<ClearBatch | null>;
}

interface Batch {
  readonly slices: readonly SegmentSlice[];
  readonly isLast: boolean;
  /** Begins at the header of the first part where that is unknown and adjacent, else at the first segment. */
  readonly offsetBytes: number;
  readonly bytes: Buffer;
}

const nothing: Promise<null> = Promise.resolve(null);

export class SealedMedia {
  readonly map: PartMap;
  readonly #object: Pick<StoredObject, "readInto">;
  readonly #key: Buffer;
  readonly #ids: { readonly force: Uint8Array; readonly recording: Uint8Array };
  // Verified headers, least recently used first.
  readonly #opened = new Map<number, OpenFloe>();
  #closed = false;

  /** Takes `key` over and wipes it when closed. @throws PlaybackFault `parts-damaged` */
  constructor(
    map: PartMap,
    object: Pick<StoredObject, "readInto" | "sizeBytes">,
    key: Buffer,
    ids: { readonly force: Uint8Array; readonly recording: Uint8Array },
  ) {
    if (object.sizeBytes !== map.storedBytes)
      throw new PlaybackFault("parts-damaged", "The stored object is not as long as its parts.");
    this.map = map;
    this.#object = object;
    this.#key = key;
    this.#ids = ids;
  }

  /** Forgets the keys; streams that run end with `recording-gone` before their next byte. */
  close(): void {
    this.#closed = true;
    this.#opened.clear();
    this.#key.fill(0);
  }

  /** Reads `[fromBytes, toBytes)`, a batch at a time. */
  read(fromBytes: number, toBytes: number): MediaReading {
    const slices = this.map.slices(fromBytes, toBytes);
    let coming = this.#fetch(slices);
    const next = async (): Promise<ClearBatch | null> => {
      try {
        const batch = await coming;
        if (batch === null) return null;
        if (batch.isLast) coming = nothing;
        else {
          coming = this.#fetch(slices);
          // A reader that leaves here never awaits the batch that is being read ahead.
          coming.catch(() => undefined);
        }
        return await this.#decrypt(batch);
      } catch (cause) {
        throw this.#closed && !(cause instanceof PlaybackFault) ? gone(cause) : cause;
      }
    };
    coming.catch(() => undefined);
    return { next };
  }

  /** The whole of a range that is one batch; null where it is more. @throws PlaybackFault */
  async readAtOnce(fromBytes: number, toBytes: number): Promise<ClearBatch | null> {
    const batch = await this.#fetch(this.map.slices(fromBytes, toBytes));
    return batch?.isLast === true ? this.#decrypt(batch) : null;
  }

  /** All of a short range in one piece. @throws PlaybackFault */
  async readAll(fromBytes: number, toBytes: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    const reading = this.read(fromBytes, toBytes);
    for (let batch = await reading.next(); batch !== null; batch = await reading.next()) {
      pieces.push(Buffer.concat(batch.pieces));
      batch.release();
    }
    return Buffer.concat(pieces);
  }

  async #fetch(source: Iterator<SegmentSlice, void, undefined>): Promise<Batch | null> {
    if (this.#closed) throw gone();
    const slices: SegmentSlice[] = [];
    let offsetBytes = 0;
    let endBytes = 0;
    let isLast = false;
    while (slices.length === 0 || endBytes - offsetBytes < BATCH_BYTES) {
      const next = source.next();
      isLast = next.done === true;
      if (next.done === true) break;
      const slice = next.value;
      if (slices.length === 0) {
        const withHeader = slice.segment === 0 && !this.#opened.has(slice.part);
        offsetBytes = withHeader ? this.map.storedStartOf(slice.part) : slice.storedOffsetBytes;
      }
      endBytes = slice.storedOffsetBytes + slice.storedBytes;
      slices.push(slice);
    }
    const [first] = slices;
    if (first === undefined) return null;
    const bytes = await this.#readObject(offsetBytes, endBytes - offsetBytes, first.part);
    return { slices, isLast, offsetBytes, bytes };
  }

  async #decrypt({ slices, offsetBytes, bytes }: Batch): Promise<ClearBatch> {
    const pieces: Buffer[] = [];
    const segments: Buffer[] = [];
    for (const slice of slices) {
      const floe = this.#opened.get(slice.part) ?? (await this.#openPart(slice.part, { offsetBytes, bytes }));
      if (this.#closed) throw gone();
      const from = slice.storedOffsetBytes - offsetBytes;
      const segment = bytes.subarray(from, from + slice.storedBytes);
      const plain = this.#authentic(slice.part, () =>
        floe.decryptSegment(slice.segment, segment, slice.isFinal),
      );
      segments.push(plain);
      pieces.push(plain.subarray(slice.fromBytes, slice.toBytes));
    }
    releaseBytes(bytes);
    return {
      pieces,
      release: () => {
        for (const segment of segments) releaseBytes(segment);
      },
    };
  }

  async #openPart(part: number, batch: Pick<Batch, "offsetBytes" | "bytes">): Promise<OpenFloe> {
    const at = this.map.storedStartOf(part) - batch.offsetBytes;
    const header =
      at >= 0
        ? batch.bytes.subarray(at, at + FLOE_HEADER_BYTES)
        : await this.#readObject(at + batch.offsetBytes, FLOE_HEADER_BYTES, part);
    if (this.#closed) throw gone();
    const { force, recording } = this.#ids;
    const floe = this.#authentic(part, () =>
      openFloe(this.#key, mediaAssociatedData(force, recording, part), header),
    );
    if (this.#opened.size >= MOST_HEADERS) {
      for (const oldest of this.#opened.keys()) {
        this.#opened.delete(oldest);
        break;
      }
    }
    this.#opened.set(part, floe);
    return floe;
  }

  async #readObject(offsetBytes: number, lengthBytes: number, part: number): Promise<Buffer> {
    try {
      const bytes = Buffer.allocUnsafeSlow(lengthBytes);
      await this.#object.readInto(bytes, offsetBytes);
      return bytes;
    } catch (cause) {
      throw this.#told(cause, part);
    }
  }

  #authentic<T>(part: number, work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw this.#told(cause, part);
    }
  }

  #told(cause: unknown, part: number): unknown {
    if (!(cause instanceof VaultError) || !damageCodes.has(cause.code)) return cause;
    const { startMs = 0, durationMs = 0 } = this.map.parts[part] ?? {};
    return new PlaybackFault("media-altered", `Part ${part} of the recording does not verify.`, {
      cause,
      damage: { part, fromMs: startMs, toMs: startMs + durationMs },
    });
  }
}

function gone(cause?: unknown): PlaybackFault {
  return new PlaybackFault("recording-gone", "The recording is being destroyed.", { cause });
}
