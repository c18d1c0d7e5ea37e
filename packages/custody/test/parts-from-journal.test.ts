// What a journal says of one recording, and every way in which journal and seal may disagree.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type JournalEntry,
  type JournaledRecording,
  type RecordingProblem,
  collectRecording,
  correctRecordingTimes,
  masterIdentity,
} from "../src/index.ts";
import { Telling, hashOf, idOf, partOf, shortLife } from "./journal-fixture.ts";

const recording = idOf(40);
const identity = await masterIdentity([0, 1, 2, 3].map(partOf));
const life = (): Telling => shortLife(recording, { parts: 4, identity });

async function problemsOf(entries: readonly JournalEntry[]): Promise<RecordingProblem["kind"][]> {
  const collected = await collectRecording(entries, recording);
  return collected.kind === "faulty" ? collected.problems.map(({ kind }) => kind) : [];
}

async function collectWhole(telling: Telling): Promise<JournaledRecording> {
  const collected = await collectRecording(telling.entries, recording);
  if (collected.kind !== "sealed") throw new Error(`expected a sealed recording, got ${collected.kind}`);
  return collected.recording;
}

/** The entries with one replaced. */
function replace(
  entries: readonly JournalEntry[],
  at: number,
  change: (body: never) => object,
): JournalEntry[] {
  return entries.map((entry) =>
    entry.sequence === at
      ? ({ ...entry, body: { ...entry.body, ...change(entry.body as never) } } as JournalEntry)
      : entry,
  );
}

describe("collectRecording", () => {
  it("collects a sealed recording", async () => {
    const found = await collectWhole(life());
    expect(found.parts.map(({ index, startMs }) => [index, startMs])).toEqual([
      [0, 0],
      [1, 0],
      [2, 2000],
      [3, 4000],
    ]);
    expect(found).toMatchObject({
      stopReason: "incident over",
      durationMs: 6000,
      peopleToldMs: null,
      holes: [],
    });
    expect(await masterIdentity(found.parts)).toEqual(identity);
    expect(found.started?.body.number).toBe(1);
    expect(found.seal?.sequence).toBe(8);
  });

  it("collects mutes, pauses, markers and the moment when people were told", async () => {
    const telling = new Telling().enrol().reboot(11, true).start(recording, 1);
    telling.tell({ kind: "people-told", body: { recording, atMs: 5 } });
    telling.tell({ kind: "people-told", body: { recording, atMs: 15 } });
    telling.tell({ kind: "marker", body: { recording, atMs: 6 } });
    telling.tell({ kind: "paused", body: { recording, atMs: 7, reason: "worship" } });
    telling.tell({ kind: "resumed", body: { recording, atMs: 8 } });
    telling.tell({ kind: "muted", body: { recording, atMs: 9 } });
    const collected = await collectRecording(telling.entries, recording);
    expect(collected).toMatchObject({
      kind: "open",
      recording: {
        seal: null,
        peopleToldMs: 5,
        markersMs: [6],
        pauses: [{ fromMs: 7, toMs: 8, reason: "worship" }],
        mutes: [{ fromMs: 9, toMs: null }],
      },
    });
  });

  it("does not know a recording that is not there, nor one that was only freed", async () => {
    expect(await collectRecording(life().entries, idOf(41))).toEqual({ kind: "absent" });
    const freed = life().tell({
      kind: "freed",
      body: { recording: idOf(41), receipt: hashOf(1), verdict: "verified" },
    });
    expect(await collectRecording(freed.entries, idOf(41))).toEqual({ kind: "absent" });
  });

  it("names the part and the seconds that a dropped entry leaves open", async () => {
    const collected = await collectRecording(
      life().entries.filter((entry) => entry.sequence !== 5),
      recording,
    );
    expect(collected).toMatchObject({
      kind: "faulty",
      problems: [
        { kind: "entries-missing", fromSequence: 5, toSequence: 5 },
        { kind: "parts-missing", hole: { fromIndex: 2, toIndex: 2, fromMs: 2000, toMs: 4000 } },
        { kind: "seal-count", said: 4, found: 3 },
        { kind: "seal-identity" },
      ],
    });
  });

  it("finds every disagreement of the seal", async () => {
    const { entries } = life();
    expect(await problemsOf(replace(entries, 8, () => ({ started: 2 })))).toEqual(["seal-start"]);
    expect(await problemsOf(replace(entries, 8, () => ({ number: 2 })))).toEqual(["seal-number"]);
    expect(await problemsOf(replace(entries, 8, () => ({ parts: 3 })))).toEqual(["seal-count"]);
    expect(await problemsOf(replace(entries, 8, () => ({ parts: 5 })))).toEqual([
      "parts-missing",
      "seal-count",
    ]);
    expect(await problemsOf(replace(entries, 8, () => ({ identity: hashOf(7) })))).toEqual(["seal-identity"]);
    expect(await problemsOf(replace(entries, 5, () => ({ hash: hashOf(7) })))).toEqual(["seal-identity"]);
    expect(await problemsOf(replace(entries, 5, () => ({ lengthBytes: 7 })))).toEqual(["seal-identity"]);
    expect(await problemsOf(replace(entries, 3, () => ({ init: partOf(9) })))).toEqual(["seal-identity"]);
  });

  it("finds parts that come twice, out of order or after the seal", async () => {
    const { entries } = life();
    expect(await problemsOf(replace(entries, 5, () => ({ index: 1 })))).toContain("part-repeated");
    expect(await problemsOf(replace(entries, 5, () => ({ startMs: 9000 })))).toEqual(["part-out-of-order"]);
    expect(await problemsOf(life().fragment(recording, 4).entries)).toEqual([
      "entry-after-seal",
      "seal-count",
      "seal-identity",
    ]);
    const seal = entries.find((entry) => entry.kind === "recording-sealed");
    if (!seal) throw new Error("no seal");
    expect(await problemsOf([...entries, { ...seal, sequence: 10 }])).toEqual(["sealed-twice"]);
    expect(await problemsOf(entries.filter((entry) => entry.sequence > 3))).toContain("not-started");
    expect(await problemsOf([...entries, ...life().start(recording, 1).entries.slice(-1)])).toContain(
      "started-twice",
    );
  });

  it("never calls a recording sealed from which anything was taken, doubled or moved", async () => {
    const { entries } = life();
    await fc.assert(
      fc.asyncProperty(fc.subarray(entries, { minLength: 0 }), async (some) => {
        const collected = await collectRecording(some, recording);
        // Entries around the recording, and its stop, carry no media: without them parts and seal still agree.
        const own = some.filter((entry) => entry.sequence >= 3 && entry.sequence <= 8);
        expect(collected.kind === "sealed").toBe(own.length === 6);
      }),
    );
  });
});

describe("correctRecordingTimes", () => {
  const NOON = 1_800_000_000_000;
  const told = (telling: Telling, offMs: number): Telling => {
    const beforeMs = telling.wallMs + 1000;
    telling.wallMs += offMs;
    const body = { dock: idOf(50), beforeMs, afterMs: telling.wallMs + 1000, errorMs: 100 };
    return telling.tell({ kind: "clock-set", body });
  };

  it("dates a recording by the dock that came after it, an hour off", async () => {
    const telling = new Telling().enrol().reboot(11, true).start(recording, 1).fragment(recording, 1);
    const startedWallMs = telling.entries[2]?.wallMs ?? 0;
    told(telling, 3_600_000);
    const collected = await collectRecording(telling.entries, recording);
    if (collected.kind !== "open") throw new Error(collected.kind);
    const times = correctRecordingTimes(telling.entries, collected.recording, NOON + 9e9);
    expect(times?.clock).toBe("dock");
    // The fixture starts media time 1 s before the entry.
    expect(times?.started.atMs).toBe(startedWallMs - 1000 + 3_600_000);
    expect(times?.ended.atMs).toBe(startedWallMs + 2000 + 3_600_000);
  });

  it("is unbounded without a dock, and absent without a start", async () => {
    const telling = life();
    const found = await collectWhole(telling);
    expect(correctRecordingTimes(telling.entries, found, NOON + 9e9)).toMatchObject({
      clock: "unbounded",
      ended: { atMs: NOON + 9e9 },
    });
    expect(correctRecordingTimes(telling.entries, { ...found, started: null }, NOON)).toBeNull();
  });
});
