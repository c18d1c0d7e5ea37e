/**
 * Joins takes into one CMAF stream: one init segment, then one chunk a fragment (`moof` + `mdat`), sequence numbers
 * gapless, decode times moved by each take's start so that a pause shows as a jump. ISO/IEC 14496-12.
 */

import { EncodeError } from "./encode-error.ts";
import type { ByteSink } from "./take.ts";

const MAX_BOX_BYTES = 64 * 1024 * 1024;

export class FragmentJoiner {
  readonly #deliver: ByteSink;
  #init: Uint8Array | null = null;
  #trackTimescales = new Map<number, number>();
  #fragments = 0;
  #takeStart = { frame: 0, fps: 1 };
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #takeInit: Uint8Array[] = [];
  #moof: Uint8Array | null = null;

  constructor(deliver: ByteSink) {
    this.#deliver = deliver;
  }

  get fragments(): number {
    return this.#fragments;
  }

  /** What follows is the output of a new muxer whose time 0 is this frame. */
  beginTake(frame: number, fps: number): void {
    this.#takeStart = { frame, fps };
    this.#takeInit = [];
    this.#moof = null;
  }

  /** Takes muxed bytes however they are cut. */
  async push(bytes: Uint8Array): Promise<void> {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    for (let box = this.#nextBox(); box !== null; box = this.#nextBox()) await this.#take(box);
  }

  /** Throws if the take ended within a box. */
  endTake(): void {
    if (this.#heldBytes > 0 || this.#moof !== null)
      throw broken("the muxer stopped in the middle of a fragment");
  }

  #nextBox(): Uint8Array | null {
    if (this.#heldBytes < 8) return null;
    const joined = this.#held.length === 1 ? this.#held[0] : join(this.#held);
    if (joined === undefined) return null;
    const sizeBytes = view(joined).getUint32(0);
    if (sizeBytes < 8 || sizeBytes > MAX_BOX_BYTES) throw broken(`a box of ${String(sizeBytes)} bytes`);
    if (joined.length < sizeBytes) {
      // Joining only when a whole box is there keeps this linear.
      this.#held = this.#held.length > 64 ? [joined] : this.#held;
      return null;
    }
    const rest = joined.subarray(sizeBytes);
    this.#held = rest.length > 0 ? [rest] : [];
    this.#heldBytes = rest.length;
    return joined.subarray(0, sizeBytes);
  }

  async #take(box: Uint8Array): Promise<void> {
    const type = boxType(box, 4);
    if (type === "ftyp") this.#takeInit = [box];
    else if (type === "moov") await this.#takeMoov(box);
    else if (type === "moof") this.#moof = this.#retime(box);
    else if (type === "mdat" && this.#moof !== null) {
      const fragment = join([this.#moof, box]);
      this.#moof = null;
      this.#fragments += 1;
      await this.#deliver(fragment);
    } else if (type !== "styp" && type !== "sidx" && type !== "free")
      throw broken(`an unexpected ${type} box`);
  }

  async #takeMoov(box: Uint8Array): Promise<void> {
    const init = join([...this.#takeInit, box]);
    if (this.#init === null) {
      this.#init = init;
      this.#trackTimescales = readTimescales(box);
      await this.#deliver(init);
    } else if (!sameBytes(this.#init, init)) {
      throw broken("the codec set itself up differently after a pause");
    }
  }

  #retime(moof: Uint8Array): Uint8Array {
    const copy = moof.slice();
    const data = view(copy);
    for (const child of boxesIn(copy, 8, copy.length)) {
      if (child.type === "mfhd") {
        mustHold(child, 16);
        data.setUint32(child.start + 12, this.#fragments + 1);
      }
      if (child.type !== "traf") continue;
      let trackId = 0;
      for (const inner of boxesIn(copy, child.start + 8, child.end)) {
        if (inner.type !== "tfhd" && inner.type !== "tfdt") continue;
        mustHold(inner, inner.type === "tfhd" ? 16 : 20);
        if (inner.type === "tfhd") trackId = data.getUint32(inner.start + 12);
        else this.#moveDecodeTime(data, inner.start, trackId);
      }
    }
    return copy;
  }

  #moveDecodeTime(data: DataView, at: number, trackId: number): void {
    const timescale = this.#trackTimescales.get(trackId);
    if (timescale === undefined || data.getUint8(at + 8) !== 1)
      throw broken("a fragment without a 64-bit decode time");
    const shift = Math.floor((this.#takeStart.frame * timescale) / this.#takeStart.fps);
    data.setBigUint64(at + 12, data.getBigUint64(at + 12) + BigInt(shift));
  }
}

interface BoxPlace {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

function boxesIn(bytes: Uint8Array, from: number, to: number): BoxPlace[] {
  const found: BoxPlace[] = [];
  const data = view(bytes);
  for (let at = from; at + 8 <= to;) {
    const sizeBytes = data.getUint32(at);
    if (sizeBytes < 8 || at + sizeBytes > to) throw broken("a box that overruns its parent");
    found.push({ type: boxType(bytes, at + 4), start: at, end: at + sizeBytes });
    at += sizeBytes;
  }
  return found;
}

/** Throws where the box is too short to be read. */
function mustHold(box: BoxPlace, sizeBytes: number): void {
  if (box.end - box.start < sizeBytes) throw broken(`a ${box.type} box that is too short`);
}

/** Track id to time scale, from `trak/tkhd` and `trak/mdia/mdhd`. */
function readTimescales(moov: Uint8Array): Map<number, number> {
  const data = view(moov);
  const timescales = new Map<number, number>();
  for (const trak of boxesIn(moov, 8, moov.length).filter((box) => box.type === "trak")) {
    const inner = boxesIn(moov, trak.start + 8, trak.end);
    const tkhd = inner.find((box) => box.type === "tkhd");
    const mdia = inner.find((box) => box.type === "mdia");
    const mdhd = mdia && boxesIn(moov, mdia.start + 8, mdia.end).find((box) => box.type === "mdhd");
    if (tkhd === undefined || mdhd === undefined) throw broken("a track without its header");
    mustHold(tkhd, 32);
    mustHold(mdhd, 32);
    const trackId = data.getUint32(tkhd.start + (data.getUint8(tkhd.start + 8) === 1 ? 28 : 20));
    timescales.set(trackId, data.getUint32(mdhd.start + (data.getUint8(mdhd.start + 8) === 1 ? 28 : 20)));
  }
  return timescales;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function boxType(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

function broken(what: string): EncodeError {
  return new EncodeError("encoder-failed", `the encoder's output is not what was expected: ${what}`);
}
