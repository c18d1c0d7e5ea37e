// Where the bytes do not fit, finds what stands there instead: an MP4 says itself where its fragments end.
import type { FileHandle } from "node:fs/promises";

/** A stretch of the file that looks like one part. */
export interface Unit {
  readonly atBytes: number;
  readonly lengthBytes: number;
}

export interface Span {
  readonly fromBytes: number;
  readonly toBytes: number;
}

export interface FoundUnits {
  readonly units: readonly Unit[];
  /** False if part of the span makes no sense as boxes. */
  readonly whole: boolean;
}

/** No recording has more: a day of fragments of two seconds, four boxes each. */
const BOXES_MAXIMUM = 262_144;
const HEADER_BYTES = 16;
const ENDS_PART: ReadonlySet<string> = new Set(["moov", "mdat"]);

/** Cuts `span` into MP4 parts by their box headers (ISO/IEC 14496-12 §4.2); reads nothing but the headers. */
export async function findMp4Units(handle: FileHandle, span: Span): Promise<FoundUnits> {
  const units: Unit[] = [];
  let unitAt = span.fromBytes;
  let at = span.fromBytes;
  for (let count = 0; at < span.toBytes && count < BOXES_MAXIMUM; count++) {
    const box = await readBox(handle, at);
    if (!box || at + box.sizeBytes > span.toBytes) return { units, whole: false };
    at += box.sizeBytes;
    if (!ENDS_PART.has(box.type)) continue;
    units.push({ atBytes: unitAt, lengthBytes: at - unitAt });
    unitAt = at;
  }
  return { units, whole: unitAt === span.toBytes };
}

/** Cuts `span` into pieces of one length, as a file without a journal is cut. */
export function findEqualUnits(span: Span, lengthBytes: number): FoundUnits {
  const units: Unit[] = [];
  for (let at = span.fromBytes; at < span.toBytes && units.length < BOXES_MAXIMUM; at += lengthBytes) {
    units.push({ atBytes: at, lengthBytes: Math.min(lengthBytes, span.toBytes - at) });
  }
  return { units, whole: true };
}

async function readBox(handle: FileHandle, at: number): Promise<{ type: string; sizeBytes: number } | null> {
  const bytes = new Uint8Array(HEADER_BYTES);
  const { bytesRead } = await handle.read(bytes, 0, HEADER_BYTES, at);
  if (bytesRead < 8) return null;
  const view = new DataView(bytes.buffer);
  const type = String.fromCharCode(...bytes.subarray(4, 8));
  const short = view.getUint32(0);
  if (short === 1) {
    const long = view.getBigUint64(8);
    if (bytesRead < HEADER_BYTES || long < 16n || long > BigInt(Number.MAX_SAFE_INTEGER)) return null;
    return { type, sizeBytes: Number(long) };
  }
  return short >= 8 ? { type, sizeBytes: short } : null;
}
