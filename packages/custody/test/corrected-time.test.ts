// Simulated cameras whose true clock is known: the truth must lie within the bounds, whatever the wall clock said.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ClockMark, type CorrectedTime, correctTimes } from "../src/index.ts";
import { idOf } from "./journal-fixture.ts";

const DAY_MS = 86_400_000;
const NOON = Date.UTC(2026, 0, 15, 12);

interface Truth {
  readonly mark: ClockMark;
  readonly trueMs: number;
}

type Step =
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "fix"; readonly error: number }
  | {
      readonly kind: "reboot";
      readonly offMs: number;
      readonly wall: "kept" | "dead" | "jump";
      readonly jumpMs: number;
    }
  | { readonly kind: "jump"; readonly ms: number };

interface Simulation {
  readonly monotonicPpm: number;
  readonly wallPpm: number;
  readonly steps: readonly Step[];
}

/** Runs a camera through its steps; after each there is a mark, and the truth beside it. */
function simulate({ monotonicPpm, wallPpm, steps }: Simulation): Truth[] {
  let [trueMs, wallMs, monotonicMs, boot] = [NOON + 0.37, NOON - 5000, 0.11, 0];
  const told: Truth[] = [];
  const mark = (fix?: ClockMark["fix"]) => {
    const place = { boot: idOf(boot), sequence: told.length, monotonicMs: Math.floor(monotonicMs) };
    told.push({ mark: { ...place, wallMs: Math.floor(wallMs), ...(fix ? { fix } : {}) }, trueMs });
  };
  mark();
  for (const step of steps) {
    const ms = step.kind === "wait" ? step.ms : step.kind === "reboot" ? step.offMs : 5;
    trueMs += ms;
    wallMs += ms * (1 + wallPpm / 1e6);
    monotonicMs += ms / (1 + monotonicPpm / 1e6);
    if (step.kind === "jump") wallMs += step.ms;
    if (step.kind === "reboot") {
      boot++;
      monotonicMs = 0.5;
      if (step.wall === "dead") wallMs = 0;
      if (step.wall === "jump") wallMs += step.jumpMs;
    }
    if (step.kind !== "fix") {
      mark();
      continue;
    }
    // From the narrowest a dock can claim in whole milliseconds to a coarse one, right up to its edge.
    const errorMs = Math.abs(step.error) > 0.5 ? 1 : 200;
    const beforeMs = Math.floor(wallMs);
    const said = Math.floor(trueMs + step.error * errorMs);
    const afterMs = said < trueMs - errorMs ? said + 1 : said;
    wallMs = afterMs;
    mark({ beforeMs, afterMs, errorMs });
  }
  return told;
}

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 20, max: DAY_MS }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("fix" as const),
      error: fc.double({ min: -1, max: 1, noNaN: true }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("reboot" as const),
      offMs: fc.integer({ min: 50, max: 3 * DAY_MS }),
      wall: fc.constantFrom("kept" as const, "dead" as const, "jump" as const),
      jumpMs: fc.integer({ min: -400 * DAY_MS, max: 400 * DAY_MS }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("jump" as const),
      ms: fc.integer({ min: -DAY_MS, max: DAY_MS }),
    }),
  },
);
const simulations: fc.Arbitrary<Simulation> = fc.record({
  monotonicPpm: fc.integer({ min: -99, max: 99 }),
  wallPpm: fc.integer({ min: -99, max: 99 }),
  steps: fc.array(steps, { maxLength: 40 }),
});

function correctAll(told: readonly Truth[], arrivalMs?: number): CorrectedTime[] {
  const last = told.at(-1)?.trueMs ?? NOON;
  return correctTimes(
    told.map(({ mark }) => mark),
    arrivalMs ?? Math.ceil(last) + 60_000,
  );
}

describe("bounds", () => {
  it("hold the truth, whatever the wall clock does", () => {
    fc.assert(
      fc.property(simulations, (simulation) => {
        const told = simulate(simulation);
        for (const [index, time] of correctAll(told).entries()) {
          const trueMs = told[index]?.trueMs ?? NaN;
          expect(time.earliestMs ?? -Infinity).toBeLessThanOrEqual(trueMs);
          expect(time.latestMs ?? Infinity).toBeGreaterThanOrEqual(trueMs);
          expect(time.atMs).toBeGreaterThanOrEqual(time.earliestMs ?? -Infinity);
          expect(time.atMs).toBeLessThanOrEqual(time.latestMs ?? Infinity);
          if (time.errorMs !== undefined)
            expect(Math.abs(time.atMs - trueMs)).toBeLessThanOrEqual(time.errorMs);
        }
      }),
      { numRuns: 400 },
    );
  });

  it("keep the order of sequences, in whatever order the marks are given", () => {
    fc.assert(
      fc.property(simulations, fc.infiniteStream(fc.nat()), (simulation, random) => {
        const told = simulate(simulation);
        const times = correctAll(told);
        const order = told
          .map((_, index) => index)
          .sort((a, b) => ((random.next().value ?? a) % 7) - ((random.next().value ?? b) % 7));
        const shuffled = correctAll(
          order.map((index) => told[index]).filter((truth) => truth !== undefined),
          Math.ceil((told.at(-1)?.trueMs ?? 0) + 60_000),
        );
        for (const [position, index] of order.entries()) expect(shuffled[position]).toEqual(times[index]);
        for (let index = 1; index < times.length; index++) {
          expect(times[index]?.atMs).toBeGreaterThanOrEqual(times[index - 1]?.atMs ?? Infinity);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("are as tight as docks and drift allow within a boot that has a fix", () => {
    fc.assert(
      fc.property(simulations, (simulation) => {
        const told = simulate(simulation);
        const times = correctAll(told);
        for (const [index, { mark }] of told.entries()) {
          const fixes = told.filter((other) => other.mark.fix && other.mark.boot[0] === mark.boot[0]);
          const nearestMs = Math.min(
            ...fixes.map((other) => Math.abs(other.mark.monotonicMs - mark.monotonicMs)),
          );
          if (nearestMs === Infinity) continue;
          expect(times[index]?.clock).toBe("dock");
          const widthMs = (times[index]?.latestMs ?? NaN) - (times[index]?.earliestMs ?? NaN);
          expect(widthMs).toBeLessThanOrEqual(2 * 200 + 2 * nearestMs * 100e-6 + 6);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe("one boot", () => {
  const boot = idOf(1);
  const fixAt = (sequence: number, monotonicMs: number, afterMs: number, beforeMs = afterMs): ClockMark => {
    return { boot, sequence, monotonicMs, wallMs: afterMs, fix: { beforeMs, afterMs, errorMs: 50 } };
  };

  it("takes the dock's time less what elapsed, though the clock stood at 1970", () => {
    const footage = { boot, sequence: 5, monotonicMs: 100_000, wallMs: 12_345 };
    const [time] = correctTimes([footage, fixAt(9, 700_000, NOON, 612_345)], NOON + 5000);
    expect(time).toMatchObject({ atMs: NOON - 600_000, clock: "dock" });
    expect(time?.errorMs).toBeLessThan(50 + 60 + 5);
  });

  it("spreads the drift between two docks", () => {
    const footage = { boot, sequence: 5, monotonicMs: DAY_MS / 2, wallMs: 0 };
    const [time] = correctTimes(
      [footage, fixAt(1, 0, NOON), fixAt(9, DAY_MS, NOON + DAY_MS + 4000)],
      NOON + 2 * DAY_MS,
    );
    expect(time?.atMs).toBe(NOON + DAY_MS / 2 + 2000);
  });

  it("places a moment before its entry, as the start of a pre-record", () => {
    const marks = [
      { boot, sequence: 5, monotonicMs: 70_000, wallMs: 0 },
      { boot, sequence: 4, monotonicMs: 90_000, wallMs: 0 },
    ];
    const [before, after] = correctTimes([...marks, fixAt(9, 100_000, NOON)], NOON);
    expect(before?.atMs).toBe(NOON - 30_000);
    expect(after?.atMs).toBe(NOON - 10_000);
  });
});

describe("across reboots", () => {
  const fix = (boot: number, sequence: number, afterMs: number, beforeMs: number): ClockMark => {
    return {
      boot: idOf(boot),
      sequence,
      monotonicMs: 1000,
      wallMs: afterMs,
      fix: { beforeMs, afterMs, errorMs: 50 },
    };
  };
  const between = (wallMs: number): ClockMark => ({
    boot: idOf(2),
    sequence: 5,
    monotonicMs: 10_000,
    wallMs,
  });

  it("interpolates the offset of a wall clock that ran on", () => {
    const marks = [
      fix(1, 0, NOON, NOON),
      between(NOON + DAY_MS / 2 + 1000),
      fix(3, 9, NOON + DAY_MS, NOON + DAY_MS + 2000),
    ];
    const time = correctTimes(marks, NOON + 2 * DAY_MS)[1];
    expect(time?.atMs).toBe(NOON + DAY_MS / 2);
    expect(time).toMatchObject({ clock: "bounded" });
    expect(time?.errorMs).toBeGreaterThan(DAY_MS / 2 - 20_000);
  });

  it.each([
    ["1970", 5000],
    ["2000", Date.UTC(2000, 0, 1)],
    ["before the dock", NOON - DAY_MS],
    ["after the next dock", NOON + 9 * DAY_MS],
  ])("says only the window when the wall clock is at %s", (_, wallMs) => {
    const marks = [fix(1, 0, NOON, NOON), between(wallMs), fix(3, 9, NOON + DAY_MS, NOON + DAY_MS)];
    const time = correctTimes(marks, NOON + 2 * DAY_MS)[1];
    expect(time?.clock).toBe("bounded");
    expect(time?.earliestMs).toBeLessThan(NOON + 12_000);
    expect(time?.latestMs).toBeGreaterThan(NOON + DAY_MS - 1000);
    expect(Math.abs((time?.atMs ?? 0) - (NOON + DAY_MS / 2))).toBeLessThan(10_000);
  });

  it("gives the arrival time where no dock came after, and none before", () => {
    const arrivalMs = NOON + 3 * DAY_MS;
    expect(correctTimes([between(NOON)], arrivalMs)).toEqual([
      { atMs: arrivalMs, clock: "unbounded", latestMs: arrivalMs },
    ]);
    const [, after] = correctTimes([fix(1, 0, NOON, NOON), between(NOON + 5)], arrivalMs);
    expect(after).toMatchObject({ atMs: arrivalMs, clock: "unbounded", latestMs: arrivalMs });
    const [before] = correctTimes([between(NOON), fix(3, 9, NOON + DAY_MS, 0)], arrivalMs);
    expect(before).toMatchObject({ clock: "unbounded" });
    expect(before?.atMs).toBe(NOON + DAY_MS);
    expect(before?.earliestMs).toBeUndefined();
  });

  it("asks a person where two docks contradict each other, and only there", () => {
    const marks = [
      fix(1, 0, NOON, NOON),
      between(NOON + 100),
      fix(3, 9, NOON - DAY_MS, NOON),
      fix(4, 12, NOON + DAY_MS, NOON),
    ];
    const later = { boot: idOf(4), sequence: 13, monotonicMs: 2000, wallMs: NOON };
    const times = correctTimes([...marks, later], NOON + 2 * DAY_MS);
    const arrivalMs = NOON + 2 * DAY_MS;
    expect(times[1]).toEqual({ atMs: arrivalMs, clock: "unbounded", latestMs: arrivalMs });
    expect(times[2]).toMatchObject({ atMs: NOON - DAY_MS, clock: "dock" });
    expect(times[4]).toMatchObject({ clock: "dock", atMs: NOON + DAY_MS + 1000 });
  });

  it("knows nothing of no marks", () => {
    expect(correctTimes([], NOON)).toEqual([]);
  });
});

describe("the example of docs/design/time.md", () => {
  const clock = (hours: number, minutes: number): number => Date.UTC(2026, 0, 15, hours, minutes);
  const MINUTE_MS = 60_000;
  const boots = [clock(8, 55), clock(11, 20), clock(13, 5)];
  let sequence = 0;
  /** A mark at a true time; the wall clock is right in boots A and B, and at 1970 in C. */
  const mark = (boot: number, trueMs: number, fix?: ClockMark["fix"]): ClockMark => {
    const monotonicMs = trueMs - (boots[boot] ?? 0);
    const wallMs = fix?.afterMs ?? (boot === 2 ? monotonicMs : trueMs);
    return { boot: idOf(boot), sequence: sequence++, monotonicMs, wallMs, ...(fix ? { fix } : {}) };
  };
  const dock = (atMs: number, beforeMs: number) => ({ beforeMs, afterMs: atMs, errorMs: 5 });
  const marks = [
    mark(0, clock(9, 0), dock(clock(9, 0), clock(8, 58))),
    mark(0, clock(10, 30)),
    mark(0, clock(11, 15)),
    mark(1, clock(11, 20)),
    mark(1, clock(12, 10)),
    mark(1, clock(13, 0)),
    mark(2, clock(13, 5)),
    mark(2, clock(15, 30)),
    mark(2, clock(17, 0), dock(clock(17, 0), 235 * MINUTE_MS)),
  ];

  it("comes out as it is drawn", () => {
    const [, first, , , second, , , third] = correctTimes(marks, clock(17, 30));
    expect(first).toMatchObject({ atMs: clock(10, 30), clock: "dock" });
    expect(first?.errorMs).toBeLessThanOrEqual(550);
    expect(third).toMatchObject({ atMs: clock(15, 30), clock: "dock" });
    expect(third?.errorMs).toBeLessThanOrEqual(550);
    expect(second?.clock).toBe("bounded");
    expect(Math.abs((second?.earliestMs ?? 0) - clock(12, 5))).toBeLessThan(2000);
    expect(Math.abs((second?.latestMs ?? 0) - clock(12, 15))).toBeLessThan(2000);
    expect(Math.abs((second?.atMs ?? 0) - clock(12, 10))).toBeLessThan(2000);
  });
});
