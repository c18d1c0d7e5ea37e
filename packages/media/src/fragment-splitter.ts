/**
 * Cuts the stream that an encoder writes into the parts of a recording: the init segment, then fragments.
 * A fragment runs from the end of the part before to the end of its `mdat`, so the parts laid end to end are the
 * stream itself; only what follows the last `mdat` (a trailing `mfra`, or a part cut short) is left out and reported.
 * Guarantees: the same parts however the stream is chunked; each part is checked by `readInit` or `readFragment`
 * before it is given out; memory is bounded by the part in hand.
 */
import { ChunkQueue } from "./chunk-queue.ts";
import { MALFORMED_REMEDY, MediaError } from "./media-error.ts";
import { FRAGMENT_PREFIX_BOXES, readFragment } from "./read-fragment.ts";
import type { FragmentInfo } from "./read-fragment.ts";
import { INIT_BOXES, readInit } from "./read-init.ts";
import type { InitSegment } from "./read-init.ts";
import { LONGEST_HEADER_BYTES, readBoxHeader } from "./walk-boxes.ts";
import type { BoxHeader } from "./walk-boxes.ts";

interface PartCommon {
  /** 0 is the init segment, 1 the first fragment. */
  partNumber: number;
  /** Where the part begins in the stream. */
  offsetBytes: number;
  lengthBytes: number;
  /** The part's own copy: the receiver may keep, transfer or overwrite it. */
  bytes: Uint8Array;
}

/** Parts in order are what `buildFragmentIndex` takes. */
export type MediaPart =
  (PartCommon & { kind: "init"; init: InitSegment }) | (PartCommon & { kind: "fragment" } & FragmentInfo);

export interface SplitterLimits {
  maxInitBytes: number;
  maxFragmentBytes: number;
  /** Boxes before and in one part, on the top level. */
  maxBoxesPerPart: number;
}

export const DEFAULT_SPLITTER_LIMITS: Readonly<SplitterLimits> = {
  maxInitBytes: 1024 ** 2,
  maxFragmentBytes: 64 * 1024 ** 2,
  maxBoxesPerPart: 64,
};

export interface SplitterEnd {
  partCount: number;
  /** Bytes of all parts given out: the stream up to the end of the last whole `mdat`. */
  partsBytes: number;
  /** Bytes of a trailing `mfra` (and of boxes between it and the last `mdat`), left out. */
  mfraBytes: number;
  /** Bytes of a part that the stream does not finish, left out: what a cut of power costs. */
  unfinishedBytes: number;
}

export class FragmentSplitter {
  readonly #limits: SplitterLimits;
  readonly #queue = new ChunkQueue();
  #init: InitSegment | null = null;
  #partCount = 0;
  #partOffsetBytes = 0;
  /** Bytes of the part in hand whose boxes are already placed. */
  #placedBytes = 0;
  #placedBoxes: string[] = [];
  /** Nothing can be decided before the queue holds this many bytes. */
  #neededBytes = 8;
  /** Set once the mfra has begun; its bytes, and those of boxes before it, are dropped as they come. */
  #trailer: { totalBytes: number; leftBytes: number } | null = null;
  #failure: MediaError | null = null;
  #finished = false;

  constructor(limits: Partial<SplitterLimits> = {}) {
    this.#limits = { ...DEFAULT_SPLITTER_LIMITS, ...limits };
  }

  /**
   * Takes the next bytes and returns the parts that they complete, mostly none or one. The chunk is kept by
   * reference until then. Throws `MediaError` on a stream that is no fragmented MP4; parts that were whole before the
   * fault are returned first, and the next call throws.
   */
  push(chunk: Uint8Array): MediaPart[] {
    this.#requireUsable();
    this.#queue.append(chunk);
    const parts: MediaPart[] = [];
    try {
      for (let part = this.#next(); part !== null; part = this.#next()) parts.push(part);
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
      this.#failure = error;
      if (parts.length === 0) throw error;
    }
    return parts;
  }

  /** The stream has ended. What is not a whole part is left out and counted; an empty stream is no fault. */
  finish(): SplitterEnd {
    this.#requireUsable();
    this.#finished = true;
    const mfraBytes = this.#trailer === null ? 0 : this.#trailer.totalBytes - this.#trailer.leftBytes;
    return {
      partCount: this.#partCount,
      partsBytes: this.#partOffsetBytes,
      mfraBytes,
      unfinishedBytes: this.#queue.lengthBytes,
    };
  }

  #requireUsable(): void {
    if (this.#failure !== null) throw this.#failure;
    if (this.#finished) {
      throw new MediaError(
        "already-finished",
        this.#partOffsetBytes,
        "The stream was ended",
        "Use a new splitter",
      );
    }
  }

  #next(): MediaPart | null {
    for (;;) {
      if (this.#trailer !== null) this.#dropTrailer(this.#trailer);
      if (this.#queue.lengthBytes < this.#neededBytes) return null;
      const header = this.#headerInHand();
      if (header === null) continue;
      const sizeBytes = this.#place(header);
      if (sizeBytes === null) continue;
      const endBytes = this.#placedBytes + sizeBytes;
      if (header.type === (this.#init === null ? "moov" : "mdat")) {
        if (this.#queue.lengthBytes >= endBytes) return this.#complete(endBytes);
        this.#neededBytes = endBytes;
      } else {
        this.#placedBytes = endBytes;
        this.#placedBoxes.push(header.type);
        this.#neededBytes = endBytes + 8;
      }
    }
  }

  #headerInHand(): BoxHeader | null {
    const bytes = this.#queue.peek(this.#placedBytes, LONGEST_HEADER_BYTES);
    const trailerBytes = this.#trailer?.totalBytes ?? 0;
    const result = readBoxHeader(bytes, this.#partOffsetBytes + trailerBytes + this.#placedBytes);
    if (result.kind === "header") return result.header;
    this.#neededBytes = this.#placedBytes + result.neededBytes;
    return null;
  }

  /** Checks that the box may stand here and returns its size; null: the trailer has begun. */
  #place(header: BoxHeader): number | null {
    const { type, sizeBytes, offsetBytes } = header;
    if (this.#trailer !== null) throw misplaced(header, "after the mfra");
    if (sizeBytes === null) {
      throw new MediaError(
        "box-size-invalid",
        offsetBytes,
        `"${type}" has no size of its own (size 0)`,
        "Encode to a fragmented MP4, where each box states its size",
      );
    }
    const maxBytes = this.#init === null ? this.#limits.maxInitBytes : this.#limits.maxFragmentBytes;
    if (type === "mfra" && this.#init !== null && !this.#placedBoxes.includes("moof")) {
      const totalBytes = this.#placedBytes + sizeBytes;
      this.#trailer = { totalBytes, leftBytes: totalBytes };
      this.#placedBytes = 0;
      return null;
    }
    this.#requireOrder(header);
    if (
      this.#placedBytes + sizeBytes > maxBytes ||
      this.#placedBoxes.length >= this.#limits.maxBoxesPerPart
    ) {
      throw new MediaError(
        "limit-exceeded",
        offsetBytes,
        `Part ${String(this.#partCount)} would exceed ${String(maxBytes)} bytes or ` +
          `${String(this.#limits.maxBoxesPerPart)} boxes`,
        "Encode fragments of about 2 s, or raise the limit in the call",
      );
    }
    return sizeBytes;
  }

  #requireOrder(header: BoxHeader): void {
    const last = this.#placedBoxes.at(-1);
    if (this.#init === null) {
      const first = this.#placedBoxes.length === 0;
      if (!INIT_BOXES.has(header.type) || (header.type === "ftyp") !== first) {
        throw misplaced(header, "in the init segment, which is ftyp and moov");
      }
      return;
    }
    if (last === "moof") {
      if (header.type === "mdat") return;
      throw new MediaError(
        "box-missing",
        header.offsetBytes,
        `"${header.type}" stands where the "mdat" of a "moof" must stand`,
        MALFORMED_REMEDY,
      );
    }
    if (header.type !== "moof" && !FRAGMENT_PREFIX_BOXES.has(header.type)) {
      throw misplaced(header, "between fragments");
    }
  }

  #complete(lengthBytes: number): MediaPart {
    const bytes = this.#queue.take(lengthBytes);
    const offset = this.#partOffsetBytes;
    const common = { partNumber: this.#partCount, offsetBytes: offset, lengthBytes, bytes };
    const part: MediaPart =
      this.#init === null
        ? { ...common, kind: "init", init: readInit(bytes, { offset }) }
        : { ...common, kind: "fragment", ...readFragment(bytes, this.#init, { offset }) };
    if (part.kind === "init") this.#init = part.init;
    this.#partCount += 1;
    this.#partOffsetBytes += lengthBytes;
    this.#placedBytes = 0;
    this.#placedBoxes = [];
    this.#neededBytes = 8;
    return part;
  }

  #dropTrailer(trailer: { leftBytes: number }): void {
    const droppedBytes = Math.min(trailer.leftBytes, this.#queue.lengthBytes);
    this.#queue.drop(droppedBytes);
    trailer.leftBytes -= droppedBytes;
    this.#neededBytes = trailer.leftBytes > 0 ? 1 : 8;
  }
}

function misplaced(header: BoxHeader, where: string): MediaError {
  return new MediaError(
    "box-unexpected",
    header.offsetBytes,
    `"${header.type}" may not stand ${where}`,
    "A recording is one init segment and then moof and mdat in pairs: check the encoder's options",
  );
}
