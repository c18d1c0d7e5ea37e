// A day of a camera, read back as intervals.
import { describe, expect, it } from "vitest";
import { formatId, readIntervals } from "../src/index.ts";
import { Telling, hashOf, idOf, shortLife } from "./journal-fixture.ts";

const recording = idOf(40);

describe("readIntervals", () => {
  it("tells an ordinary life", () => {
    const { entries } = shortLife(recording, { parts: 4, identity: hashOf(1) });
    const told = readIntervals(entries).map(({ state, fromSequence, toSequence, reason }) => [
      state,
      fromSequence,
      toSequence,
      reason,
    ]);
    expect(told).toEqual([
      ["off", 0, 1, undefined],
      ["standby", 1, 3, undefined],
      ["recording", 3, 7, undefined],
      ["standby", 7, 9, "incident over"],
      ["off", 9, 9, "wearer"],
    ]);
  });

  it("tells mute and pause with the recording and the reason", () => {
    const telling = new Telling().enrol().reboot(11, true).start(recording, 1);
    telling.tell({ kind: "muted", body: { recording, atMs: 10 } });
    telling.tell({ kind: "paused", body: { recording, atMs: 20, reason: "medical treatment" } });
    telling.tell({ kind: "resumed", body: { recording, atMs: 30 } });
    telling.tell({ kind: "unmuted", body: { recording, atMs: 40 } });
    const within = readIntervals(telling.entries).slice(2);
    expect(within.map((interval) => interval.state)).toEqual([
      "recording",
      "muted",
      "paused",
      "muted",
      "recording",
    ]);
    expect(within[2]?.reason).toBe("medical treatment");
    for (const interval of within)
      expect(formatId(interval.recording ?? new Uint8Array(16))).toBe(formatId(recording));
  });

  it("says that a cut of power lies between the last entry and the next start", () => {
    const telling = new Telling().enrol().reboot(11, true).start(recording, 1).fragment(recording, 1);
    const { wallMs, monotonicMs } = telling;
    telling.reboot(12, false, 3_600_000);
    const [, , cut, after] = readIntervals(telling.entries);
    expect(cut).toMatchObject({ state: "recording", fromSequence: 2, toSequence: 4, uncertainEnd: true });
    expect(cut?.lastSeen).toEqual({ sequence: 3, wallMs, monotonicMs });
    expect(cut?.toMonotonicMs).toBeUndefined();
    expect(cut?.toWallMs).toBeGreaterThanOrEqual(wallMs + 3_600_000);
    expect(after).toMatchObject({ state: "standby", fromSequence: 4 });
  });

  it("does not join what missing entries separate", () => {
    const telling = new Telling().enrol().reboot(11, true);
    for (let minute = 0; minute < 4; minute++)
      telling.tell({ kind: "storage-full", body: { freeBytes: minute } });
    const intervals = readIntervals(telling.entries.filter((entry) => entry.sequence !== 3));
    expect(intervals[1]).toMatchObject({
      state: "standby",
      toSequence: 4,
      uncertainEnd: true,
      lastSeen: { sequence: 2 },
    });
  });

  it("has none for no entries", () => {
    expect(readIntervals([])).toEqual([]);
  });
});
