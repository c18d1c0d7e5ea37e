// What a power cut must not take although no write failed: names that were never synced, bytes that a killed camera left
// in memory only, entries behind a prune of which nobody knows whether it happened. All three were found by simulation.
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { newId } from "@sworn/custody";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createCamera } from "../../node/enrol.ts";
import { openCamera } from "../../node/headless-camera.ts";
import { type Disk, realDisk } from "../../node/store/disk.ts";
import {
  type TestCamera,
  type TestForce,
  newCamera,
  newForce,
  receiptFor,
  testClock,
  verifiedEntries,
} from "./camera-rig.ts";
import { fastEncoder } from "./fake-encoder.ts";
import { FaultyDisk } from "./faulty-disk.ts";

const { synced } = vi.hoisted(() => ({ synced: [] as string[] }));
vi.mock("node:fs/promises", async (importOriginal) => {
  const actual = await importOriginal<typeof import("node:fs/promises")>();
  const open: typeof actual.open = async (path, ...given) => {
    const handle = await actual.open(path, ...given);
    const sync = handle.sync.bind(handle);
    handle.sync = async () => {
      await sync();
      synced.push(String(path));
    };
    return handle;
  };
  return { ...actual, open };
});

const FILM = {
  filming: { source: { kind: "scene", seed: "s" }, pace: "as-fast" },
  prerecordMs: 2_000,
} as const;
const options = () => ({ clock: testClock(), pulseEveryMs: null, startEncoder: fastEncoder() });

let force: TestForce;
let template: TestCamera;
let folder: string;
beforeAll(async () => {
  force = await newForce();
  template = await newCamera(force);
});
afterAll(() => template.remove());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "camera-cut-"));
  synced.length = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the names of a camera's folders", () => {
  it("are durable up to the first folder that was there", async () => {
    const path = join(folder, "site", "cameras", "one");
    await createCamera(path);
    expect(synced).toEqual(expect.arrayContaining([folder, dirname(dirname(path)), dirname(path), path]));
  });

  it("are made durable where somebody else made the folder", async () => {
    const path = join(folder, "one");
    await mkdir(path);
    await realDisk.makeFolder(path);
    expect(synced).toEqual([folder]);
  });
});

describe("the part in hand of a killed camera", () => {
  it("is synced before its entry takes its place in the journal", async () => {
    await cp(template.folder, folder, { recursive: true });
    await killAtJournal();
    const acts: string[] = [];
    const camera = await openCamera(folder, { ...options(), disk: watched(acts) });
    await camera.close();
    const placed = acts.findIndex((act) => act.startsWith("append journal/"));
    expect(placed).toBeGreaterThan(-1);
    expect(acts.slice(0, placed)).toContain("sync media");
  });

  /** Ends a recording after its first part is written, and before the part's entry is in the journal. */
  async function killAtJournal(): Promise<void> {
    let appends = -1;
    let isDead = false;
    const disk = new FaultyDisk((_, name) => {
      if (appends >= 0 && name === "append") appends += 1;
      isDead ||= appends === 6;
      return isDead ? { kind: "before", code: "EIO" } : null;
    });
    const camera = await openCamera(folder, { ...options(), disk });
    await camera.powerOn();
    appends = 0;
    await expect(camera.record({ ...FILM, durationMs: 20_000 })).rejects.toThrow();
    await camera.close();
  }

  function watched(acts: string[]): Disk {
    const openAppend: Disk["openAppend"] = async (path) => {
      const file = await realDisk.openAppend(path);
      const within = basename(dirname(path));
      const name = within === "journal" ? `journal/${basename(path)}` : basename(path);
      const { sync, append } = { sync: file.sync.bind(file), append: file.append.bind(file) };
      file.sync = async () => {
        await sync();
        acts.push(`sync ${name}`);
      };
      file.append = async (bytes) => {
        acts.push(`append ${name}`);
        await append(bytes);
      };
      return file;
    };
    return { ...realDisk, openAppend };
  }
});

describe("a prune of which it is not known whether it happened", () => {
  it.each([true, false])("costs no later recording, the base being in place: %s", async (isInPlace) => {
    await cp(template.folder, folder, { recursive: true });
    let isArmed = false;
    const writeWhole: Disk["writeWhole"] = async (path, bytes) => {
      const fails = isArmed && basename(path) === "journal-base.cbor";
      if (!fails || isInPlace) await realDisk.writeWhole(path, bytes);
      if (fails) throw Object.assign(new Error("the disk says EIO"), { code: "EIO" });
    };
    const camera = await openCamera(folder, { ...options(), disk: { ...realDisk, writeWhole } });
    await camera.powerOn();
    const { number } = await camera.record({ ...FILM, durationMs: 4_000 });
    const dock = newId();
    await camera.dock.connect();
    await camera.dock.docked({ dock, session: newId(), nonce: new Uint8Array(32) });
    await camera.dock.free(number, await receiptFor(camera, force, number));
    const accepted = await verifiedEntries(camera);
    const last = accepted.at(-1);
    isArmed = true;
    const through = (last?.sequence ?? 0) - 1;
    const head = last?.previous ?? new Uint8Array(32);
    await expect(camera.dock.prune({ through, head })).rejects.toThrow("EIO");
    isArmed = false;
    const next = await camera.dock
      .undock("standby")
      .then(() => camera.record({ ...FILM, durationMs: 4_000 }))
      .catch(() => null);
    await camera.close();
    const again = await openCamera(folder, options());
    await again.powerOn();
    await verifiedEntries(again, accepted);
    const kept = again.dock.listRecordings().map((recording) => recording.number);
    expect(kept).toEqual(next === null ? [] : [next.number]);
    expect(await again.record({ ...FILM, durationMs: 4_000 })).toMatchObject({ reason: "stopped" });
    await again.close();
  });
});
