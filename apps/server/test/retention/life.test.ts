// Random lives of a force's recordings against a plain model: nothing on hold is ever destroyed, nothing before it is
// due, and everything due is destroyed by the next run.
import type { HoldRequest, RecordingId } from "@sworn/contract";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { confirmChange } from "../../src/retention/confirm-change.ts";
import { placeHold, releaseHold, runRetention } from "../../src/retention/index.ts";
import { proposeChange } from "../../src/retention/propose-change.ts";
import { dayMs, startRetentionTest, type RetentionTest } from "./retention-fixture.ts";

let test: RetentionTest;
beforeAll(async () => {
  test = await startRetentionTest();
});
afterAll(async () => {
  await test.stop();
});

const classes = ["non-evidential", "traffic", "training"] as const;
type Class = (typeof classes)[number];

const commandArbitrary = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("arrive" as const),
      class: fc.option(fc.constantFrom(...classes)),
      age: fc.integer({ min: 0, max: 60 }),
      incident: fc.option(fc.constantFrom("CAD 1", "cad2")),
      uncertain: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("classify" as const),
      which: fc.nat(),
      class: fc.option(fc.constantFrom(...classes)),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("hold" as const),
      which: fc.nat(),
      scope: fc.constantFrom("recording" as const, "incident" as const, "event" as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("release" as const), which: fc.nat() }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("wait" as const), days: fc.integer({ min: 0, max: 40 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("change" as const),
      class: fc.constantFrom(...classes),
      days: fc.integer({ min: 1, max: 90 }),
      existing: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("run" as const) }) },
);
type Command = typeof commandArbitrary extends fc.Arbitrary<infer T> ? T : never;

interface Modelled {
  readonly id: RecordingId;
  readonly endedMs: number;
  readonly receivedMs: number;
  readonly incident: string | null;
  readonly isUncertain: boolean;
  class: Class | null;
  /** What each class's period is for this recording. */
  readonly periods: Map<Class, number>;
  warnedMs: number | null;
  isDestroyed: boolean;
}
interface ModelledHold {
  readonly id: string;
  readonly holds: (recording: Modelled) => boolean;
  stands: boolean;
}

/** Of the force, over all lives of the test: a force has one schedule, and its recordings stay. */
const periods = new Map<Class, number>([
  ["non-evidential", 31],
  ["traffic", 184],
  ["training", 31],
]);
const recordings: Modelled[] = [];
const holds: ModelledHold[] = [];

const nowMs = (): number => test.server.clock.nowMs();
const actor = () => ({ forceId: test.forceId, personId: test.personId, isAdministrator: true });
const isHeld = (recording: Modelled): boolean => holds.some((hold) => hold.stands && hold.holds(recording));
const key = (text: string): string => text.toUpperCase().replaceAll(" ", "");
const runsOutMs = (one: Modelled): number =>
  Math.max(
    one.endedMs + (one.periods.get(one.class ?? "non-evidential") ?? 0) * dayMs,
    one.receivedMs + 7 * dayMs,
  );

function mayGo(one: Modelled): boolean {
  if (one.isDestroyed || one.isUncertain || isHeld(one)) return false;
  if (one.class === null && (one.warnedMs === null || one.warnedMs + 7 * dayMs > nowMs())) return false;
  return runsOutMs(one) <= nowMs();
}

async function hold(which: number, scope: HoldRequest["scope"]["kind"]): Promise<void> {
  const target = recordings[which % Math.max(recordings.length, 1)];
  if (target === undefined) return;
  const fromMs = target.endedMs - 2 * dayMs;
  const toMs = target.endedMs + 2 * dayMs;
  const incident = target.incident ?? "CAD 1";
  const scopes: Record<typeof scope, [HoldRequest["scope"], ModelledHold["holds"]]> = {
    recording: [{ kind: "recording", recordingId: target.id }, (one) => one === target],
    incident: [
      { kind: "incident", incident: incident.toLowerCase() },
      (one) => one.incident !== null && key(one.incident) === key(incident),
    ],
    event: [
      { kind: "event", from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() },
      (one) => one.endedMs >= fromMs && one.endedMs - 60_000 <= toMs,
    ],
  };
  const [asked, matches] = scopes[scope];
  const request = {
    kind: "evidence" as const,
    reason: "x",
    reviewAt: new Date(nowMs() + dayMs).toISOString(),
    scope: asked,
  };
  const placed = await placeHold(test.ports, actor(), request);
  const isTooLate = scope === "recording" && target.isDestroyed;
  expect(placed.outcome).toBe(isTooLate ? "too-late" : "placed");
  if (placed.outcome === "placed") holds.push({ id: placed.placed.hold.id, holds: matches, stands: true });
}

async function change(of: Class, days: number, isForExisting: boolean): Promise<void> {
  const proposed = await proposeChange(test.ports, actor(), {
    class: of,
    periodDays: days,
    citation: "x",
    reason: "y",
    applyToExisting: isForExisting,
  });
  if (proposed.outcome !== "proposed") throw new Error(proposed.outcome);
  test.server.clock.advanceMs(1);
  const second = { forceId: test.forceId, personId: test.second.personId };
  expect((await confirmChange(test.ports, second, proposed.change.id)).outcome).toBe("confirmed");
  test.server.clock.advanceMs(1);
  periods.set(of, days);
  for (const one of recordings)
    one.periods.set(of, isForExisting ? days : Math.max(one.periods.get(of) ?? 0, days));
}

async function run(): Promise<void> {
  const soonMs = nowMs() + 7 * dayMs;
  for (const one of recordings) {
    const isWarned =
      one.class === null && one.warnedMs === null && !one.isUncertain && !one.isDestroyed && !isHeld(one);
    if (isWarned && runsOutMs(one) <= soonMs) one.warnedMs = nowMs();
  }
  const goes = new Set(recordings.filter(mayGo).map((one) => one.id));
  const done = await runRetention(test.ports, test.forceId);
  expect(done.failed).toBe(0);
  expect(new Set(done.recordings)).toEqual(goes);
  for (const one of recordings) if (goes.has(one.id)) one.isDestroyed = true;
}

async function act(command: Command): Promise<void> {
  switch (command.do) {
    case "arrive": {
      const { class: given, age, incident, uncertain } = command;
      const id = await test.collect({
        class: given,
        endedDays: -age,
        receivedDays: 0,
        clock: uncertain ? "unbounded" : "dock",
        ...(incident === null ? {} : { incident }),
      });
      recordings.push({
        id,
        endedMs: nowMs() - age * dayMs,
        receivedMs: nowMs(),
        incident,
        isUncertain: uncertain,
        class: given,
        periods: new Map(periods),
        warnedMs: null,
        isDestroyed: false,
      });
      return;
    }
    case "classify": {
      const target = recordings[command.which % Math.max(recordings.length, 1)];
      if (target === undefined || target.isDestroyed) return;
      target.class = command.class;
      await test.server.test.asAdministrator("update sworn.recording set class = $2 where id = $1", [
        target.id,
        command.class,
      ]);
      return;
    }
    case "hold":
      return hold(command.which, command.scope);
    case "release": {
      const standing = holds.filter((one) => one.stands);
      const target = standing[command.which % Math.max(standing.length, 1)];
      if (target === undefined) return;
      target.stands = false;
      await releaseHold(test.ports, actor(), { id: target.id as never, reason: "z" });
      return;
    }
    case "wait":
      test.server.clock.advanceMs(command.days * dayMs);
      return;
    case "change":
      return change(command.class, command.days, command.existing);
    case "run":
      return run();
  }
}

describe("any life", () => {
  it("destroys exactly what is due and not held, whatever the order of events", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(commandArbitrary, { minLength: 10, maxLength: 30 }), async (commands) => {
        for (const command of commands) await act(command);
        await run();
        // All is released and time passes: nothing that has a clock is left over.
        for (const one of holds.filter((each) => each.stands)) {
          one.stands = false;
          await releaseHold(test.ports, actor(), { id: one.id as never, reason: "end" });
        }
        test.server.clock.advanceMs(200 * dayMs);
        await run();
        test.server.clock.advanceMs(7 * dayMs);
        await run();
        for (const one of recordings) expect(one.isDestroyed).toBe(!one.isUncertain);
        recordings.length = 0;
        holds.length = 0;
      }),
      { numRuns: 8, endOnFailure: true },
    );
  }, 120_000);
});
