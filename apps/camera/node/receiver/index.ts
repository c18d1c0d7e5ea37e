/** The simulated receiver of positions. */

export { simulateTrail } from "./simulate-trail.ts";
export type { Position, TrailOptions } from "./simulate-trail.ts";
export { findPlace, PLACES } from "./boroughs.ts";
export type { Place } from "./boroughs.ts";
