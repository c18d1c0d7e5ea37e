// With the real encoder and the project's own scene: short, because every frame is drawn and encoded.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type HeadlessCamera, openCamera } from "../../node/headless-camera.ts";
import { simulatedPositions } from "../../node/position-source.ts";
import {
  type TestCamera,
  type TestForce,
  decryptAll,
  newCamera,
  newForce,
  verifiedEntries,
} from "./camera-rig.ts";

const PICTURE = { width: 160, height: 96, fps: 10, bitrateKbps: 100, fragmentMs: 1_000 } as const;
const SCENE = {
  source: { kind: "scene", seed: "real" },
  ...PICTURE,
  labels: { cameraId: "C1", borough: "Brent" },
} as const;

let force: TestForce;
let test: TestCamera;
let camera: HeadlessCamera;
beforeEach(async () => {
  force = await newForce();
  test = await newCamera(force);
  const positions = simulatedPositions({ borough: "Brent", seed: "real" });
  camera = await openCamera(test.folder, { positions, rules: { prerecordMs: 3_000 } });
  await camera.powerOn();
});
afterEach(async () => {
  await camera.close();
  await test.remove();
});

describe("the headless camera with its encoder", () => {
  it("films faster than time, with mute and pause where the script says", { timeout: 60_000 }, async () => {
    const sealed = await camera.record({
      filming: { ...SCENE, pace: "as-fast" },
      durationMs: 12_000,
      events: [
        { atMs: 1_000, kind: "people-told" },
        { atMs: 2_500, kind: "mute", reason: "solicitor" },
        { atMs: 4_500, kind: "unmute" },
        { atMs: 6_300, kind: "pause", reason: "medical" },
        { atMs: 9_000, kind: "resume" },
      ],
    });
    expect(sealed).toMatchObject({ reason: "stopped", durationMs: 15_000 });
    const films = await decryptAll(camera, force);
    expect(films.size).toBe(1);
    const entries = await verifiedEntries(camera);
    const at = (kind: string): number => {
      const body = entries.find((entry) => entry.kind === kind)?.body;
      return body && "atMs" in body ? body.atMs : -1;
    };
    expect([at("muted"), at("unmuted"), at("paused"), at("resumed")]).toEqual([6_000, 8_000, 9_300, 12_000]);
    const positions = entries.filter((entry) => entry.kind === "fragment" && entry.sealed);
    expect(positions.length).toBeGreaterThan(5);
  });

  it("films in real time, obeys, and films again", { timeout: 60_000 }, async () => {
    await camera.powerOff();
    await camera.powerOn("dock");
    await camera.standby(SCENE);
    await new Promise((resolve) => {
      setTimeout(resolve, 2_500);
    });
    expect(await camera.order({ kind: "start" })).toEqual({ kind: "done" });
    await new Promise((resolve) => {
      setTimeout(resolve, 1_500);
    });
    expect(await camera.order({ kind: "pause", reason: "privacy" })).toEqual({ kind: "done" });
    await new Promise((resolve) => {
      setTimeout(resolve, 1_000);
    });
    expect((await camera.status()).state).toBe("paused");
    expect(await camera.order({ kind: "resume" })).toEqual({ kind: "done" });
    await new Promise((resolve) => {
      setTimeout(resolve, 1_500);
    });
    expect(await camera.order({ kind: "stop", reason: "incident-over", note: "all calm" })).toEqual({
      kind: "done",
    });
    expect((await camera.status()).state).toBe("standby");
    const films = await decryptAll(camera, force);
    const entries = await verifiedEntries(camera);
    const started = entries.find((entry) => entry.kind === "recording-started");
    expect(started?.kind === "recording-started" ? started.body.prerecordMs : 0).toBeGreaterThan(1_500);
    expect(films.get(1)?.length).toBeGreaterThan(5_000);
    expect(await camera.powerOff()).toEqual({ kind: "done" });
  });
});
