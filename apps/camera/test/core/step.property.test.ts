import { type JournalEntry, readLife } from "@sworn/custody";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CameraRules, DEFAULT_RULES } from "../../core/camera-rules.ts";
import { shownState } from "../../core/camera-state.ts";
import { type Happening, SimulatedDevice, testId } from "./simulated-device.ts";

const RULES: CameraRules = { ...DEFAULT_RULES, prerecordMs: 6_000, storageStopBytes: 1_000 };
const dock = testId(500);
const session = testId(501);
const hash = new Uint8Array(32);

/** What must hold of any journal, whoever wrote it. */
function checkJournal(entries: readonly JournalEntry[]): void {
  let open: { recording: Uint8Array; index: number; paused: boolean } | null = null;
  let sealedNumbers = 0;
  for (const entry of entries) {
    switch (entry.kind) {
      case "recording-started":
        expect(open).toBeNull();
        open = { recording: entry.body.recording, index: 0, paused: false };
        break;
      case "fragment":
        expect(entry.body.recording).toBe(open?.recording);
        expect(open?.paused).toBe(false);
        if (open) expect(entry.body.index).toBe(++open.index);
        break;
      case "paused":
        if (open) open.paused = true;
        break;
      case "resumed":
      case "booted":
        if (open) open.paused = false;
        break;
      case "recording-sealed":
        expect(entry.body.recording).toBe(open?.recording);
        expect(entry.body.parts).toBe((open?.index ?? -1) + 1);
        expect(entry.body.number).toBe(++sealedNumbers);
        open = null;
        break;
      default:
        break;
    }
  }
  const { findings, intervals } = readLife(entries);
  expect(findings).toEqual([]);
  for (const [place, interval] of intervals.entries()) {
    if (place > 0) expect(interval.fromSequence).toBe(intervals[place - 1]?.toSequence);
  }
}

type Action = readonly [name: string, run: (device: SimulatedDevice) => void];

function tells(happening: Happening): Action {
  return [
    happening.kind,
    (device) => {
      device.tell(happening);
    },
  ];
}

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.integer({ min: 1, max: 2_500 }).map((ms): Action => [
      `film ${String(ms)}`,
      (device) => {
        device.film(ms);
      },
    ]),
  },
  {
    weight: 8,
    arbitrary: fc.constant<Action>([
      "obey",
      (device) => {
        device.obey();
      },
    ]),
  },
  {
    weight: 3,
    arbitrary: fc.constant<Action>([
      "ready",
      (device) => {
        device.encoderReady();
      },
    ]),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Action>([
      "encoder crashes",
      (device) => {
        device.encoderCrashes();
      },
    ]),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Action>([
      "power cut",
      (device) => {
        device.crash();
      },
    ]),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom("button" as const, "dock" as const).map((cause): Action => [
      `boot ${cause}`,
      (device) => {
        device.boot(cause);
      },
    ]),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("storage-full" as const, "fault" as const).map((why): Action => [
      `next write: ${why}`,
      (device) => {
        device.failNextStore = why;
      },
    ]),
  },
  {
    weight: 5,
    arbitrary: fc.constant<Action>([
      "start",
      (device) => {
        device.tell({ kind: "start", recording: device.newRecording(), trigger: "simulated" });
      },
    ]),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom("incident-over", "because").map((reason) => tells({ kind: "stop", reason })),
  },
  {
    weight: 5,
    arbitrary: fc
      .constantFrom("privacy", "privacy", "whim")
      .map((reason) => tells({ kind: "pause", reason })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom("record" as const, "power" as const, "event" as const, "mute" as const),
        fc.constantFrom("short" as const, "long" as const),
      )
      .map(([button, press]): Action => [
        `button ${button} ${press}`,
        (device) => {
          device.tell({ kind: "button", button, press, recording: device.newRecording() });
        },
      ]),
  },
  {
    weight: 8,
    arbitrary: fc.constantFrom<Action>(
      tells({ kind: "people-told" }),
      tells({ kind: "marker", note: "knife" }),
      tells({ kind: "mute", reason: "solicitor" }),
      tells({ kind: "unmute" }),
      tells({ kind: "resume" }),
      tells({ kind: "standby" }),
      tells({ kind: "tick" }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Action>(
      tells({ kind: "connected" }),
      tells({ kind: "docked", dock, session, nonce: hash }),
      tells({ kind: "docked", dock: testId(502), session, nonce: hash }),
      tells({ kind: "undocked", next: "standby" }),
      tells({ kind: "undocked", next: "off" }),
      tells({ kind: "power-off", reason: "wearer" }),
      tells({ kind: "assign", assignment: session, details: { officer: "A" } }),
      tells({ kind: "unassign", assignment: session }),
      tells({ kind: "fault", code: "lens-covered" }),
      tells({ kind: "free", recording: testId(1), receipt: hash, verdict: "verified" }),
      tells({ kind: "prune", through: 0, head: hash }),
      [
        "set clock",
        (device) => {
          const beforeMs = device.wallMs();
          device.tell({ kind: "set-clock", dock, beforeMs, afterMs: beforeMs - 5_000, errorMs: 20 });
        },
      ],
    ),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({
        batteryPercent: fc.constantFrom(0, 2, 50, 80, 100),
        charging: fc.boolean(),
        freeBytes: fc.constantFrom(999, 1_000, 5_000_000, 6_000_000),
        storedBytes: fc.nat(10_000),
      })
      .map((levels) => tells({ kind: "levels", levels })),
  },
);

describe("any life of a camera", () => {
  it("leaves a journal in which every interval is explained", () => {
    const recordings = { sealed: 0, paused: 0, muted: 0 };
    fc.assert(
      fc.property(fc.array(action, { minLength: 40, maxLength: 150, size: "max" }), (actions) => {
        const device = new SimulatedDevice(RULES);
        device.boot("button");
        device.encoderReady();
        for (const [, run] of actions) run(device);
        checkJournal(device.entries);
        for (const entry of device.entries) {
          if (entry.kind === "recording-sealed") recordings.sealed += 1;
          if (entry.kind === "paused") recordings.paused += 1;
          if (entry.kind === "muted") recordings.muted += 1;
        }
      }),
      { numRuns: 1_000 },
    );
    // The property says nothing unless recordings were made, paused and muted on the way.
    expect(recordings.sealed).toBeGreaterThan(100);
    expect(recordings.paused).toBeGreaterThan(10);
    expect(recordings.muted).toBeGreaterThan(10);
  });

  it("ends in standby, whatever happened, once it is let go and switched on", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const device = new SimulatedDevice(RULES);
        device.boot("button");
        for (const [, run] of actions) run(device);
        device.failNextStore = null;
        device.tell({
          kind: "levels",
          levels: { batteryPercent: 90, charging: true, freeBytes: 9_000_000, storedBytes: 0 },
        });
        device.tell({ kind: "power-off", reason: "wearer" });
        device.nowMs += 60_000;
        device.tell({ kind: "tick" });
        expect(shownState(device.state)).toBe("off");
        device.boot("button");
        expect(shownState(device.state)).toBe("standby");
        checkJournal(device.entries);
      }),
      { numRuns: 200 },
    );
  });
});

/** Inputs that no honest device would give, in any order. */
const anyInput: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
    kind: fc.constant("encoder-init" as const),
    generation: fc.nat(4),
    init: fc.record({
      bytes: fc.constant(hash),
      codecs: fc.constant(["avc1"]),
      startedMonotonicMs: fc.nat(100_000),
    }),
  }),
  fc.record({
    kind: fc.constant("fragment" as const),
    generation: fc.nat(4),
    fragment: fc.record({
      bytes: fc.constant(hash),
      startMs: fc.nat(90_000),
      durationMs: fc.nat(3_000),
      earliestMs: fc.nat(90_000),
    }),
  }),
  fc.record({
    kind: fc.constant("encoder-changed" as const),
    generation: fc.nat(4),
    change: fc.constantFrom("muted" as const, "unmuted" as const, "paused" as const, "resumed" as const),
    atMs: fc.nat(90_000),
  }),
  fc.record({
    kind: fc.constant("encoder-ended" as const),
    generation: fc.nat(4),
    fault: fc.constantFrom(null, "child-crashed"),
  }),
);

describe("a machine that is told nonsense", () => {
  it("keeps a journal that can be read all the same", () => {
    const happening = fc.oneof(anyInput.map(tells), action);
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 150, size: "max" }), (happenings) => {
        const device = new SimulatedDevice(RULES);
        device.boot("button");
        device.encoderReady();
        for (const [, run] of happenings) run(device);
        checkJournal(device.entries);
      }),
      { numRuns: 1_000 },
    );
  });
});
