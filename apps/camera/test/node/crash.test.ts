// A crash at every single act on the disk, in each of its three ways; and a disk that is full at any of them.
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type JournalEntry, newId } from "@sworn/custody";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CameraError } from "../../node/camera-error.ts";
import { type HeadlessCamera, openCamera } from "../../node/headless-camera.ts";
import {
  type TestCamera,
  type TestForce,
  decryptAll,
  newCamera,
  newForce,
  receiptFor,
  testClock,
  verifiedEntries,
} from "./camera-rig.ts";
import { fastEncoder } from "./fake-encoder.ts";
import { type Fault, FaultyDisk } from "./faulty-disk.ts";

const FAST = { source: { kind: "scene", seed: "s" }, pace: "as-fast" } as const;

/** Every act takes minutes: `CAMERA_CRASH_STRIDE=1` does it. */
const STRIDE = Math.max(1, Number(process.env["CAMERA_CRASH_STRIDE"] ?? 6) || 6);

let force: TestForce;
let template: TestCamera;
beforeAll(async () => {
  force = await newForce();
  template = await newCamera(force);
});
afterAll(() => template.remove());

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "camera-crash-"));
  try {
    await cp(template.folder, folder, { recursive: true });
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const open = (
  folder: string,
  disk?: FaultyDisk,
  onTaken?: (count: number) => void,
): Promise<HeadlessCamera> =>
  openCamera(folder, {
    clock: testClock(),
    pulseEveryMs: null,
    startEncoder: fastEncoder(onTaken ? { onTaken } : {}),
    ...(disk ? { disk } : null),
  });

const nothing = (): Promised => ({ accepted: [], sealed: [], freed: [], prunedThrough: -1, off: false });

/** A short life: a recording, a dock, a receipt, a prune, another recording. What was promised is written down. */
async function live(camera: HeadlessCamera, promised: Promised): Promise<void> {
  await camera.powerOn();
  const first = await camera.record({
    filming: FAST,
    durationMs: 4_000,
    prerecordMs: 4_000,
    events: [{ atMs: 1_000, kind: "marker", note: "n" }],
  });
  promised.sealed.push(first.number);
  const dock = newId();
  await camera.dock.connect();
  await camera.dock.setClock({ dock, timeMs: camera.dock.readClock().wallMs + 777, errorMs: 5 });
  await camera.dock.docked({ dock, session: newId(), nonce: new Uint8Array(32) });
  const receipt = await receiptFor(camera, force, first.number);
  const freed = await camera.dock.free(first.number, receipt);
  if (freed.kind === "freed") promised.freed.push(first.number);
  promised.accepted = await verifiedEntries(camera);
  const last = promised.accepted.at(-1);
  const pruned = await camera.dock.prune({
    through: (last?.sequence ?? 0) - 1,
    head: last?.previous ?? new Uint8Array(32),
  });
  if (pruned.kind === "pruned") promised.prunedThrough = pruned.through;
  await camera.dock.undock("standby");
  const second = await camera.record({ filming: FAST, durationMs: 2_000, prerecordMs: 2_000 });
  promised.sealed.push(second.number);
  await camera.powerOff();
  promised.off = true;
}

interface Promised {
  /** What a server has. */
  accepted: JournalEntry[];
  sealed: number[];
  freed: number[];
  prunedThrough: number;
  off: boolean;
}

/** What must be so when the camera is started again. */
async function checkAfter(folder: string, promised: Promised, taken: number): Promise<void> {
  const camera = await open(folder);
  try {
    await camera.powerOn();
    const entries = await verifiedEntries(camera, promised.accepted);
    await decryptAll(camera, force);
    const listed = camera.dock.listRecordings();
    for (const recording of listed) expect(recording.seal).not.toBeNull();
    for (const number of promised.sealed) {
      const kept = listed.some((recording) => recording.number === number);
      const freed = [...promised.accepted, ...entries].some((entry) => entry.kind === "freed");
      // Never both, and never neither: only a `freed` entry explains that the media is gone.
      expect(kept).toBe(!(freed && number === 1));
    }
    if (promised.off)
      expect(entries.find((entry) => entry.kind === "booted" && entry.body.clean)).toBeDefined();
    // The camera goes on: the next recording follows the last.
    const next = await camera.record({ filming: FAST, durationMs: 2_000, prerecordMs: 2_000 });
    expect(next.number).toBeGreaterThan(Math.max(0, ...promised.sealed));
    expect(next.number).toBeLessThanOrEqual(3);
    expect(taken).toBeGreaterThanOrEqual(0);
    await decryptAll(camera, force);
  } finally {
    await camera.close();
  }
}

async function countActs(): Promise<number> {
  const disk = new FaultyDisk(() => null);
  await withFolder(async (folder) => {
    const camera = await open(folder, disk);
    await live(camera, nothing());
    await camera.close();
  });
  return disk.acts;
}

describe.each(["before", "torn", "after"] as const)("a power cut %s an act on the disk", (kind: Fault) => {
  it("loses nothing that was promised, whichever act it is", { timeout: 180_000 }, async () => {
    const acts = await countActs();
    expect(acts).toBeGreaterThan(60);
    const offset = kind === "before" ? 0 : kind === "torn" ? 2 : 4;
    for (let act = offset; act < acts; act += STRIDE) {
      await withFolder(async (folder) => {
        const promised: Promised = nothing();
        let dead = false;
        let taken = 0;
        const disk = new FaultyDisk((at) => {
          if (dead) return { kind: "before", code: "EIO" };
          if (at !== act) return null;
          dead = true;
          return { kind, code: "EIO" };
        });
        const camera = await open(folder, disk, (count) => {
          taken = count;
        }).catch(() => null);
        if (camera) {
          await live(camera, promised).catch(() => undefined);
          await camera.close();
        }
        await checkAfter(folder, promised, taken).catch((cause: unknown) => {
          throw new Error(`act ${String(act)} of ${String(acts)}`, { cause });
        });
      });
    }
  });
});

describe.each(["before", "torn", "after"] as const)("a full disk, told %s a write", (kind: Fault) => {
  it("ends the recording well, whichever write of a recording finds it", { timeout: 120_000 }, async () => {
    let storageFull = 0;
    for (let write = 0; write < 24; write += 2) {
      await withFolder(async (folder) => {
        let seen = -1;
        let armed = false;
        let full = false;
        const disk = new FaultyDisk((_, name) => {
          if (!armed) return null;
          if (name === "remove") full = false;
          if (full && (name === "append" || name === "write" || name === "make"))
            return { kind: "before", code: "ENOSPC" };
          if (name !== "append" && name !== "write" && name !== "make") return null;
          seen += 1;
          if (seen !== write) return null;
          full = true;
          return { kind, code: "ENOSPC" };
        });
        const camera = await open(folder, disk);
        await camera.powerOn();
        armed = true;
        const outcome = await camera.record({ filming: FAST, durationMs: 12_000, prerecordMs: 4_000 }).then(
          ({ reason }) => reason,
          (error: unknown) => `nothing: ${error instanceof CameraError ? error.code : String(error)}`,
        );
        armed = false;
        if (outcome === "storage-full") storageFull += 1;
        const entries = await verifiedEntries(camera);
        expect(outcome).toMatch(/^(stopped|storage-full|nothing: storage-full)$/);
        if (outcome === "storage-full")
          expect(entries.some((entry) => entry.kind === "storage-full")).toBe(true);
        await decryptAll(camera, force);
        expect((await camera.status()).state).toBe("standby");
        await camera.close();
        await checkAfter(folder, nothing(), 0);
      });
    }
    expect(storageFull).toBeGreaterThan(3);
  });
});

describe("a camera that holds no more", () => {
  it("stops cleanly at its capacity, says so, and keeps what it has", async () => {
    await withFolder(async (folder) => {
      const options = {
        clock: testClock(),
        pulseEveryMs: null,
        startEncoder: fastEncoder({ fragmentBytes: 50_000 }),
      };
      const camera = await openCamera(folder, {
        ...options,
        capacityBytes: 400_000,
        rules: { storageStopBytes: 0 },
      });
      await camera.powerOn();
      const sealed = await camera.record({ filming: FAST, durationMs: 60_000, prerecordMs: 4_000 });
      expect(sealed.reason).toBe("storage-full");
      expect(sealed.storedBytes).toBeLessThanOrEqual(400_000);
      expect(sealed.parts).toBeGreaterThan(5);
      await decryptAll(camera, force);
      await camera.close();
    });
  });

  it("stops while there is still room when the store runs low", async () => {
    await withFolder(async (folder) => {
      const options = {
        clock: testClock(),
        pulseEveryMs: null,
        startEncoder: fastEncoder({ fragmentBytes: 50_000 }),
      };
      const camera = await openCamera(folder, {
        ...options,
        capacityBytes: 800_000,
        rules: { storageStopBytes: 300_000 },
      });
      await camera.powerOn();
      const sealed = await camera.record({ filming: FAST, durationMs: 60_000, prerecordMs: 4_000 });
      expect(sealed.reason).toBe("storage-full");
      expect(sealed.storedBytes).toBeLessThan(700_000);
      const entries = await verifiedEntries(camera);
      expect(entries.find((entry) => entry.kind === "recording-stopped")?.body).toMatchObject({
        reason: "storage-full",
      });
      expect(await camera.order({ kind: "start" })).toEqual({ kind: "refused", why: "storage-full" });
      await camera.close();
    });
  });
});
