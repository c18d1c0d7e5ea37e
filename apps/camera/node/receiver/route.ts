/** A line over the ground that is followed by distance, there and back without end. */

import type { Waypoint } from "./boroughs.ts";

/** Mean Earth radius, metres (IUGG). */
const EARTH_RADIUS_M = 6_371_009;
const RADIANS = Math.PI / 180;

export interface GroundPoint {
  readonly latDeg: number;
  readonly lonDeg: number;
}

/** Great-circle distance, metres (haversine formula). */
export function distanceM(from: GroundPoint, to: GroundPoint): number {
  const halfLat = Math.sin(((to.latDeg - from.latDeg) * RADIANS) / 2);
  const halfLon = Math.sin(((to.lonDeg - from.lonDeg) * RADIANS) / 2);
  const chord = halfLat ** 2 + Math.cos(from.latDeg * RADIANS) * Math.cos(to.latDeg * RADIANS) * halfLon ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(chord)));
}

/** Moves a point by metres; exact enough over a few kilometres. */
export function moved(from: GroundPoint, northM: number, eastM: number): GroundPoint {
  const metresPerDegree = EARTH_RADIUS_M * RADIANS;
  return {
    latDeg: from.latDeg + northM / metresPerDegree,
    lonDeg: from.lonDeg + eastM / (metresPerDegree * Math.cos(from.latDeg * RADIANS)),
  };
}

export interface RoutePoint extends GroundPoint {
  /** Clockwise from north, 0 up to 360. */
  readonly headingDeg: number;
  /** Metres to the next bend or turning point. */
  readonly toBendM: number;
}

export class Route {
  readonly lengthM: number;
  readonly #legs: { from: GroundPoint; to: GroundPoint; startM: number; lengthM: number }[] = [];

  /** Needs two waypoints that are apart. */
  constructor(waypoints: readonly Waypoint[]) {
    let startM = 0;
    const points = waypoints.map(([latDeg, lonDeg]) => ({ latDeg, lonDeg }));
    for (const [index, to] of points.entries()) {
      const from = points[index - 1];
      if (from === undefined) continue;
      const lengthM = distanceM(from, to);
      this.#legs.push({ from, to, startM, lengthM });
      startM += lengthM;
    }
    this.lengthM = startM;
  }

  /** The point after `travelledM` from the start, turning round at either end. */
  at(travelledM: number): RoutePoint {
    const lap = ((travelledM % (2 * this.lengthM)) + 2 * this.lengthM) % (2 * this.lengthM);
    const forward = lap <= this.lengthM;
    const alongM = forward ? lap : 2 * this.lengthM - lap;
    const leg = this.#legs.findLast(({ startM }) => startM <= alongM);
    if (leg === undefined) throw new RangeError("a route needs two waypoints that are apart");
    const part = leg.lengthM === 0 ? 0 : Math.min(1, (alongM - leg.startM) / leg.lengthM);
    const latDeg = leg.from.latDeg + (leg.to.latDeg - leg.from.latDeg) * part;
    const lonDeg = leg.from.lonDeg + (leg.to.lonDeg - leg.from.lonDeg) * part;
    const north = (leg.to.latDeg - leg.from.latDeg) * (forward ? 1 : -1);
    const east = (leg.to.lonDeg - leg.from.lonDeg) * Math.cos(latDeg * RADIANS) * (forward ? 1 : -1);
    const headingDeg = (Math.atan2(east, north) / RADIANS + 360) % 360;
    return {
      latDeg,
      lonDeg,
      headingDeg,
      toBendM: forward ? leg.startM + leg.lengthM - alongM : alongM - leg.startM,
    };
  }
}
