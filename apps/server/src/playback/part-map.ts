// Where each byte of the playable file lies in the stored object. The file is the parts' plaintexts laid end to
// end, the object their ciphertexts. Guarantees that lengths agree, so that a cut object is known before it is read.
import type { TimedPart } from "@sworn/custody";
import { floeLayoutOfCiphertext, type FloeLayout } from "@sworn/vault";
import { PlaybackFault } from "./playback-fault.ts";

/** One FLOE segment that a range touches, in the order of the file. */
export interface SegmentSlice {
  readonly part: number;
  readonly segment: number;
  readonly isFinal: boolean;
  /** In the object. */
  readonly storedOffsetBytes: number;
  readonly storedBytes: number;
  /** Within the segment's plaintext; `toBytes` is exclusive. */
  readonly fromBytes: number;
  readonly toBytes: number;
}

const segmentOverheadBytes = 32;
const headerBytes = 74;

export class PartMap {
  readonly parts: readonly TimedPart[];
  readonly lengthBytes: number;
  readonly storedBytes: number;
  readonly #startBytes: Float64Array;
  readonly #storedStartBytes: Float64Array;

  /** @throws PlaybackFault `parts-damaged` */
  constructor(parts: readonly TimedPart[]) {
    this.parts = parts;
    this.#startBytes = new Float64Array(parts.length);
    this.#storedStartBytes = new Float64Array(parts.length);
    let lengthBytes = 0;
    let storedBytes = 0;
    parts.forEach((part, index) => {
      this.#startBytes[index] = lengthBytes;
      this.#storedStartBytes[index] = storedBytes;
      lengthBytes += part.lengthBytes;
      storedBytes += part.storedBytes;
    });
    if (!Number.isSafeInteger(storedBytes))
      throw new PlaybackFault("parts-damaged", "The parts are too long.");
    this.lengthBytes = lengthBytes;
    this.storedBytes = storedBytes;
  }

  /** Where the ciphertext of a part begins in the object; its FLOE header comes first. */
  storedStartOf(part: number): number {
    return this.#storedStartBytes[part] ?? 0;
  }

  /** The segments that hold `[fromBytes, toBytes)` of the file, which must lie inside it. */
  *slices(fromBytes: number, toBytes: number): Generator<SegmentSlice, void, undefined> {
    let at = fromBytes;
    for (let part = this.#partAt(fromBytes); at < toBytes && part < this.parts.length; part += 1) {
      const startBytes = this.#startBytes[part] ?? 0;
      const layout = this.#layoutOf(part);
      const endBytes = Math.min(toBytes, startBytes + layout.plaintextBytes);
      const plainBytes = layout.segmentBytes - segmentOverheadBytes;
      while (at < endBytes) {
        const segment = Math.floor((at - startBytes) / plainBytes);
        const isFinal = segment === layout.segmentCount - 1;
        const segmentStart = startBytes + segment * plainBytes;
        const until = Math.min(endBytes, segmentStart + plainBytes);
        yield {
          part,
          segment,
          isFinal,
          storedOffsetBytes: this.storedStartOf(part) + headerBytes + segment * layout.segmentBytes,
          storedBytes: isFinal ? layout.finalSegmentBytes : layout.segmentBytes,
          fromBytes: at - segmentStart,
          toBytes: until - segmentStart,
        };
        at = until;
      }
    }
  }

  #layoutOf(part: number): FloeLayout {
    const { storedBytes = 0, lengthBytes } = this.parts[part] ?? {};
    try {
      const layout = floeLayoutOfCiphertext(storedBytes);
      if (layout.plaintextBytes === lengthBytes) return layout;
    } catch (cause) {
      throw new PlaybackFault("parts-damaged", `Part ${part} has a length that no ciphertext has.`, {
        cause,
      });
    }
    throw new PlaybackFault("parts-damaged", `Part ${part} is not as long as its ciphertext.`);
  }

  /** The part that holds a byte of the file; behind the last part for a byte beyond its end. */
  #partAt(offsetBytes: number): number {
    let low = 0;
    let high = this.parts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const end = (this.#startBytes[middle] ?? 0) + (this.parts[middle]?.lengthBytes ?? 0);
      if (end <= offsetBytes) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
