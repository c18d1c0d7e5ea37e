// The folder store: the suite of all stores, then its own promises under faults, power cuts and damage.
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, readdir, rm, truncate, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VaultError, nodeStoreFs, openFolderStore } from "../src/index.ts";
import type { FolderStore, StoredPart } from "../src/index.ts";
import { decodeIndex, encodeIndex } from "../src/store/object-index.ts";
import { FaultyFs } from "./faulty-fs.ts";
import type { FaultMode } from "./faulty-fs.ts";
import { PowerCutFs } from "./power-cut-fs.ts";
import type { PowerCutOptions } from "./power-cut-fs.ts";
import { codeOf, describeObjectStore, readAll } from "./store-suite.ts";

const minPartBytes = 1024;

async function withFolder(act: (root: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sworn-store-"));
  try {
    await act(join(folder, "deep", "store"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

describeObjectStore("the folder store", async () => {
  const root = await mkdtemp(join(tmpdir(), "sworn-store-"));
  const reopen = () => openFolderStore({ root, minPartBytes });
  return { store: await reopen(), reopen, dispose: () => rm(root, { recursive: true }) };
});

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** What a caller was told: it may only ever be better than this afterwards. */
interface Acknowledged {
  readonly parts: StoredPart[];
  completed: boolean;
  deleting: boolean;
  deleted: boolean;
}

const first = randomBytes(1500);
const second = randomBytes(300);

/** The life of an object, noting each acknowledgement; stops at the first fault. */
async function live(store: FolderStore, told: Acknowledged): Promise<void> {
  told.parts.push(await store.putPart("life", 1, first));
  const writer = await store.beginPart("life", 2);
  await writer.write(second.subarray(0, 100));
  await writer.write(second.subarray(100));
  told.parts.push(await writer.commit());
  await store.complete("life", told.parts);
  told.completed = true;
  told.deleting = true;
  await store.delete("life");
  told.deleted = true;
}

/** Nothing acknowledged is lost, and nothing is half there. */
async function checkAgainst(store: FolderStore, told: Acknowledged): Promise<void> {
  const stat = await store.stat("life");
  if (told.deleted) expect(stat.kind).toBe("absent");
  else if (told.completed && !told.deleting) expect(stat.kind).toBe("complete");
  else if (!told.deleting) {
    for (const part of told.parts) {
      const found = stat.kind === "absent" ? [] : stat.parts;
      expect(found).toContainEqual(
        expect.objectContaining({ number: part.number, sizeBytes: part.sizeBytes }),
      );
    }
  }
  if (stat.kind === "complete") {
    expect(await store.check("life", "hash")).toEqual([]);
    expect((await readAll(store, "life"))?.equals(Buffer.concat([first, second]))).toBe(true);
  }
  if (stat.kind === "in-progress") {
    for (const part of stat.parts) expect(part.sizeBytes).toBe(part.number === 1 ? 1500 : 300);
  }
}

function nothingTold(): Acknowledged {
  return { parts: [], completed: false, deleting: false, deleted: false };
}

const modes: FaultMode[] = ["did-not-happen", "happened-but-failed"];

describe("faults at every call", () => {
  test.each(modes.flatMap((mode) => (["EIO", "ENOSPC"] as const).map((code) => [mode, code] as const)))(
    "%s, %s: nothing acknowledged is lost, nothing is left over, and the next attempt succeeds",
    async (mode, code) => {
      let at = 0;
      for (let reached = true; reached; at += 1) {
        const disk = new PowerCutFs();
        const fs = new FaultyFs(disk);
        const root = "/data/store";
        const store = await openFolderStore({ root, minPartBytes, fs });
        fs.arm({ at, mode, code });
        const told = nothingTold();
        const outcome = await codeOf(() => live(store, told));
        reached = fs.failed !== undefined;
        if (!reached) expect(outcome).toBe("accepted");
        else expect(outcome).toMatch(/^(accepted|no-space|store-io|sync-failed)$/);
        const failed = fs.failed ?? "";
        if (["datasync", "syncFolder"].includes(failed) && outcome !== "accepted") {
          expect(outcome).toBe("sync-failed");
          expect(await codeOf(() => store.putPart("other", 1, first))).toBe("volume-failed");
          expect(await codeOf(() => store.delete("other"))).toBe("volume-failed");
        }
        if (code === "ENOSPC" && ["append", "create"].includes(failed)) {
          expect(outcome).toBe("no-space");
          expect(await disk.names(`${root}/tmp`)).toEqual([]);
        }
        const again = await openFolderStore({ root, minPartBytes, fs: disk });
        expect(await disk.names(`${root}/tmp`)).toEqual([]);
        expect(await disk.names(`${root}/trash`)).toEqual([]);
        await checkAgainst(again, told);
        await again.delete("life");
        const fresh = nothingTold();
        await live(again, fresh);
        expect(fresh.deleted).toBe(true);
        for await (const left of again.list()) expect(left).toBeUndefined();
      }
      expect(at).toBeGreaterThan(20);
    },
  );

  test("a failed fsync is not asked again", async () => {
    await withFolder(async (root) => {
      const fs = new FaultyFs(nodeStoreFs);
      const store = await openFolderStore({ root, minPartBytes, fs });
      fs.arm({ at: 0, mode: "did-not-happen", code: "EIO", calls: ["datasync"] });
      expect(await codeOf(() => store.putPart("a", 1, first))).toBe("sync-failed");
      expect(fs.calls).toBe(1);
      expect(await codeOf(() => store.putPart("a", 1, first))).toBe("volume-failed");
      expect(fs.calls).toBe(1);
      expect((await store.stat("a")).kind).toBe("absent");
    });
  });

  test("while the disk is full parts are refused, and taken again once there is room", async () => {
    await withFolder(async (root) => {
      const fs = new FaultyFs(nodeStoreFs);
      const store = await openFolderStore({ root, minPartBytes, fs });
      const kept = await store.putPart("full", 1, first);
      fs.arm({ at: 0, mode: "did-not-happen", code: "ENOSPC", calls: ["append"] });
      expect(await codeOf(() => store.putPart("full", 1, second))).toBe("no-space");
      await store.complete("full", [kept]);
      expect((await readAll(store, "full"))?.equals(first)).toBe(true);
    });
  });
});

async function cutPowerEverywhere(options: PowerCutOptions): Promise<{ cuts: number; losses: number }> {
  let cuts = 0;
  let losses = 0;
  for (let at = 0; ; at += 1) {
    const disk = new PowerCutFs(options);
    const fs = new FaultyFs(disk);
    const store = await openFolderStore({ root: "/data/store", minPartBytes, fs });
    // The call at which the power goes: neither it nor any after it matters to what was told before.
    fs.arm({ at, mode: "did-not-happen", code: "EIO" });
    const told = nothingTold();
    await codeOf(() => live(store, told));
    if (fs.failed === undefined && told.deleted && cuts > 0) return { cuts, losses };
    disk.cutPower();
    cuts += 1;
    try {
      await checkAgainst(await openFolderStore({ root: "/data/store", minPartBytes, fs: disk }), told);
    } catch {
      losses += 1;
    }
  }
}

describe("power cuts that forget all that was not synced", () => {
  test("at every call: nothing acknowledged is lost", async () => {
    const { cuts, losses } = await cutPowerEverywhere({});
    expect(cuts).toBeGreaterThan(30);
    expect(losses).toBe(0);
  });

  test("the test can fail: without folder syncs, or without datasync, it finds the loss", async () => {
    expect((await cutPowerEverywhere({ ignoreFolderSync: true })).losses).toBeGreaterThan(0);
    expect((await cutPowerEverywhere({ ignoreDatasync: true })).losses).toBeGreaterThan(0);
  });
});

describe("damage on the disk", () => {
  test("check names each damaged part and each damaged index", async () => {
    await withFolder(async (root) => {
      const store = await openFolderStore({ root, minPartBytes });
      const parts = [await store.putPart("fsck", 1, first), await store.putPart("fsck", 2, second)];
      await store.complete("fsck", parts);
      const files = (await filesUnder(root)).sort();
      const [index = "", one = "", two = ""] = files;
      const bytes = await readFile(one);
      bytes[700] = (bytes[700] ?? 0) ^ 1;
      await writeFile(one, bytes);
      expect(await store.check("fsck", "length")).toEqual([]);
      expect(await store.check("fsck", "hash")).toMatchObject([{ kind: "hash", partNumber: 1 }]);
      await truncate(one, 9);
      expect(await store.check("fsck", "length")).toMatchObject([{ kind: "length", partNumber: 1 }]);
      expect(await codeOf(() => readAll(store, "fsck"))).toBe("object-damaged");
      await unlink(two);
      expect((await store.check("fsck", "length")).map((finding) => finding.kind)).toEqual([
        "length",
        "missing",
      ]);
      await writeFile(index, "{");
      expect(await store.check("fsck", "length")).toMatchObject([{ kind: "index" }]);
      expect(await codeOf(() => store.openObject("fsck"))).toBe("object-damaged");
      expect(await store.check("nothing", "hash")).toMatchObject([{ kind: "index" }]);
    });
  });

  test("a store opened to read only sweeps and writes nothing", async () => {
    await withFolder(async (root) => {
      const store = await openFolderStore({ root, minPartBytes });
      await store.putObject("a", first);
      await writeFile(join(root, "tmp", "left.tmp"), "x");
      const reader = await openFolderStore({ root, minPartBytes, readOnly: true });
      expect((await readAll(reader, "a"))?.equals(first)).toBe(true);
      expect(await codeOf(() => reader.delete("a"))).toBe("read-only");
      expect(await codeOf(() => reader.putPart("b", 1, first))).toBe("read-only");
      expect(await readdir(join(root, "tmp"))).toEqual(["left.tmp"]);
      const again = await openFolderStore({ root, minPartBytes });
      expect(again.recovered).toEqual({ temporaryFiles: 1, deletedObjects: 0 });
    });
  });

  test("arbitrary and mutated index bytes are refused or equal", () => {
    const parts = [{ number: 1, sizeBytes: 5, sha256: "ab".repeat(32) }];
    const real = encodeIndex("k", parts);
    const mutated = fc.tuple(fc.nat(real.byteLength - 1), fc.nat(255)).map(([at, byte]) => {
      const copy = Buffer.from(real);
      copy[at] = byte;
      return copy;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated), (bytes) => {
        try {
          const index = decodeIndex("k", bytes);
          expect(index.sizeBytes).toBe(index.parts.reduce((sum, part) => sum + part.sizeBytes, 0));
        } catch (error) {
          expect(error).toBeInstanceOf(VaultError);
        }
      }),
      { numRuns: 500 },
    );
    expect(decodeIndex("k", real)).toEqual({ key: "k", sizeBytes: 5, parts });
    expect(() => decodeIndex("other", real)).toThrow(/another object/);
  });
});
