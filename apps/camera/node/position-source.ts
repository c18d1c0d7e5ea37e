// Where the camera is, from a receiver; asked only while recording.
import { simulateTrail } from "./receiver/index.ts";

/** A fix, at a time of this boot's monotonic clock; 10⁻⁷ degree, WGS 84. */
export interface Fix {
  readonly atMs: number;
  readonly latitudeE7: number;
  readonly longitudeE7: number;
  readonly accuracyCm: number;
}

export interface PositionSource {
  /** Fixes from `fromMs` up to, and not including, `toMs`. Later calls ask for later times. */
  fixesBetween(fromMs: number, toMs: number): readonly Fix[];
}

/** A simulated officer who walks and drives through `borough`; null where that place is not known. */
export function simulatedPositions(options: {
  readonly borough: string;
  readonly seed: string;
}): PositionSource | null {
  const trail = simulateTrail({ ...options, startMs: 0 });
  if (!trail) return null;
  let next = trail.next().value;
  return {
    fixesBetween(fromMs, toMs) {
      const fixes: Fix[] = [];
      while (next.atMs < toMs) {
        if (next.atMs >= fromMs) {
          fixes.push({
            atMs: next.atMs,
            latitudeE7: Math.round(next.latDeg * 1e7),
            longitudeE7: Math.round(next.lonDeg * 1e7),
            accuracyCm: Math.round(next.accuracyM * 100),
          });
        }
        next = trail.next().value;
      }
      return fixes;
    },
  };
}
