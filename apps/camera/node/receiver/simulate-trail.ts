/**
 * A simulated satellite receiver: a fix a second of somebody who walks and drives through a real place. Positions are
 * always inside the place's box; walking is at most 2.5 m/s and driving 18 m/s; the same seed gives the same trail.
 */

import { seeded } from "../scene/seeded.ts";
import type { Seeded } from "../scene/seeded.ts";
import { findPlace } from "./boroughs.ts";
import { moved, Route } from "./route.ts";

export interface Position {
  /** The camera's clock, milliseconds since 1970. */
  readonly atMs: number;
  readonly latDeg: number;
  readonly lonDeg: number;
  /** Radius within which the true place is with 95 % likelihood. */
  readonly accuracyM: number;
  readonly speedMps: number;
  /** Clockwise from north, 0 up to 360. */
  readonly headingDeg: number;
}

export interface TrailOptions {
  /** One of the names in `PLACES`. */
  readonly borough: string;
  readonly seed: string;
  readonly startMs: number;
}

export const MAX_WALK_MPS = 2.5;
export const MAX_DRIVE_MPS = 18;

interface Gait {
  readonly route: Route;
  readonly cruiseMps: number;
  readonly limitMps: number;
  /** Most that speed changes in a second. */
  readonly changeMps2: number;
  /** Slowest speed round a bend. */
  readonly bendMps: number;
  /** Seconds of standing still, when it comes to that. */
  readonly stopS: readonly [number, number];
}

/** One fix a second for ever; null where the receiver does not know the place. */
export function simulateTrail(options: TrailOptions): Generator<Position, never> | null {
  const place = findPlace(options.borough);
  if (place === null) return null;
  const random = seeded(`trail ${options.borough} ${options.seed}`);
  const walk: Gait = {
    route: new Route(place.walk),
    ...{
      cruiseMps: random.between(1.1, 1.7),
      limitMps: MAX_WALK_MPS - 0.5,
      changeMps2: 0.5,
      bendMps: 0.8,
      stopS: [3, 25],
    },
  };
  const drive: Gait = {
    route: new Route(place.drive),
    ...{
      cruiseMps: random.between(9, 13),
      limitMps: MAX_DRIVE_MPS - 2,
      changeMps2: 2,
      bendMps: 4,
      stopS: [4, 40],
    },
  };
  return follow(random, options.startMs, walk, drive);
}

/** Both routes start at the same place: one comes home, then goes out the other way. */
function* follow(random: Seeded, startMs: number, walk: Gait, drive: Gait): Generator<Position, never> {
  const drift = { northM: random.between(-3, 3), eastM: random.between(-3, 3) };
  let atMs = startMs;
  let gait = random.next() < 0.7 ? walk : drive;
  // A walk begins anywhere along it; a later change of gait only at home, so that the trail never jumps.
  let travelledM = random.next() * gait.route.lengthM * 1.6;
  let speedMps = 0;
  let standingS = 0;
  let arrived = false;
  for (;;) {
    const point = gait.route.at(travelledM);
    const noise = { northM: random.between(-0.15, 0.15), eastM: random.between(-0.15, 0.15) };
    drift.northM = drift.northM * 0.98 + noise.northM;
    drift.eastM = drift.eastM * 0.98 + noise.eastM;
    const { latDeg, lonDeg } = moved(point, drift.northM, drift.eastM);
    const accuracyM = 3 + Math.hypot(drift.northM, drift.eastM) * 1.2 + random.between(0, 2.5);
    yield { atMs, latDeg, lonDeg, accuracyM, speedMps, headingDeg: point.headingDeg };

    atMs += 1000;
    if (arrived) {
      // Home again: out of the car, or into it.
      gait = gait === walk ? drive : walk;
      travelledM = 0;
      speedMps = 0;
      standingS = Math.round(random.between(...gait.stopS));
    } else if (standingS > 0) standingS -= 1;
    else if (random.next() < 0.008) standingS = Math.round(random.between(...gait.stopS));
    const leftM = 2 * gait.route.lengthM - travelledM;
    speedMps = Math.min(leftM, nextSpeed(random, gait, speedMps, standingS > 0 ? 0 : null, point.toBendM));
    travelledM += speedMps;
    arrived = speedMps === leftM;
  }
}

/** Drives at its cruising speed, slows before bends in time, and never changes speed faster than its kind can. */
function nextSpeed(
  random: Seeded,
  gait: Gait,
  speedMps: number,
  wanted: number | null,
  toBendM: number,
): number {
  const forBend = Math.sqrt(gait.bendMps ** 2 + 2 * gait.changeMps2 * toBendM);
  const target = wanted ?? Math.min(gait.cruiseMps * random.between(0.9, 1.15), forBend, gait.limitMps);
  const change = Math.max(-gait.changeMps2, Math.min(gait.changeMps2, target - speedMps));
  return Math.max(0, speedMps + change);
}
