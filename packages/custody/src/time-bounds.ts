// The earliest and latest true time of each mark, from three facts only: what docks said, that a monotonic clock
// drifts by no more than 100 ppm, and that a later boot is later. The wall clock, which may say anything, has no part.
import type { OrderedMark } from "./time-marks.ts";

/** `contradicted`: the docks on either side cannot both be right, and which is wrong nobody knows: no bound is left. */
export interface Bounds {
  readonly earliestMs: number;
  readonly latestMs: number;
  readonly contradicted: boolean;
}

/** The drift that a camera's oscillator may have, and more than any crystal in its range of temperature does. */
const MAXIMUM_DRIFT = 100e-6;
/** A monotonic reading is the whole millisecond before the moment; doubled for the rounding of sums. */
const READING_MS = 2;

interface Span {
  readonly from: number;
  readonly to: number;
}
const ANYTIME: Span = { from: -Infinity, to: Infinity };

function meet(a: Span, b: Span): Span {
  return { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) };
}

/** Bounds of each mark, in the same order. Two passes are exact, because each mark is tied to its neighbours only. */
export function boundMarks(ordered: readonly OrderedMark[], arrivalMs: number): Bounds[] {
  const said = ordered.map(whatItSays);
  const forward = pass(ordered, said, ANYTIME, after);
  const all = arrived(said, arrivalMs);
  const backward = pass(ordered, said, all, before);
  const bounds = ordered.map((_, index) => join(forward[index] ?? ANYTIME, backward[index] ?? all, all.to));
  return bounds.map((bound, index) => (hasDock(ordered[index]) ? bound : { ...bound, latestMs: all.to }));
}

/** A boot that no dock saw, and none after it: that it arrived is all that is known of its end. */
function hasDock(place: OrderedMark | undefined): boolean {
  return place !== undefined && (place.next !== null || place.previous?.run === place.run);
}

/** A fix says when its clock showed the reading, which is up to one reading before the fix itself. */
function whatItSays({ mark: { fix } }: OrderedMark): Span {
  if (!fix) return ANYTIME;
  return { from: fix.afterMs - fix.errorMs - READING_MS, to: fix.afterMs + fix.errorMs };
}

/** All happened before it arrived, unless a dock says otherwise: then the server's clock is the one to doubt. */
function arrived(said: readonly Span[], arrivalMs: number): Span {
  const last = said.findLast((span) => span.from > -Infinity);
  return { from: -Infinity, to: Math.max(arrivalMs, last ? last.to + READING_MS : -Infinity) };
}

/** Where the neighbour lies, seen from one mark `elapsedMs` away, or in another boot (null). */
type Step = (span: Span, elapsedMs: number | null) => Span;

const after: Step = (span, elapsedMs) =>
  elapsedMs === null
    ? { from: span.from, to: Infinity }
    : { from: span.from + elapsedMs * (1 - MAXIMUM_DRIFT), to: span.to + elapsedMs * (1 + MAXIMUM_DRIFT) };

const before: Step = (span, elapsedMs) =>
  elapsedMs === null
    ? { from: -Infinity, to: span.to }
    : { from: span.from - elapsedMs * (1 + MAXIMUM_DRIFT), to: span.to - elapsedMs * (1 - MAXIMUM_DRIFT) };

function pass(ordered: readonly OrderedMark[], said: readonly Span[], start: Span, step: Step): Span[] {
  const forwards = step === after;
  const spans = new Array<Span>(ordered.length);
  let reached = start;
  let last: OrderedMark | null = null;
  for (let count = 0; count < ordered.length; count++) {
    const index = forwards ? count : ordered.length - 1 - count;
    const place = ordered[index];
    const own = said[index];
    if (!place || !own) continue;
    if (last)
      reached = step(
        reached,
        last.run === place.run ? Math.abs(place.mark.monotonicMs - last.mark.monotonicMs) : null,
      );
    const met = meet(reached, own);
    // A dock that contradicts what came before starts anew, so that one bad dock does not spoil a camera's life.
    reached = met.from <= met.to ? met : own;
    spans[index] = reached;
    last = place;
  }
  return spans;
}

function join(forward: Span, backward: Span, arrivedMs: number): Bounds {
  const { from, to } = meet(forward, backward);
  if (from <= to)
    return { earliestMs: from, latestMs: Math.min(to + READING_MS, arrivedMs), contradicted: false };
  return { earliestMs: -Infinity, latestMs: arrivedMs, contradicted: true };
}
