// Marks put into the order in which they happened, each with the docks' fixes on either side of it.
import { equalBytes } from "./bytes.ts";

/** A clock set by a dock: the wall clock before and after, and how far the dock's own time may be off. */
export interface Fix {
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly errorMs: number;
}

/** A moment as the camera told it; `fix` where a dock set the clock at that moment. */
export interface ClockMark {
  readonly boot: Uint8Array;
  readonly sequence: number;
  readonly monotonicMs: number;
  readonly wallMs: number;
  readonly fix?: Fix;
}

/** A fix with its place, and whether every wall clock seen since the fix before it agrees with both. */
export interface PlacedFix {
  readonly run: number;
  readonly monotonicMs: number;
  readonly wallMs: number;
  readonly fix: Fix;
  wallIsSound: boolean;
}

/** `position`: where the caller had it. `run`: which boot, counted; an id that comes twice is two boots. */
export interface OrderedMark {
  readonly mark: ClockMark;
  readonly position: number;
  readonly run: number;
  previous: PlacedFix | null;
  next: PlacedFix | null;
}

/** Quartz clocks drift by some 20 ppm, 500 ppm (43 s a day) is a fault; and a clock is read in whole steps. */
const WALL_DRIFT = 500e-6;
const WALL_SLACK_MS = 2000;

/**
 * Sorts by boot (in the order of sequences) and monotonic clock: within a boot that is the order of sequences,
 * but it also places a moment that lies before its entry, such as the start of a pre-record.
 */
export function orderMarks(marks: readonly ClockMark[]): OrderedMark[] {
  const bySequence = marks.map((mark, position) => ({ mark, position }));
  bySequence.sort((a, b) => a.mark.sequence - b.mark.sequence);
  let run = 0;
  let boot: Uint8Array | null = null;
  const ordered = bySequence.map(({ mark, position }): OrderedMark => {
    if (boot !== null && !equalBytes(boot, mark.boot)) run++;
    boot = mark.boot;
    return { mark, position, run, previous: null, next: null };
  });
  ordered.sort(
    (a, b) => a.run - b.run || a.mark.monotonicMs - b.mark.monotonicMs || a.mark.sequence - b.mark.sequence,
  );
  placeFixes(ordered);
  return ordered;
}

function placeFixes(ordered: OrderedMark[]): void {
  let previous: PlacedFix | null = null;
  let span: OrderedMark[] = [];
  for (const place of ordered) {
    place.previous = previous;
    span.push(place);
    const { mark, run } = place;
    if (!mark.fix) continue;
    const fix: PlacedFix = {
      run,
      monotonicMs: mark.monotonicMs,
      wallMs: mark.wallMs,
      fix: mark.fix,
      wallIsSound: false,
    };
    fix.wallIsSound = previous !== null && wallIsSound(previous, span, fix);
    for (const between of span) between.next = fix;
    previous = fix;
    span = [];
  }
}

/** True if the wall clock ran on from `previous` to `next`, through every mark, without a jump or a stop. */
function wallIsSound(previous: PlacedFix, span: readonly OrderedMark[], next: PlacedFix): boolean {
  const truthMs = next.fix.afterMs - previous.fix.afterMs;
  const wallMs = next.fix.beforeMs - previous.fix.afterMs;
  const slackMs = WALL_SLACK_MS + previous.fix.errorMs + next.fix.errorMs;
  if (truthMs <= 0 || Math.abs(wallMs - truthMs) > truthMs * WALL_DRIFT + slackMs) return false;
  let last = { run: previous.run, wallMs: previous.fix.afterMs, monotonicMs: previous.monotonicMs };
  for (const { mark, run } of span) {
    const markWallMs = mark.fix ? mark.fix.beforeMs : mark.wallMs;
    const walledMs = markWallMs - last.wallMs;
    if (walledMs < -WALL_SLACK_MS) return false;
    const elapsedMs = mark.monotonicMs - last.monotonicMs;
    if (run === last.run && Math.abs(walledMs - elapsedMs) > elapsedMs * WALL_DRIFT + WALL_SLACK_MS)
      return false;
    last = { run, wallMs: markWallMs, monotonicMs: mark.monotonicMs };
  }
  return true;
}
