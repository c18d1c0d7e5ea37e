// Whoever records is always told: with a seal, or with why nothing was recorded.
import { newId } from "@sworn/custody";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { type CameraOptions, type HeadlessCamera, openCamera } from "../../node/headless-camera.ts";
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
import { FaultyDisk } from "./faulty-disk.ts";

const FAST = { source: { kind: "scene", seed: "s" }, pace: "as-fast" } as const;
const IN_TIME = { source: { kind: "scene", seed: "s" } } as const;
const order = { durationMs: 4_000, prerecordMs: 2_000 };

let force: TestForce;
let made: TestCamera | null = null;
let camera: HeadlessCamera | null = null;
beforeAll(async () => {
  force = await newForce();
});
afterEach(async () => {
  await camera?.close();
  await made?.remove();
});

async function switchedOn(options: CameraOptions): Promise<HeadlessCamera> {
  made = await newCamera(force);
  const opened = { clock: testClock(), pulseEveryMs: null, startEncoder: fastEncoder(), ...options };
  camera = await openCamera(made.folder, opened);
  await camera.powerOn();
  return camera;
}

/** Fails the nth act on the disk from when it is armed, or the nth of one name, once. */
class OneFault {
  #countdown: number | null = null;
  #name: string | null = null;
  readonly disk: FaultyDisk;

  constructor(code: string) {
    this.disk = new FaultyDisk((_, name) => {
      if (this.#countdown === null || (this.#name !== null && name !== this.#name)) return null;
      this.#countdown -= 1;
      if (this.#countdown >= 0) return null;
      this.#countdown = null;
      return { kind: "before", code };
    });
  }

  arm(act: number, name: string | null = null): void {
    this.#countdown = act;
    this.#name = name;
  }
}

describe("a recording whose first files cannot be made", () => {
  // The folder, its envelope, the media's file, and the folder's sync: each comes before the first entry.
  it.each([0, 1, 2, 3])("is told, and the next one takes its number, act %i", async (act) => {
    const fault = new OneFault("EIO");
    const camera = await switchedOn({ disk: fault.disk });
    fault.arm(act);
    await expect(camera.record({ filming: FAST, ...order })).rejects.toMatchObject({ code: "not-recorded" });
    expect(await camera.record({ filming: FAST, ...order })).toMatchObject({ number: 1, reason: "stopped" });
    expect((await verifiedEntries(camera)).map(({ kind }) => kind)).toContain("fault");
    expect((await decryptAll(camera, force)).size).toBe(1);
  });

  it("says that the storage is full where that is why", async () => {
    const fault = new OneFault("ENOSPC");
    const camera = await switchedOn({ disk: fault.disk });
    fault.arm(0);
    await expect(camera.record({ filming: FAST, ...order })).rejects.toMatchObject({ code: "storage-full" });
  });

  it.each([
    ["at once", fastEncoder()],
    ["late", slowEncoder(120)],
  ])("is told in real time too, the encoder's first bytes coming %s", async (_, startEncoder) => {
    const fault = new OneFault("EIO");
    const camera = await switchedOn({ disk: fault.disk, startEncoder });
    fault.arm(0);
    const recording = camera.record({ filming: IN_TIME, durationMs: 300, prerecordMs: 40 });
    await expect(recording).rejects.toMatchObject({ code: "not-recorded" });
  });

  it("is sealed with what is there where its first part was journaled", async () => {
    const fault = new OneFault("EIO");
    const camera = await switchedOn({ disk: fault.disk });
    // The init's announcement, its bytes and its entry come before.
    fault.arm(3, "append");
    expect(await camera.record({ filming: FAST, ...order })).toMatchObject({ number: 1, reason: "fault" });
    expect((await decryptAll(camera, force)).size).toBe(1);
  });
});

describe("a recording that was ordered and not begun", () => {
  it("is told when the camera is docked before the press", async () => {
    const hand = new HandEncoder();
    const camera = await switchedOn({ startEncoder: hand.start });
    const recording = camera.record({ filming: FAST, ...order });
    const told = expect(recording).rejects.toMatchObject({ code: "not-recorded" });
    await camera.dock.connect();
    await camera.dock.docked({ dock: newId(), session: newId(), nonce: new Uint8Array(32) });
    await told;
  });

  it("is told when another one is ordered in its place, which is made", async () => {
    const camera = await switchedOn({});
    const first = expect(camera.record({ filming: FAST, ...order })).rejects.toMatchObject({
      code: "not-recorded",
    });
    const second = camera.record({ filming: FAST, ...order });
    await first;
    expect(await second).toMatchObject({ number: 1, reason: "stopped" });
  });

  it("is told that the camera was closed where that is why", async () => {
    const camera = await switchedOn({ startEncoder: new HandEncoder().start });
    const told = expect(camera.record({ filming: FAST, ...order })).rejects.toMatchObject({ code: "closed" });
    await camera.close();
    await told;
  });
});
