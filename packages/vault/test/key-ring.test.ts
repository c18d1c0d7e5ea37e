// The key ring's promises: two places, tombstones that outlive backups, rotation that restarts, faults at every call.
import { randomBytes } from "node:crypto";
import { cp, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VaultError, openKeyRing } from "../src/index.ts";
import type { KeyRing, RingFinding, StoreFs } from "../src/index.ts";
import { openRecord, sealRecord } from "../src/ring/key-record.ts";
import { openRootKeys } from "../src/ring/root-keys.ts";
import { Volume } from "../src/store/volume.ts";
import { FaultyFs } from "./faulty-fs.ts";
import { PowerCutFs } from "./power-cut-fs.ts";
import { codeOf } from "./store-suite.ts";

interface RingFolders {
  readonly places: readonly [string, string];
  readonly rootFolder: string;
}

function foldersIn(base: string): RingFolders {
  return { places: [join(base, "a"), join(base, "b")], rootFolder: join(base, "roots") };
}

async function withFolders(act: (folders: RingFolders, base: string) => Promise<void>): Promise<void> {
  const base = await mkdtemp(join(tmpdir(), "sworn-ring-"));
  try {
    await act(foldersIn(base), base);
  } finally {
    await rm(base, { recursive: true });
  }
}

/** A ring on a disk in memory; `fs` may fail and the disk may lose its power. */
function memoryRing(): { disk: PowerCutFs; fs: FaultyFs; open: (under?: StoreFs) => Promise<KeyRing> } {
  const disk = new PowerCutFs();
  const fs = new FaultyFs(disk);
  const open = (under: StoreFs = disk) =>
    openKeyRing({ ...foldersIn("/ring"), now: () => 1000, fs: { places: [under, under], roots: under } });
  return { disk, fs, open };
}

async function findings(ring: KeyRing): Promise<RingFinding[]> {
  const found: RingFinding[] = [];
  for await (const finding of ring.check()) found.push(finding);
  return found;
}

async function ids(ring: KeyRing): Promise<string[]> {
  const all: string[] = [];
  for await (const id of ring.list()) all.push(id);
  return all.sort();
}

async function keyFile(place: string, ending = ".key"): Promise<string> {
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  const entry = entries.find(({ name }) => name.endsWith(ending));
  if (entry === undefined) throw new Error(`no ${ending} file`);
  return join(entry.parentPath, entry.name);
}

const key = randomBytes(32);
const other = randomBytes(32);

describe("life of a key", () => {
  test("put, get, has, list, delete; each again; also after a restart", async () => {
    await withFolders(async (folders) => {
      const ring = await openKeyRing({ ...folders, now: () => 5 });
      expect(await ring.get("rec/1")).toEqual({ kind: "unknown" });
      expect(await ring.put("rec/1", key)).toEqual({ kind: "stored" });
      expect(await ring.put("rec/1", key)).toEqual({ kind: "present" });
      expect(await ring.put("rec/1", other)).toEqual({ kind: "conflict" });
      expect(await ring.put("rec/2", other)).toEqual({ kind: "stored" });
      const again = await openKeyRing({ ...folders, now: () => 9 });
      expect(await again.get("rec/1")).toEqual({ kind: "key", key });
      expect(await again.has("rec/2")).toBe(true);
      expect(await ids(again)).toEqual(["rec/1", "rec/2"]);
      expect(await again.delete("rec/1")).toEqual({ kind: "destroyed", destroyedAtMs: 9 });
      const third = await openKeyRing({ ...folders, now: () => 12 });
      const destroyed = { kind: "destroyed", destroyedAtMs: 9 };
      expect(await third.delete("rec/1")).toEqual(destroyed);
      expect(await third.get("rec/1")).toEqual(destroyed);
      expect(await third.put("rec/1", key)).toEqual(destroyed);
      expect(await third.delete("never/seen")).toEqual({ kind: "destroyed", destroyedAtMs: 12 });
      expect((await third.put("never/seen", key)).kind).toBe("destroyed");
      expect(await ids(third)).toEqual(["rec/2"]);
      expect(await findings(third)).toEqual([]);
    });
  });

  test("no file of the ring holds a key in the clear, and roots are private", async () => {
    await withFolders(async (folders) => {
      const ring = await openKeyRing(folders);
      await ring.put("rec/1", key);
      for (const place of folders.places)
        expect((await readFile(await keyFile(place))).includes(key)).toBe(false);
      const root = await keyFile(folders.rootFolder, ".root");
      expect((await stat(root)).mode & 0o777).toBe(0o600);
    });
  });

  test("ids that could leave the folders, and keys of no length, are refused", async () => {
    const ring = await memoryRing().open();
    for (const id of ["", "../x", "a/../b", "/a", "a/", "A", "a.key", "a\0", "x".repeat(201)]) {
      expect(await codeOf(() => ring.put(id, key))).toBe("bad-argument");
      expect(await codeOf(() => ring.get(id))).toBe("bad-argument");
      expect(await codeOf(() => ring.delete(id))).toBe("bad-argument");
    }
    expect(await codeOf(() => ring.put("a", new Uint8Array(0)))).toBe("bad-argument");
    expect(await codeOf(() => ring.put("a", new Uint8Array(4097)))).toBe("bad-argument");
  });
});

describe("two places", () => {
  test("either place lost: every key is read, and the new disk is filled", async () => {
    await withFolders(async (folders) => {
      const ring = await openKeyRing(folders);
      await ring.put("rec/1", key);
      await ring.delete("rec/2");
      for (const place of folders.places) {
        await rm(place, { recursive: true });
        const told: unknown[] = [];
        const again = await openKeyRing({ ...folders, onMended: (report) => told.push(report) });
        // One key and one tombstone, and the operator hears of it once.
        expect(told).toEqual([{ copied: 2, killed: 0, unmended: 0 }]);
        await openKeyRing({ ...folders, onMended: (report) => told.push(report) });
        expect(told).toHaveLength(1);
        expect(await again.get("rec/1")).toEqual({ kind: "key", key });
        expect((await again.get("rec/2")).kind).toBe("destroyed");
        expect(await findings(again)).toEqual([]);
      }
    });
  });

  test("a flipped bit anywhere in a key file is found, named and mended from the other place", async () => {
    await withFolders(async (folders) => {
      const ring = await openKeyRing(folders);
      await ring.put("rec/1", key);
      const path = await keyFile(folders.places[0]);
      const whole = await readFile(path);
      for (let bit = 0; bit < whole.byteLength * 8; bit += 37) {
        const altered = Buffer.from(whole);
        altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        await writeFile(path, altered);
        expect(await findings(ring)).toMatchObject([{ kind: "damaged", place: 0, id: "rec/1" }]);
        expect(await ring.get("rec/1")).toEqual({ kind: "key", key });
        expect(await findings(ring)).toEqual([]);
      }
      for (const place of folders.places) await writeFile(await keyFile(place), "no key");
      expect(await codeOf(() => ring.get("rec/1"))).toBe("ring-damaged");
    });
  });

  test("a record moved to another id does not open; two different good keys are never chosen between", async () => {
    await withFolders(async (folders, base) => {
      const ring = await openKeyRing(folders);
      await ring.put("rec/1", key);
      const own = await readFile(await keyFile(folders.places[0]));
      await ring.put("rec/2", other);
      const entries = await readdir(folders.places[0], { recursive: true, withFileTypes: true });
      const second = entries.find(({ name }) => name === "rec_2.key");
      await writeFile(join(second?.parentPath ?? base, "rec_2.key"), own);
      expect(await findings(ring)).toMatchObject([{ kind: "damaged", place: 0, id: "rec/2" }]);
      const roots = await openRootKeys(new Volume(new PowerCutFs()), "/r", {
        readOnly: false,
        mayCreate: true,
      });
      expect(
        await codeOf(async () =>
          openRecord(roots, "a", await sealRecord(roots, roots.ids()[0] ?? "", "b", key)),
        ),
      ).toBe("wrap-authentication");
    });
    await withFolders(async (folders, base) => {
      const ring = await openKeyRing(folders);
      await cp(base, `${base}-fork`, { recursive: true });
      try {
        const fork = await openKeyRing(foldersIn(`${base}-fork`));
        await ring.put("rec/1", key);
        await fork.put("rec/1", other);
        await cp(await keyFile(`${base}-fork/b`), await keyFile(folders.places[1]));
        expect(await findings(ring)).toEqual([{ kind: "differs", id: "rec/1" }]);
        expect((await ring.repair()).unmended).toBe(1);
        expect(await codeOf(() => ring.get("rec/1"))).toBe("ring-damaged");
        expect(await codeOf(() => ring.rotateRoot())).toBe("ring-damaged");
      } finally {
        await rm(`${base}-fork`, { recursive: true });
      }
    });
  });

  test("crossed or foreign folders and lost roots are refused at opening", async () => {
    await withFolders(async (folders, base) => {
      await openKeyRing(folders);
      await openKeyRing(foldersIn(join(base, "second")));
      const [a, b] = folders.places;
      expect(await codeOf(() => openKeyRing({ ...folders, places: [b, a] }))).toBe("ring-mismatch");
      const mixed = { ...folders, places: [a, join(base, "second", "b")] as const };
      expect(await codeOf(() => openKeyRing(mixed))).toBe("ring-mismatch");
      await rm(folders.rootFolder, { recursive: true });
      expect(await codeOf(() => openKeyRing(folders))).toBe("root-missing");
    });
  });
});

describe("backups bring nothing back", () => {
  test("one place restored from before the destruction", async () => {
    await withFolders(async (folders, base) => {
      const ring = await openKeyRing(folders);
      await ring.put("rec/1", key);
      for (const [index, place] of folders.places.entries()) {
        await cp(place, join(base, `backup-${String(index)}`), { recursive: true });
      }
      await ring.delete("rec/1");
      for (const [index, place] of folders.places.entries()) {
        await rm(place, { recursive: true });
        await cp(join(base, `backup-${String(index)}`), place, { recursive: true });
        const unswept = await openKeyRing({ ...folders, repairAtOpen: false });
        expect((await unswept.get("rec/1")).kind).toBe("destroyed");
        expect((await findings(unswept)).map(({ kind }) => kind).sort()).toEqual([
          "tombstone-missing",
          "undead",
        ]);
        const swept = await openKeyRing(folders);
        expect((await swept.put("rec/1", key)).kind).toBe("destroyed");
        expect(await findings(swept)).toEqual([]);
        expect(await codeOf(() => keyFile(place))).toMatch(/no .key file/);
      }
    });
  });

  test("both places restored from before a rotation: the old root is gone, so the key is", async () => {
    await withFolders(async (folders, base) => {
      const ring = await openKeyRing(folders);
      await ring.put("rec/1", key);
      for (const place of folders.places) await cp(place, `${place}-backup`, { recursive: true });
      await ring.delete("rec/1");
      expect(await ring.rotateRoot()).toEqual({ rewrapped: 0, destroyedRoots: 1 });
      for (const place of folders.places) {
        await rm(place, { recursive: true });
        await cp(`${place}-backup`, place, { recursive: true });
      }
      const restored = await openKeyRing(folders);
      expect(await codeOf(() => restored.get("rec/1"))).toBe("ring-damaged");
      expect(base).not.toBe("");
    });
  });
});

/** A life of keys that notes what it was told. `undefined` stands for begun and not acknowledged. */
type Told = Map<string, "stored" | "destroyed" | undefined>;

async function live(ring: KeyRing, told: Told): Promise<void> {
  for (const id of ["rec/1", "rec/2", "rec/3"]) {
    await ring.put(id, key);
    told.set(id, "stored");
  }
  told.set("rec/2", undefined);
  await ring.delete("rec/2");
  told.set("rec/2", "destroyed");
  await ring.rotateRoot();
  await ring.put("rec/4", key);
  told.set("rec/4", "stored");
}

async function expectTold(ring: KeyRing, told: Told): Promise<void> {
  for (const [id, state] of told) {
    const found = await ring.get(id);
    if (state === "stored") expect(found).toEqual({ kind: "key", key });
    if (state === "destroyed") expect(found.kind).toBe("destroyed");
    if (state === undefined && found.kind === "key") expect(found.key.equals(key)).toBe(true);
  }
}

const CHANGING = ["create", "append", "datasync", "close", "rename", "unlink", "syncFolder"];
const READING = ["openRead", "read", "sizeOf", "names"];

describe("rotation, faults and power cuts", () => {
  test("rotation wraps every key anew and destroys the old root; puts meanwhile survive", async () => {
    const { open } = memoryRing();
    const ring = await open();
    for (let i = 0; i < 30; i += 1) await ring.put(`rec/${String(i)}`, key);
    const [rotated] = await Promise.all([
      ring.rotateRoot(),
      ...Array.from({ length: 20 }, (_, i) => ring.put(`new/${String(i)}`, other)),
      ring.delete("rec/3"),
    ]);
    expect(rotated.destroyedRoots).toBe(1);
    expect(ring.rotationPending).toBe(false);
    const again = await open();
    expect(await ids(again)).toHaveLength(49);
    expect(await again.get("new/19")).toEqual({ kind: "key", key: other });
    expect(await findings(again)).toEqual([]);
  });

  test("at every call a fault of either kind, then a power cut: what was told is true, and rotation ends clean", async () => {
    let reached = 0;
    for (const [mode, calls, step] of [
      ["did-not-happen", CHANGING, 1],
      ["happened-but-failed", CHANGING, 1],
      ["did-not-happen", READING, 149],
    ] as const) {
      for (let at = 0; ; at += step) {
        const { disk, fs, open } = memoryRing();
        const ring = await open(fs);
        fs.arm({ at, mode, code: "EIO", calls });
        const told: Told = new Map();
        const outcome = await codeOf(() => live(ring, told));
        if (fs.failed === undefined) break;
        reached += 1;
        expect(outcome).toMatch(/^(accepted|store-io|sync-failed|ring-damaged)$/);
        disk.cutPower();
        const again = await open();
        await expectTold(again, told);
        await again.rotateRoot();
        expect(again.rotationPending).toBe(false);
        await expectTold(again, told);
        expect(await findings(again)).toEqual([]);
      }
    }
    expect(reached).toBeGreaterThan(150);
  }, 60_000);

  test("one place that cannot be read does not keep a key from being read, but nothing is destroyed or stored", async () => {
    const [good, bad] = [new PowerCutFs(), new PowerCutFs()];
    const failing = new FaultyFs(bad);
    const openWith = (under: StoreFs) =>
      openKeyRing({ ...foldersIn("/ring"), repairAtOpen: false, fs: { places: [under, good], roots: good } });
    await (await openWith(bad)).put("rec/1", key);
    const ring = await openWith(failing);
    failing.arm({ at: 0, mode: "did-not-happen", code: "EIO", calls: ["openRead"] });
    expect(await ring.get("rec/1")).toEqual({ kind: "key", key });
    failing.arm({ at: 0, mode: "did-not-happen", code: "EIO", calls: ["openRead"] });
    expect(await codeOf(() => ring.put("rec/9", key))).toBe("store-io");
    failing.arm({ at: 0, mode: "did-not-happen", code: "EIO", calls: ["syncFolder"] });
    expect(await codeOf(() => ring.delete("rec/1"))).toBe("sync-failed");
    expect(await codeOf(() => ring.put("rec/8", key))).toBe("volume-failed");
  });

  test("a ring opened to read only changes nothing", async () => {
    const { disk, open } = memoryRing();
    await (await open()).put("rec/1", key);
    const fs = { places: [disk, disk] as const, roots: disk };
    const reader = await openKeyRing({ ...foldersIn("/ring"), readOnly: true, fs });
    expect((await reader.get("rec/1")).kind).toBe("key");
    expect(await codeOf(() => reader.put("rec/2", key))).toBe("read-only");
    expect(await codeOf(() => reader.delete("rec/1"))).toBe("read-only");
    expect(await codeOf(() => reader.rotateRoot())).toBe("read-only");
  });

  test("arbitrary bytes as a record are refused with a fault of the vault", async () => {
    const roots = await openRootKeys(new Volume(new PowerCutFs()), "/r", {
      readOnly: false,
      mayCreate: true,
    });
    const real = await sealRecord(roots, roots.ids()[0] ?? "", "a", key);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), fc.boolean(), async (noise, behindHead) => {
        const bytes = behindHead ? Buffer.concat([real.subarray(0, 12), noise]) : noise;
        const error: unknown = await openRecord(roots, "a", bytes).then(
          () => "accepted",
          (fault: unknown) => fault,
        );
        expect(error).toBeInstanceOf(VaultError);
      }),
    );
  });
});
