import { type JournalEntry, newId } from "@sworn/custody";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { type CameraOptions, type HeadlessCamera, openCamera } from "../../node/headless-camera.ts";
import type { PositionSource } from "../../node/position-source.ts";
import {
  type TestCamera,
  type TestForce,
  decryptAll,
  newCamera,
  newForce,
  testClock,
  verifiedEntries,
} from "./camera-rig.ts";
import { HandEncoder, fastEncoder, slowEncoder } from "./fake-encoder.ts";

const scene = { kind: "scene", seed: "s" } as const;
const FAST = { source: scene, pace: "as-fast" } as const;

let force: TestForce;
let made: TestCamera[] = [];
let opened: HeadlessCamera[] = [];
beforeAll(async () => {
  force = await newForce();
});
afterEach(async () => {
  for (const camera of opened) await camera.close();
  for (const camera of made) await camera.remove();
  made = [];
  opened = [];
});

async function switchedOn(options: CameraOptions = {}): Promise<{ camera: HeadlessCamera; folder: string }> {
  const test = await newCamera(force);
  made.push(test);
  const camera = await openCamera(test.folder, {
    clock: testClock(),
    pulseEveryMs: null,
    startEncoder: fastEncoder(),
    ...options,
  });
  opened.push(camera);
  await camera.powerOn();
  return { camera, folder: test.folder };
}

const kinds = (entries: readonly JournalEntry[]): string[] => entries.map((entry) => entry.kind);

describe("filming faster than time", () => {
  it("promotes the pre-record buffer and seals what a service can decrypt and play", async () => {
    const { camera } = await switchedOn();
    const sealed = await camera.record({ filming: FAST, durationMs: 20_000, prerecordMs: 31_000 });
    expect(sealed).toMatchObject({ number: 1, reason: "stopped" });
    const films = await decryptAll(camera, force);
    expect(films.size).toBe(1);
    const entries = await verifiedEntries(camera);
    const fragments = entries.filter((entry) => entry.kind === "fragment").map((entry) => entry.body);
    // 31 s of buffer reach back to 0 s: 16 fragments began before the press, then 20 s follow.
    expect(fragments.filter((body) => body.prerecord).length).toBe(16);
    expect(fragments[0]?.startMs).toBe(0);
    const last = fragments.at(-1);
    expect((last?.startMs ?? 0) + (last?.durationMs ?? 0)).toBe(51_000);
    const started = entries.find((entry) => entry.kind === "recording-started");
    expect(started?.kind === "recording-started" && started.body.prerecordMs).toBe(31_000);
  });

  it("keeps no more pre-record than it must", async () => {
    const { camera } = await switchedOn();
    await camera.record({ filming: FAST, durationMs: 4_000, prerecordMs: 600_000 });
    const entries = await verifiedEntries(camera);
    const before = entries.filter((entry) => entry.kind === "fragment" && entry.body.prerecord);
    // 30 s of buffer, and the fragment in which the press fell.
    expect(before.length).toBe(16);
  });

  it("moves the camera's clocks with media time, so that recordings never overlap", async () => {
    const clock = testClock();
    const { camera } = await switchedOn({ clock });
    for (let round = 0; round < 3; round++)
      await camera.record({ filming: FAST, durationMs: 60_000, prerecordMs: 10_000 });
    const entries = await verifiedEntries(camera);
    const spans = entries.flatMap((entry) =>
      entry.kind === "recording-started" ? [entry.body.startedMonotonicMs] : [],
    );
    const seals = entries.filter((entry) => entry.kind === "recording-sealed");
    expect(seals.map((entry) => entry.body.number)).toEqual([1, 2, 3]);
    for (const [place, seal] of seals.entries()) {
      const start = spans[place] ?? 0;
      expect(seal.monotonicMs).toBeGreaterThanOrEqual(start + seal.body.durationMs);
      expect(spans[place + 1] ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(
        start + seal.body.durationMs,
      );
    }
    // A status entry at least each 60 s of the camera's time.
    const status = entries.filter((entry) => entry.kind === "status").map((entry) => entry.monotonicMs);
    for (const [place, atMs] of status.entries())
      expect(atMs - (status[place - 1] ?? 0)).toBeLessThanOrEqual(60_000);
  });

  it("journals what is scripted at its media time", async () => {
    const { camera } = await switchedOn();
    await camera.record({
      filming: FAST,
      durationMs: 60_000,
      prerecordMs: 10_000,
      stop: { reason: "victim-request", note: "asked at the door" },
      events: [
        { atMs: 4_000, kind: "people-told" },
        { atMs: 10_000, kind: "mute", reason: "solicitor" },
        { atMs: 20_000, kind: "unmute" },
        { atMs: 30_500, kind: "pause", reason: "medical" },
        { atMs: 45_250, kind: "resume" },
        { atMs: 50_000, kind: "marker", note: "knife" },
      ],
    });
    const entries = await verifiedEntries(camera);
    const at = (kind: string): unknown => entries.find((entry) => entry.kind === kind)?.body;
    expect(at("people-told")).toMatchObject({ atMs: 14_000 });
    expect(at("muted")).toMatchObject({ atMs: 20_000 });
    expect(at("unmuted")).toMatchObject({ atMs: 30_000 });
    expect(at("paused")).toMatchObject({ atMs: 40_500, reason: "medical" });
    expect(at("resumed")).toMatchObject({ atMs: 55_250 });
    expect(at("marker")).toMatchObject({ atMs: 60_000 });
    expect(at("recording-stopped")).toMatchObject({ atMs: 70_000, reason: "victim-request" });
    const during = entries.filter(
      (entry) => entry.kind === "fragment" && entry.body.startMs >= 40_500 && entry.body.startMs < 55_250,
    );
    expect(during).toEqual([]);
    const muted = entries.flatMap((entry) =>
      entry.kind === "fragment" && entry.body.muted ? [entry.body.startMs] : [],
    );
    expect(muted).toEqual([20_000, 22_000, 24_000, 26_000, 28_000]);
    await decryptAll(camera, force);
  });

  it("says when the source is too short to be recorded, and records the next", async () => {
    const { camera } = await switchedOn({ startEncoder: fastEncoder({ sourceMs: 8_000 }) });
    await expect(
      camera.record({ filming: FAST, durationMs: 5_000, prerecordMs: 30_000 }),
    ).rejects.toMatchObject({ code: "source-too-short" });
    await camera.pulse();
  });

  it("stops with the given reason when the source ends early", async () => {
    const { camera } = await switchedOn({ startEncoder: fastEncoder({ sourceMs: 12_000 }) });
    const sealed = await camera.record({ filming: FAST, durationMs: 500_000, prerecordMs: 4_000 });
    expect(sealed).toMatchObject({ reason: "stopped", durationMs: 12_000 });
  });

  it("seals as a fault what an encoder that crashed left", async () => {
    const { camera } = await switchedOn({ startEncoder: fastEncoder({ crashAtMs: 20_000 }) });
    const sealed = await camera.record({ filming: FAST, durationMs: 60_000, prerecordMs: 4_000 });
    expect(sealed.reason).toBe("fault");
    expect(kinds(await verifiedEntries(camera))).toContain("fault");
    await decryptAll(camera, force);
  });
});

describe("filming a script in real time", () => {
  const filming = { source: scene } as const;

  it("makes a recording although the encoder's first bytes come after the stop was due", async () => {
    const { camera } = await switchedOn({ startEncoder: slowEncoder(150) });
    const events = [{ atMs: 10, kind: "people-told" }] as const;
    const sealed = await camera.record({ filming, durationMs: 30, prerecordMs: 0, events });
    expect(sealed).toMatchObject({ number: 1, reason: "stopped", parts: 3 });
    expect(kinds(await verifiedEntries(camera))).toContain("people-told");
  });

  it("says so when the encoder ends before the press could make one", async () => {
    const { camera } = await switchedOn({ startEncoder: slowEncoder(50, new Error("no memory")) });
    const order = { filming, durationMs: 10, prerecordMs: 0 };
    await expect(camera.record(order)).rejects.toMatchObject({ code: "source-too-short" });
  });

  it("says so when the storage is full", async () => {
    const { camera } = await switchedOn({ startEncoder: slowEncoder(10), capacityBytes: 1 });
    const order = { filming, durationMs: 50, prerecordMs: 20 };
    await expect(camera.record(order)).rejects.toMatchObject({ code: "storage-full" });
  });
});

describe("filming by hand", () => {
  async function rolling(
    options: CameraOptions = {},
  ): Promise<{ camera: HeadlessCamera; encoder: HandEncoder; film: (ms: number) => Promise<void> }> {
    const clock = testClock();
    const encoder = new HandEncoder();
    const { camera } = await switchedOn({
      clock,
      startEncoder: encoder.start,
      filming: { source: scene },
      ...options,
    });
    const film = async (durationMs: number): Promise<void> => {
      clock.advance(durationMs);
      encoder.film(durationMs);
      await settled(camera);
    };
    await settled(camera);
    return { camera, encoder, film };
  }

  /** Lets everything that is on its way arrive. */
  async function settled(camera: HeadlessCamera): Promise<void> {
    for (let turn = 0; turn < 20; turn++) {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      await camera.status();
    }
    await camera.pulse();
  }

  it("asks why it is stopped, and stops without an answer in the end", async () => {
    const asked: (readonly string[])[] = [];
    const { camera, encoder, film } = await rolling({ onAskStopReason: (reasons) => asked.push(reasons) });
    await film(2_000);
    await camera.order({ kind: "press", button: "record", press: "short" });
    await film(2_000);
    await camera.order({ kind: "press", button: "record", press: "long" });
    expect(asked[0]).toContain("incident-over");
    for (let round = 0; round < 16; round++) await film(2_000);
    expect(encoder.orders).toContainEqual({ stop: true });
    encoder.end();
    await settled(camera);
    const entries = await verifiedEntries(camera);
    expect(entries.find((entry) => entry.kind === "recording-stopped")?.body).toMatchObject({
      reason: "unstated",
    });
    expect((await camera.status()).state).toBe("standby");
  });

  it("refuses what makes no sense and changes nothing", async () => {
    const { camera, film } = await rolling();
    expect(await camera.order({ kind: "people-told" })).toEqual({ kind: "refused", why: "not-recording" });
    await film(2_000);
    await camera.order({ kind: "start" });
    expect(await camera.order({ kind: "start" })).toEqual({ kind: "refused", why: "already-recording" });
    expect(await camera.order({ kind: "stop", reason: "because" })).toEqual({
      kind: "refused",
      why: "unknown-reason",
    });
    expect(await camera.order({ kind: "pause", reason: "whim" })).toEqual({
      kind: "refused",
      why: "unknown-reason",
    });
    expect((await camera.status()).state).toBe("recording");
    expect(await camera.powerOn()).toEqual({ kind: "refused", why: "not-off" });
    await expect(camera.record({ filming: FAST, durationMs: 1_000 })).rejects.toMatchObject({
      code: "closed",
    });
  });

  it("records positions while recording only, sealed under the recording's key", async () => {
    const asked: [number, number][] = [];
    const positions: PositionSource = {
      fixesBetween: (fromMs, toMs) => {
        asked.push([fromMs, toMs]);
        return [{ atMs: fromMs, latitudeE7: 515_000_000, longitudeE7: -1_200_000, accuracyCm: 350 }];
      },
    };
    const { camera, film } = await rolling({ positions });
    await film(2_000);
    await film(2_000);
    expect(asked).toEqual([]);
    await camera.order({ kind: "start" });
    await film(2_000);
    expect(asked.length).toBe(1);
    const entries = await verifiedEntries(camera);
    const fragments = entries.filter((entry) => entry.kind === "fragment");
    expect(fragments.map((entry) => entry.sealed !== undefined)).toEqual([false, false, true]);
  });

  it("stops, seals and switches off", async () => {
    const { camera, encoder, film } = await rolling();
    await film(2_000);
    await camera.order({ kind: "start" });
    await film(2_000);
    const off = camera.powerOff();
    await settled(camera);
    encoder.end();
    expect(await off).toEqual({ kind: "done" });
    const entries = await verifiedEntries(camera);
    expect(kinds(entries).slice(-3)).toEqual(["recording-stopped", "recording-sealed", "powered-off"]);
  });

  it("stops cleanly and switches off when the battery is empty", async () => {
    let percent = 80;
    const battery = { read: () => ({ percent, charging: false }), setCharging: () => undefined };
    const { camera, encoder, film } = await rolling({ battery });
    await film(2_000);
    await camera.order({ kind: "start" });
    await film(2_000);
    percent = 0;
    await film(2_000);
    encoder.end();
    await settled(camera);
    const entries = await verifiedEntries(camera);
    expect(entries.find((entry) => entry.kind === "recording-sealed")?.body.reason).toBe("battery-empty");
    expect(entries.at(-1)).toMatchObject({ kind: "powered-off", body: { reason: "battery-empty" } });
    expect((await camera.status()).state).toBe("off");
  });

  it("keeps the officer's name out of the entry", async () => {
    const { camera } = await rolling();
    await camera.assign(newId(), {
      officer: "Alex Smith",
      collarNumber: "AB123",
      borough: "Brent",
      team: "B",
    });
    const entries = await verifiedEntries(camera);
    const assigned = entries.find((entry) => entry.kind === "assigned");
    expect(assigned?.sealed).toBeInstanceOf(Uint8Array);
    for await (const segment of camera.dock.readJournal(0))
      expect(Buffer.from(segment.bytes).includes("Alex Smith")).toBe(false);
  });
});
