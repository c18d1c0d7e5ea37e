// The rules that follow from versions: nothing that exists is shortened unless a version says so.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deriveRules, endMs, ruleAt, type ClassVersion } from "../../src/retention/derive-rules.ts";

const length = (days: number | null): number => days ?? Number.POSITIVE_INFINITY;

const versionsArbitrary: fc.Arbitrary<ClassVersion[]> = fc
  .array(
    fc.record({
      periodDays: fc.option(fc.integer({ min: 1, max: 50 })),
      stepMs: fc.integer({ min: 0, max: 20 }),
      backMs: fc.option(fc.integer({ min: 0, max: 30 })),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((steps) => {
    let nowMs = 0;
    return steps.map(({ periodDays, stepMs, backMs }, index) => {
      nowMs += stepMs;
      const existingBeforeMs = backMs === null ? null : Math.max(0, nowMs - backMs);
      const version = { version: index + 1, periodDays, reviewDays: null, citation: "x" };
      return { ...version, effectiveAtMs: nowMs, existingBeforeMs };
    });
  });

/** The same rule told as history: a recording has a period when it arrives, and each later version acts on it. */
function periodByHistory(versions: readonly ClassVersion[], receivedAtMs: number): number {
  let period: number | null = null;
  for (const version of versions) {
    const itsPeriod = length(version.periodDays);
    const exists = receivedAtMs < version.effectiveAtMs;
    if (!exists || period === null) period = itsPeriod;
    else if (version.existingBeforeMs !== null && receivedAtMs < version.existingBeforeMs) period = itsPeriod;
    else period = Math.max(period, itsPeriod);
  }
  return period ?? Number.POSITIVE_INFINITY;
}

describe("rules from versions", () => {
  it("are those of history", () => {
    fc.assert(
      fc.property(versionsArbitrary, fc.integer({ min: 0, max: 200 }), (versions, at) => {
        expect(length(ruleAt(versions, at)?.periodDays ?? null)).toBe(periodByHistory(versions, at));
      }),
      { numRuns: 2_000 },
    );
  });

  it("cover all of time, without gap or overlap, and say the same as one at a time", () => {
    fc.assert(
      fc.property(versionsArbitrary, fc.integer({ min: 0, max: 200 }), (versions, at) => {
        const intervals = deriveRules(versions);
        expect(intervals[0]?.receivedFromMs).toBe(0);
        expect(intervals.at(-1)?.receivedUntilMs).toBe(endMs);
        for (const [index, interval] of intervals.entries()) {
          expect(interval.receivedUntilMs).toBeGreaterThan(interval.receivedFromMs);
          const next = intervals[index + 1];
          if (next) expect(next.receivedFromMs).toBe(interval.receivedUntilMs);
        }
        const inside = intervals.filter((one) => one.receivedFromMs <= at && at < one.receivedUntilMs);
        expect(inside.map((one) => one.rule)).toEqual([ruleAt(versions, at)]);
      }),
      { numRuns: 2_000 },
    );
  });

  it("never shorten what exists by a version that does not say so", () => {
    fc.assert(
      fc.property(versionsArbitrary, fc.integer({ min: 0, max: 200 }), (versions, at) => {
        const quiet = versions.map((version) => ({ ...version, existingBeforeMs: null }));
        for (let count = 1; count < quiet.length; count += 1) {
          const later = quiet[count];
          if (later === undefined || at >= later.effectiveAtMs) continue;
          const before = ruleAt(quiet.slice(0, count), at);
          const after = ruleAt(quiet.slice(0, count + 1), at);
          expect(length(after?.periodDays ?? null)).toBeGreaterThanOrEqual(
            length(before?.periodDays ?? null),
          );
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
