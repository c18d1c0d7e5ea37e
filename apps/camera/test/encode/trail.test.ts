/** Property tests of the simulated receiver: where it may be, and how fast it may get there. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findPlace, PLACES, simulateTrail } from "../../node/receiver/index.ts";
import type { Position } from "../../node/receiver/index.ts";
import { distanceM, Route } from "../../node/receiver/route.ts";
import { MAX_DRIVE_MPS, MAX_WALK_MPS } from "../../node/receiver/simulate-trail.ts";

/** What the receiver's own error may add to the distance between two fixes. */
const NOISE_M = 0.6;

function fixes(borough: string, seed: string, count: number, startMs = 0): Position[] {
  const trail = simulateTrail({ borough, seed, startMs });
  return Array.from({ length: count }, () => trail?.next().value).filter((fix) => fix !== undefined);
}

const anyPlace = fc.constantFrom(...PLACES);

describe("places", () => {
  it("are the ten boroughs of the trial and two of Bedfordshire", () => {
    const names = (force: string): string[] =>
      PLACES.filter((place) => place.force === force).map((place) => place.name);
    expect(names("metropolitan")).toEqual(
      "Barnet Bexley Bromley Brent Camden Croydon Ealing Havering Hillingdon Lewisham".split(" "),
    );
    expect(names("bedfordshire")).toEqual(["Bedford", "Luton"]);
    expect(findPlace(" camden ")?.name).toBe("Camden");
    expect(simulateTrail({ borough: "Atlantis", seed: "", startMs: 0 })).toBeNull();
  });

  it.each(PLACES)("$name: routes start together, lie inside the box and have no leap", (place) => {
    expect(place.walk[0]).toEqual(place.drive[0]);
    for (const [latDeg, lonDeg] of [...place.walk, ...place.drive]) {
      expect(latDeg).toBeGreaterThan(place.box.southDeg + 0.001);
      expect(latDeg).toBeLessThan(place.box.northDeg - 0.001);
      expect(lonDeg).toBeGreaterThan(place.box.westDeg + 0.001);
      expect(lonDeg).toBeLessThan(place.box.eastDeg - 0.001);
    }
    for (const route of [place.walk, place.drive]) {
      for (const [index, to] of route.entries()) {
        const from = route[index - 1];
        if (from !== undefined) expect(new Route([from, to]).lengthM).toBeLessThan(1200);
      }
    }
    expect(new Route(place.walk).lengthM).toBeGreaterThan(300);
    expect(new Route(place.drive).lengthM).toBeGreaterThan(1500);
  });
});

describe("a trail", () => {
  it("stays inside the box, never leaps, and says the speed at which it moves", () => {
    fc.assert(
      fc.property(anyPlace, fc.string(), (place, seed) => {
        const trail = fixes(place.name, seed, 900);
        for (const [index, fix] of trail.entries()) {
          expect(fix.latDeg > place.box.southDeg && fix.latDeg < place.box.northDeg).toBe(true);
          expect(fix.lonDeg > place.box.westDeg && fix.lonDeg < place.box.eastDeg).toBe(true);
          expect(fix.speedMps >= 0 && fix.speedMps <= MAX_DRIVE_MPS).toBe(true);
          expect(fix.headingDeg >= 0 && fix.headingDeg < 360).toBe(true);
          expect(fix.accuracyM > 0 && fix.accuracyM < 30).toBe(true);
          expect(fix.atMs).toBe(index * 1000);
          const before = trail[index - 1];
          if (before === undefined) continue;
          expect(distanceM(before, fix)).toBeLessThanOrEqual(fix.speedMps + NOISE_M);
          expect(Math.abs(fix.speedMps - before.speedMps)).toBeLessThanOrEqual(MAX_DRIVE_MPS);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("walks at no more than walking pace, and drives in the same shift", () => {
    const shift = fixes("Camden", "whole shift", 2 * 3600);
    const driving = shift.filter((fix) => fix.speedMps > MAX_WALK_MPS).length;
    expect(driving).toBeGreaterThan(60);
    expect(driving).toBeLessThan(shift.length * 0.9);
    expect(shift.some((fix) => fix.speedMps === 0)).toBe(true);
    expect(Math.max(...shift.map((fix) => fix.speedMps))).toBeGreaterThan(8);
  });

  it("is the same for the same seed, and another for another", () => {
    expect(fixes("Luton", "a", 50)).toEqual(fixes("Luton", "a", 50));
    expect(fixes("Luton", "a", 50)).not.toEqual(fixes("Luton", "b", 50));
    expect(fixes("Luton", "a", 1, 1_399_583_647_000)[0]?.atMs).toBe(1_399_583_647_000);
  });
});
