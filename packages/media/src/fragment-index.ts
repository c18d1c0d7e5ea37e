/**
 * Where each part of a recording stands in the playable file, and when.
 *
 * The playable MP4 of a recording is its init segment and its fragments laid end to end, byte for byte: a
 * fragmented MP4 needs no rewriting (ISO/IEC 14496-12 §8.8), so an exported file carries exactly the bytes that the
 * camera signed. Offsets here are offsets in that file, in plaintext. Guarantees: parts cover [0, totalBytes)
 * without gap or overlap; lookups are logarithmic.
 */
import { MediaError } from "./media-error.ts";

/** What a journal knows of each part: part 0 is the init segment, part n the nth fragment. */
export type PartDescription =
  | { kind: "init"; lengthBytes: number }
  | {
      kind: "fragment";
      lengthBytes: number;
      /** Whole ms on any one clock that does not run backwards within the recording. */
      startMs: number;
      durationMs: number;
      /** The encoder's clock began anew here, or the wearer had paused. Default: told by a gap in the times. */
      discontinuity?: boolean;
    };

export interface IndexedFragment {
  /** 1 for the first fragment. */
  partNumber: number;
  offsetBytes: number;
  lengthBytes: number;
  startMs: number;
  durationMs: number;
  /** True where playback cannot run on from the fragment before: a pause, or an encoder that began anew. */
  discontinuity: boolean;
}

export interface FragmentIndex {
  /** Part 0; it begins at byte 0. */
  initLengthBytes: number;
  fragments: readonly IndexedFragment[];
  /** Length of the playable file. */
  totalBytes: number;
  /** Played time: the sum of all fragments, without pauses. */
  durationMs: number;
  /** From the first fragment's start to the last one's end, pauses included; both 0 without fragments. */
  startMs: number;
  endMs: number;
}

/** A gap beyond this is a pause: longer than rounding, shorter than anything a wearer can do. */
export const DEFAULT_GAP_TOLERANCE_MS = 250;

/**
 * Builds the index of a recording from its parts in order.
 * Throws `MediaError` "argument-invalid" where the parts are not one init segment and then fragments, a length or a
 * time is not a whole number, or the times run backwards. `offsetBytes` of the error is the offset of that part.
 */
export function buildFragmentIndex(
  parts: readonly PartDescription[],
  options: { gapToleranceMs?: number } = {},
): FragmentIndex {
  const gapToleranceMs = options.gapToleranceMs ?? DEFAULT_GAP_TOLERANCE_MS;
  const init = parts[0];
  if (init?.kind !== "init") throw invalid(0, "The first part is not the init segment");
  requireWhole(init.lengthBytes, 1, 0, "The init segment's length");
  const fragments: IndexedFragment[] = [];
  let offsetBytes = init.lengthBytes;
  let durationMs = 0;
  let endMs: number | null = null;
  for (const [partNumber, part] of parts.entries()) {
    if (partNumber === 0) continue;
    if (part.kind !== "fragment")
      throw invalid(offsetBytes, `Part ${String(partNumber)} is a second init segment`);
    const { lengthBytes, startMs } = part;
    requireWhole(lengthBytes, 1, offsetBytes, `Part ${String(partNumber)}: lengthBytes`);
    requireWhole(startMs, Number.MIN_SAFE_INTEGER, offsetBytes, `Part ${String(partNumber)}: startMs`);
    requireWhole(part.durationMs, 0, offsetBytes, `Part ${String(partNumber)}: durationMs`);
    const before = fragments.at(-1);
    if (before !== undefined && startMs < before.startMs) {
      throw invalid(offsetBytes, `Part ${String(partNumber)} starts before the part ahead of it`);
    }
    const isGap = endMs !== null && startMs - endMs > gapToleranceMs;
    const discontinuity = before !== undefined && (part.discontinuity ?? isGap);
    fragments.push({
      partNumber,
      offsetBytes,
      lengthBytes,
      startMs,
      durationMs: part.durationMs,
      discontinuity,
    });
    offsetBytes += lengthBytes;
    durationMs += part.durationMs;
    endMs = Math.max(endMs ?? startMs, startMs + part.durationMs);
  }
  requireWhole(offsetBytes, 1, offsetBytes, "The recording's length");
  return {
    initLengthBytes: init.lengthBytes,
    fragments,
    totalBytes: offsetBytes,
    durationMs,
    startMs: fragments[0]?.startMs ?? 0,
    endMs: endMs ?? 0,
  };
}

/** The last fragment that starts at or before `timeMs`; in a pause, the one before it. Null: earlier than all. */
export function fragmentAtTime(index: FragmentIndex, timeMs: number): IndexedFragment | null {
  return lastWhere(index.fragments, (fragment) => fragment.startMs <= timeMs);
}

/** The part that holds the byte at `offsetBytes` of the playable file; null beyond its end. */
export function partAtOffset(
  index: FragmentIndex,
  offsetBytes: number,
): { partNumber: number; offsetInPartBytes: number } | null {
  if (!(offsetBytes >= 0 && offsetBytes < index.totalBytes)) return null;
  const fragment = lastWhere(index.fragments, (candidate) => candidate.offsetBytes <= offsetBytes);
  return fragment === null
    ? { partNumber: 0, offsetInPartBytes: offsetBytes }
    : { partNumber: fragment.partNumber, offsetInPartBytes: offsetBytes - fragment.offsetBytes };
}

export interface PartSlice {
  partNumber: number;
  /** Within the part's plaintext. */
  fromBytes: number;
  /** Exclusive. */
  toBytes: number;
}

/**
 * What a range read of the playable file touches, in order: laid end to end the slices are
 * [offset, offset + length), cut at the end of the file.
 */
export function slicesOfRange(index: FragmentIndex, offsetBytes: number, lengthBytes: number): PartSlice[] {
  const endBytes = Math.min(index.totalBytes, offsetBytes + lengthBytes);
  const first = partAtOffset(index, offsetBytes);
  const slices: PartSlice[] = [];
  if (first === null || !(lengthBytes > 0)) return slices;
  for (let partNumber = first.partNumber; ; partNumber++) {
    const part = partBytes(index, partNumber);
    if (part === null || part.offsetBytes >= endBytes) return slices;
    slices.push({
      partNumber,
      fromBytes: Math.max(0, offsetBytes - part.offsetBytes),
      toBytes: Math.min(part.lengthBytes, endBytes - part.offsetBytes),
    });
  }
}

function partBytes(
  index: FragmentIndex,
  partNumber: number,
): { offsetBytes: number; lengthBytes: number } | null {
  if (partNumber === 0) return { offsetBytes: 0, lengthBytes: index.initLengthBytes };
  return index.fragments[partNumber - 1] ?? null;
}

function lastWhere(
  fragments: readonly IndexedFragment[],
  holds: (fragment: IndexedFragment) => boolean,
): IndexedFragment | null {
  let low = 0;
  let high = fragments.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const fragment = fragments[middle];
    if (fragment !== undefined && holds(fragment)) low = middle + 1;
    else high = middle;
  }
  return fragments[low - 1] ?? null;
}

function requireWhole(value: number, least: number, offsetBytes: number, what: string): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw invalid(offsetBytes, `${what} is ${String(value)}`);
}

function invalid(offsetBytes: number, problem: string): MediaError {
  return new MediaError(
    "argument-invalid",
    offsetBytes,
    problem,
    "Give the parts as the journal lists them: init, then fragments in order, whole numbers",
  );
}
