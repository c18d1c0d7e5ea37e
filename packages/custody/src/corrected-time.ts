// When something truly happened: bounds that hold whatever the camera's clock said, and the best estimate within them.
import type { JournalEntry } from "./journal-entry.ts";
import { type Bounds, boundMarks } from "./time-bounds.ts";
import { type ClockMark, type OrderedMark, orderMarks } from "./time-marks.ts";
import { estimateFromWall } from "./wall-estimate.ts";

/**
 * `dock`: corrected by a dock's time in the same boot. `bounded`: uncertain, but between two docks' times.
 * `unbounded`: no dock before or none after it, or docks that contradict each other; a person decides.
 */
export type ClockQuality = "dock" | "bounded" | "unbounded";

/** `earliestMs` is missing where nothing came before. `errorMs` bounds |atMs − truth| where both bounds are known. */
export interface CorrectedTime {
  readonly atMs: number;
  readonly clock: ClockQuality;
  readonly errorMs?: number;
  readonly earliestMs?: number;
  readonly latestMs?: number;
}

/** The mark of an entry itself. */
export function markOf(entry: JournalEntry): ClockMark {
  const { boot, sequence, monotonicMs, wallMs } = entry;
  if (entry.kind !== "clock-set") return { boot, sequence, monotonicMs, wallMs };
  const { beforeMs, afterMs, errorMs } = entry.body;
  return { boot, sequence, monotonicMs, wallMs, fix: { beforeMs, afterMs, errorMs } };
}

/** The moment `monotonicMs` in the boot of `entry`, which may lie before the entry (pre-record) or after it. */
export function markAt(entry: JournalEntry, monotonicMs: number): ClockMark {
  const { boot, sequence } = entry;
  return { boot, sequence, monotonicMs, wallMs: entry.wallMs + monotonicMs - entry.monotonicMs };
}

/**
 * The true time of each mark, in the order given. The more of the journal's entries are among the marks, the
 * better a jump of the wall clock is seen; the bounds hold with any. What is unbounded gets the first
 * time after it that is known: that of the next dock, else the arrival.
 * @param arrivalMs the server's time when the last of the marks had arrived, milliseconds since 1970
 */
export function correctTimes(marks: readonly ClockMark[], arrivalMs: number): CorrectedTime[] {
  const ordered = orderMarks(marks);
  const bounds = boundMarks(ordered, arrivalMs);
  const corrected = new Array<CorrectedTime>(marks.length);
  let floorMs = -Infinity;
  for (const [index, estimate] of estimates(ordered, bounds).entries()) {
    const { mark, position } = ordered[index] ?? {};
    const bound = bounds[index];
    if (!mark || !bound || position === undefined) continue;
    const time = settle(estimate, bound, floorMs);
    if (bound.contradicted) floorMs = -Infinity;
    if (time.clock !== "unbounded") floorMs = time.atMs;
    corrected[position] = time;
  }
  keepBehind(ordered, bounds, corrected);
  return corrected;
}

/** What has no dock before it is not later than the estimate of what came after it. */
function keepBehind(
  ordered: readonly OrderedMark[],
  bounds: readonly Bounds[],
  corrected: CorrectedTime[],
): void {
  let ceilingMs = Infinity;
  for (let index = ordered.length - 1; index >= 0; index--) {
    const position = ordered[index]?.position ?? -1;
    const time = corrected[position];
    if (!time || bounds[index]?.contradicted) continue;
    ceilingMs = Math.min(ceilingMs, time.atMs);
    if (time.clock === "unbounded") corrected[position] = { ...time, atMs: ceilingMs };
  }
}

interface Estimate {
  readonly atMs: number;
  readonly clock: ClockQuality;
}

/** An estimate for each mark, not yet clamped. */
function estimates(ordered: readonly OrderedMark[], bounds: readonly Bounds[]): Estimate[] {
  return ordered.map((place, index) => {
    const bound = bounds[index] ?? { earliestMs: -Infinity, latestMs: Infinity, contradicted: true };
    if (bound.contradicted) return { atMs: bound.latestMs, clock: "unbounded" };
    const { mark, previous, next } = place;
    if (mark.fix) return { atMs: mark.fix.afterMs, clock: "dock" };
    const before = previous?.run === place.run ? previous : null;
    const after = next?.run === place.run ? next : null;
    if (before && after) {
      const share =
        (mark.monotonicMs - before.monotonicMs) / Math.max(1, after.monotonicMs - before.monotonicMs);
      return { atMs: before.fix.afterMs + share * (after.fix.afterMs - before.fix.afterMs), clock: "dock" };
    }
    const nearest = before ?? after;
    if (nearest) return { atMs: nearest.fix.afterMs + mark.monotonicMs - nearest.monotonicMs, clock: "dock" };
    if (!previous || !next) return { atMs: bound.latestMs, clock: "unbounded" };
    const middle = (bound.earliestMs + bound.latestMs) / 2;
    return { atMs: estimateFromWall(mark, previous, next) ?? middle, clock: "bounded" };
  });
}

/** Clamps into the bounds and behind what came before, and rounds outwards to whole milliseconds. */
function settle(estimate: Estimate, bound: Bounds, floorMs: number): CorrectedTime {
  const { earliestMs, latestMs } = bound;
  const atMs = Math.round(Math.min(latestMs, Math.max(estimate.atMs, earliestMs, floorMs)));
  const latest = { latestMs: Math.ceil(latestMs) };
  if (earliestMs === -Infinity) return { atMs, clock: estimate.clock, ...latest };
  const earliest = { earliestMs: Math.floor(earliestMs) };
  const errorMs = Math.max(atMs - earliest.earliestMs, latest.latestMs - atMs);
  return { atMs, clock: estimate.clock, errorMs, ...earliest, ...latest };
}
