// Time is an argument. Nothing in the server reads `Date.now()` except the system clock below,
// so that tests and the demo can move time without waiting for it.

/** Milliseconds since the Unix epoch, UTC, as the server believes them. */
export interface Clock {
  nowMs(): number;
  /** Calls back after the clock was moved by hand (never for its ordinary running). Returns "stop listening". */
  onMoved(listener: () => void): () => void;
}

/** A clock that a test or the demo can set. It runs on its own unless `frozen`. */
export interface MovableClock extends Clock {
  /** Moves by a number of milliseconds, which may be negative. */
  advanceMs(byMs: number): void;
  /** Sets the absolute time in milliseconds since the epoch. */
  setMs(toMs: number): void;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  onMoved: () => () => undefined,
};

/** A clock starting at `startMs`; `frozen` clocks move only when told to. */
export function movableClock(startMs: number = Date.now(), options: { frozen?: boolean } = {}): MovableClock {
  const listeners = new Set<() => void>();
  const running = (): number => (options.frozen === true ? 0 : performance.now());
  let offsetMs = startMs - running();
  const nowMs = (): number => Math.round(offsetMs + running());
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  return {
    nowMs,
    onMoved(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    advanceMs(byMs) {
      offsetMs += byMs;
      tell();
    },
    setMs(toMs) {
      offsetMs = toMs - running();
      tell();
    },
  };
}
