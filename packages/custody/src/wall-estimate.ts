// The wall clock as an estimate between two docks: its offset grows evenly from one to the other, if it never jumped.
import type { ClockMark, PlacedFix } from "./time-marks.ts";

/** The true time by the wall clock, or null where it jumped or stopped between the docks and says nothing. */
export function estimateFromWall(mark: ClockMark, previous: PlacedFix, next: PlacedFix): number | null {
  const walledMs = next.fix.beforeMs - previous.fix.afterMs;
  if (!next.wallIsSound || walledMs <= 0) return null;
  const share = (mark.wallMs - previous.fix.afterMs) / walledMs;
  return previous.fix.afterMs + share * (next.fix.afterMs - previous.fix.afterMs);
}
