// A machine clock that moves only by hand.
import type { MachineClock } from "../../node/camera-clock.ts";

export const NOW_MS = Date.UTC(2026, 0, 15, 20);

export interface TestClock extends MachineClock {
  advance(byMs: number): void;
}

export function testClock(): TestClock {
  let passedMs = 0;
  return {
    wallMs: () => NOW_MS + passedMs,
    monotonicMs: () => 5_000 + passedMs,
    advance: (byMs) => {
      passedMs += byMs;
    },
  };
}
