/** Which seconds of a recording cannot be relied on, for a report that says "altered: from … to …". */
import type { FragmentIndex } from "./fragment-index.ts";
import { MediaError } from "./media-error.ts";

export interface TimeRange {
  fromMs: number;
  /** Exclusive. */
  toMs: number;
}

/**
 * The times that the given parts cover, merged, in order, on the clock of the index. Neighbouring bad fragments give
 * one range; a pause between them stays out of it. A bad init segment (part 0) spoils the whole recording.
 * Throws `MediaError` "argument-invalid" on a part that the index does not have.
 */
export function alteredRanges(index: FragmentIndex, badParts: Iterable<number>): TimeRange[] {
  const partNumbers = [...new Set(badParts)].sort((a, b) => a - b);
  if (partNumbers[0] === 0) return [{ fromMs: index.startMs, toMs: index.endMs }];
  const ranges: TimeRange[] = [];
  let lastPart = 0;
  for (const partNumber of partNumbers) {
    const fragment = index.fragments[partNumber - 1];
    if (fragment === undefined) {
      throw new MediaError(
        "argument-invalid",
        index.totalBytes,
        `The recording has no part ${String(partNumber)}`,
        `Parts are 0 (init) to ${String(index.fragments.length)}`,
      );
    }
    const toMs = fragment.startMs + fragment.durationMs;
    const open = ranges.at(-1);
    const runsOn = open !== undefined && lastPart === partNumber - 1 && !fragment.discontinuity;
    if (open !== undefined && (runsOn || fragment.startMs <= open.toMs))
      open.toMs = Math.max(open.toMs, toMs);
    else ranges.push({ fromMs: fragment.startMs, toMs });
    lastPart = partNumber;
  }
  return ranges;
}
