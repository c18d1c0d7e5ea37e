// The table of states: what a journal may say, entry after entry, and which finding an impossible one gives.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type JournalEvent,
  BEFORE_ENROLMENT,
  nextState,
  readIntervals,
  readLife,
  stateBefore,
} from "../src/index.ts";
import { Telling, hashOf, idOf, partOf } from "./journal-fixture.ts";

const recording = idOf(40);
const dock = idOf(50);
const on = (): Telling => new Telling().enrol().reboot(11, true);
const started = (): Telling => on().start(recording, 1);
const seal = (more: object = {}): JournalEvent => ({
  kind: "recording-sealed",
  body: {
    recording,
    number: 1,
    parts: 1,
    identity: hashOf(1),
    durationMs: 0,
    reason: "stopped",
    started: 2,
    ...more,
  },
});
const stop = (atMs: number): JournalEvent => ({
  kind: "recording-stopped",
  body: { recording, atMs, reason: "over" },
});
const docked = (at = dock): JournalEvent => ({
  kind: "docked",
  body: { dock: at, nonce: hashOf(1), session: idOf(60) },
});

/** The kind of the first finding, which must be of the last entry. */
function finding(telling: Telling): string | null {
  const { findings } = readLife(telling.entries);
  const [first] = findings;
  if (!first) return null;
  expect(findings).toHaveLength(1);
  expect(first.sequence).toBe(telling.entries.length - 1);
  expect(first.problem.message).toMatch(/[.]$/);
  return first.problem.kind;
}

const MUTED: JournalEvent = { kind: "muted", body: { recording, atMs: 2000 } };
const UNMUTED: JournalEvent = { kind: "unmuted", body: { recording, atMs: 4000 } };
const PAUSED: JournalEvent = { kind: "paused", body: { recording, atMs: 2000, reason: "privileged talk" } };
const RESUMED: JournalEvent = { kind: "resumed", body: { recording, atMs: 9000 } };
const RECOVERED: JournalEvent = { kind: "recovered", body: { recording, parts: 1, cutBytes: 77 } };

describe("a journal that is in order has no finding", () => {
  it.each<[string, Telling]>([
    [
      "stop and seal",
      started()
        .fragment(recording, 1)
        .tell(stop(2000))
        .tell(seal({ parts: 2 })),
    ],
    [
      "the fragment in hand after the stop",
      started()
        .tell(stop(1500))
        .fragment(recording, 1)
        .tell(seal({ parts: 2 })),
    ],
    [
      "mute and pause",
      started().fragment(recording, 1).tell(MUTED).fragment(recording, 2, { muted: true }).tell(UNMUTED),
    ],
    ["pause while muted", started().tell(MUTED).tell(PAUSED).tell(RESUMED).tell(UNMUTED)],
    [
      "power cut and recovery",
      started()
        .reboot(12, false)
        .tell(RECOVERED)
        .tell(seal({ reason: "power-loss" })),
    ],
    [
      "recovery after a second cut",
      started()
        .reboot(12, false)
        .reboot(13, false)
        .tell(RECOVERED)
        .tell(seal({ reason: "power-loss" })),
    ],
    ["stopped, cut before the seal", started().tell(stop(10)).reboot(12, false).tell(seal())],
    [
      "full store",
      started()
        .tell({ kind: "storage-full", body: { freeBytes: 0 } })
        .tell(seal({ reason: "storage-full" })),
    ],
    [
      "fault",
      started()
        .tell({ kind: "fault", body: { code: "encoder-ended" } })
        .tell(seal({ reason: "fault" })),
    ],
    [
      "empty battery",
      started()
        .tell(seal({ reason: "battery-empty" }))
        .tell({ kind: "powered-off", body: { reason: "battery-empty" } }),
    ],
    [
      "dock twice, leave",
      on().tell(docked()).tell(docked()).tell({ kind: "undocked", body: { dock } }).start(recording, 1),
    ],
    [
      "another dock after a night off",
      on()
        .tell(docked())
        .tell({ kind: "powered-off", body: { reason: "dock" } })
        .reboot(12, true)
        .tell(docked(idOf(51))),
    ],
    ["second recording", started().tell(stop(1)).tell(seal()).start(idOf(41), 2)],
  ])("%s", (_, telling) => {
    expect(readLife(telling.entries).findings).toEqual([]);
  });
});

describe("what may not be so is found, once, at its entry", () => {
  it.each<[string, string, Telling]>([
    ["no enrolment", "before-enrolled", new Telling().tell(docked())],
    ["enrolled again", "enrolled-again", on().enrol()],
    [
      "an entry before the camera was on",
      "not-in-this-state",
      new Telling().enrol().tell({ kind: "standby", body: { prerecordMs: 0 } }),
    ],
    [
      "a boot without booted",
      "boot-without-booted",
      Object.assign(on(), { boot: idOf(99) }).tell({ kind: "fault", body: { code: "x" } }),
    ],
    ["booted under the same id", "boot-repeated", on().reboot(11, false)],
    ["clean, though the power was cut", "clean-misstated", on().reboot(12, true)],
    [
      "unclean, though it was powered off",
      "clean-misstated",
      on()
        .tell({ kind: "powered-off", body: { reason: "wearer" } })
        .reboot(12, false),
    ],
    [
      "off in the midst of a recording",
      "not-in-this-state",
      started().tell({ kind: "powered-off", body: { reason: "wearer" } }),
    ],
    ["docked in the midst of a recording", "not-in-this-state", started().tell(docked())],
    ["docked before the seal", "recording-still-open", started().tell(stop(1)).tell(docked())],
    ["started twice", "not-in-this-state", started().start(idOf(41), 2)],
    ["started before the seal", "recording-still-open", started().tell(stop(1)).start(idOf(41), 2)],
    ["a number left out", "number-out-of-order", on().start(recording, 2)],
    ["a fragment in standby", "no-open-recording", on().fragment(recording, 1)],
    ["a fragment of another recording", "other-recording", started().fragment(idOf(41), 1)],
    ["a fragment left out", "fragment-out-of-order", started().fragment(recording, 2)],
    [
      "a fragment that goes back",
      "fragment-out-of-order",
      started().fragment(recording, 1, { startMs: 500 }).fragment(recording, 2, { startMs: 499 }),
    ],
    [
      "a fragment filmed after the stop",
      "not-in-this-state",
      started().tell(stop(1500)).fragment(recording, 1, { startMs: 1500 }),
    ],
    [
      "a fragment filmed in a pause",
      "not-in-this-state",
      started().tell(PAUSED).fragment(recording, 1, { startMs: 2500 }),
    ],
    ["a fragment after a power cut", "not-in-this-state", started().reboot(12, false).fragment(recording, 1)],
    [
      "sound while muted",
      "sound-while-muted",
      started().tell(MUTED).fragment(recording, 1, { startMs: 2000 }),
    ],
    ["unmuted, never muted", "not-in-this-state", started().tell(UNMUTED)],
    ["resumed, never paused", "not-in-this-state", started().tell(RESUMED)],
    ["a seal out of nothing", "seal-without-end", started().tell(seal())],
    [
      "power loss without recovery",
      "seal-without-end",
      started()
        .reboot(12, false)
        .tell(seal({ reason: "power-loss" })),
    ],
    ["full store, never said", "seal-without-end", started().tell(seal({ reason: "storage-full" }))],
    [
      "a seal with too few parts",
      "seal-misstated",
      started().fragment(recording, 1).tell(stop(2000)).tell(seal()),
    ],
    [
      "a seal for another number",
      "seal-misstated",
      started()
        .tell(stop(1))
        .tell(seal({ number: 2 })),
    ],
    [
      "a seal for another start",
      "seal-misstated",
      started()
        .tell(stop(1))
        .tell(seal({ started: 1 })),
    ],
    ["a second seal", "no-open-recording", started().tell(stop(1)).tell(seal()).tell(seal())],
    [
      "another dock, never left",
      "other-dock",
      on()
        .tell(docked())
        .tell(docked(idOf(51))),
    ],
    [
      "a clock set to something else",
      "clock-set-misstated",
      on().tell({ kind: "clock-set", body: { dock, beforeMs: 1, afterMs: 2, errorMs: 3 } }),
    ],
    [
      "a clock set while recording",
      "not-in-this-state",
      started().tell({ kind: "clock-set", body: { dock, beforeMs: 1, afterMs: 2, errorMs: 3 } }),
    ],
    [
      "the monotonic clock backwards",
      "clock-backwards",
      Object.assign(on(), { monotonicMs: -500 }).tell({ kind: "fault", body: { code: "x" } }, 0),
    ],
  ])("%s", (_, expected, telling) => {
    expect(finding(telling)).toBe(expected);
  });
});

const events: fc.Arbitrary<JournalEvent> = fc.constantFrom<JournalEvent[]>(
  { kind: "booted", body: { cause: "restart", clean: false, firmware: "1" } },
  { kind: "powered-off", body: { reason: "wearer" } },
  { kind: "standby", body: { prerecordMs: 0 } },
  {
    kind: "fragment",
    body: { recording, index: 1, ...partOf(1), startMs: 0, durationMs: 2000, prerecord: false, muted: false },
  },
  stop(1),
  seal(),
  MUTED,
  UNMUTED,
  PAUSED,
  RESUMED,
  RECOVERED,
  docked(),
  { kind: "undocked", body: { dock } },
  { kind: "storage-full", body: { freeBytes: 0 } },
  { kind: "status", body: { batteryPercent: 5, charging: false, freeBytes: 1, storedBytes: 1 } },
);
type Act = { readonly event: JournalEvent; readonly boot: number; readonly skip: boolean } | "start";
const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 1, arbitrary: fc.constant("start" as const) },
    { weight: 6, arbitrary: fc.record({ event: events, boot: fc.nat(3), skip: fc.boolean() }) },
  ),
  { maxLength: 30 },
);

/** A journal of anything at all, sane or not. */
function anyTelling(list: readonly Act[]): Telling {
  const telling = on();
  for (const act of list) {
    if (act === "start") telling.start(recording, 1);
    else {
      if (act.event.kind === "booted") telling.boot = idOf(20 + act.boot);
      telling.tell(act.event);
    }
  }
  return telling;
}

describe("intervals of any journal", () => {
  it("are contiguous from the first entry to the last, in any journal, with no exception", () => {
    fc.assert(
      fc.property(acts, fc.nat(3), (list, from) => {
        const entries = anyTelling(list).entries.slice(from);
        const intervals = readIntervals(entries);
        if (entries.length === 0) return;
        expect(intervals[0]?.fromSequence).toBe(entries[0]?.sequence);
        expect(intervals.at(-1)?.toSequence).toBe(entries.at(-1)?.sequence);
        for (const [index, interval] of intervals.entries()) {
          const next = intervals[index + 1];
          if (next) expect(next.fromSequence).toBe(interval.toSequence);
          if (next && next.state === interval.state) expect(interval.uncertainEnd).toBe(true);
          if (interval.recording) expect(["recording", "muted", "paused"]).toContain(interval.state);
          if (interval.uncertainEnd) expect(interval.lastSeen?.sequence).toBeLessThan(interval.toSequence);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("has no finding only where every entry follows its table: findings name real entries, in order", () => {
    fc.assert(
      fc.property(acts, (list) => {
        const { entries } = anyTelling(list);
        const sequences = readLife(entries).findings.map((found) => found.sequence);
        expect([...sequences].sort((a, b) => a - b)).toEqual(sequences);
        expect(new Set(sequences).size).toBe(sequences.length);
      }),
    );
  });
});

describe("an extract", () => {
  it("is judged from its first entry on, with what is not known taken as it is said", () => {
    const telling = started().tell(stop(10)).tell(seal());
    const extract = telling.entries.slice(2);
    expect(readLife(extract).findings).toEqual([]);
    const first = extract[0];
    expect(first && nextState(stateBefore(first), first).kind).toBe("ok");
  });

  it("from the whole journal begins before the enrolment", () => {
    const [first] = on().entries;
    expect(first && stateBefore(first)).toBe(BEFORE_ENROLMENT);
  });
});
