// The battery, simulated: a headless camera has none, but what a battery does to a recording must be seen to happen.

export interface BatteryReading {
  readonly percent: number;
  readonly charging: boolean;
}

export interface Battery {
  /** `monotonicMs`: since this boot. */
  read(monotonicMs: number): BatteryReading;
  setCharging(charging: boolean): void;
}

/** Drains evenly from `startPercent` to `lowestPercent`, and charges ten times as fast in a dock. */
export function simulatedBattery(
  options: {
    readonly startPercent?: number;
    readonly lowestPercent?: number;
    readonly lastsMs?: number;
  } = {},
): Battery {
  const { startPercent = 100, lowestPercent = 15, lastsMs = 12 * 3_600_000 } = options;
  let percent = startPercent;
  let charging = false;
  let readAtMs = 0;
  return {
    read(monotonicMs) {
      const passedMs = Math.max(0, monotonicMs - readAtMs);
      readAtMs = monotonicMs;
      const change = (100 * passedMs) / lastsMs;
      percent = charging
        ? Math.min(100, percent + 10 * change)
        : Math.max(Math.min(lowestPercent, percent), percent - change);
      return { percent: Math.round(percent), charging };
    },
    setCharging(now) {
      charging = now;
    },
  };
}
