// Files that stay open between reads: bounded, let go when idle, and gone with their object.
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readlink, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  nodeStoreFs,
  openFolderStore,
  type FolderStore,
  type StoreFile,
  type StoreFs,
} from "../src/index.ts";
import { OpenParts } from "../src/store/open-parts.ts";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sworn-open-parts-"));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

/** Counts what is open, and can hold reads back. */
function countingFs(): StoreFs & { open: Set<string>; most: number; openings: number; gate: Promise<void> } {
  const fs = {
    ...nodeStoreFs,
    open: new Set<string>(),
    most: 0,
    openings: 0,
    gate: Promise.resolve(),
    async openRead(path: string): Promise<StoreFile> {
      const file = await nodeStoreFs.openRead(path);
      fs.openings += 1;
      fs.open.add(path);
      fs.most = Math.max(fs.most, fs.open.size);
      return {
        append: (buffers) => file.append(buffers),
        datasync: () => file.datasync(),
        async read(target, positionBytes) {
          await fs.gate;
          return file.read(target, positionBytes);
        },
        async close() {
          fs.open.delete(path);
          await file.close();
        },
      };
    },
  };
  return fs;
}

async function objectOf(store: FolderStore, key: string, bytes: Buffer) {
  await store.putObject(key, bytes);
  const opened = await store.openObject(key);
  if (opened.kind === "absent") throw new Error(`${key} is absent`);
  return opened.object;
}

/** Paths that this process has open under the folder; what was removed is shown as deleted. */
async function openPaths(): Promise<string[]> {
  const names = await readdir("/proc/self/fd");
  const links = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => "")));
  return links.filter((link) => link.startsWith(root));
}

describe("open parts", () => {
  it("are opened once for many reads, and never more than the bound", async () => {
    const fs = countingFs();
    const store = await openFolderStore({ root });
    const bytes = Array.from({ length: 6 }, () => randomBytes(1_000));
    for (const [index, one] of bytes.entries()) await store.putPart("a", index + 1, one);
    const parts = new OpenParts(fs, { mostOpen: 3 });
    const [folder = ""] = await readdir(join(root, "objects")).then(async (shards) =>
      (
        await Promise.all(
          shards.map(async (shard) =>
            (await readdir(join(root, "objects", shard))).map((name) => join(root, "objects", shard, name)),
          ),
        )
      ).flat(),
    );
    const read = async (number: number): Promise<void> => {
      const target = Buffer.alloc(100);
      const path = join(folder, `part-${String(number).padStart(5, "0")}`);
      expect(await parts.read(path, target, 50)).toBe(100);
      expect(target.equals(bytes[number - 1]?.subarray(50, 150) ?? Buffer.alloc(0))).toBe(true);
    };
    for (let turn = 0; turn < 20; turn += 1) await read(1 + (turn % 3));
    expect(fs.openings).toBe(3);
    for (let turn = 0; turn < 30; turn += 1) await read(1 + (turn % 6));
    await expect.poll(() => [parts.size, fs.open.size]).toEqual([3, 3]);
    expect(fs.most).toBeLessThanOrEqual(4);
    await parts.forget(folder);
    expect([parts.size, fs.open.size]).toEqual([0, 0]);
  });

  it("are closed when nobody reads them", async () => {
    const fs = countingFs();
    const store = await openFolderStore({ root });
    await store.putObject("a", randomBytes(10));
    const parts = new OpenParts(fs, { idleMs: 40 });
    const opened = await store.stat("a");
    expect(opened.kind).toBe("complete");
    const shards = await readdir(join(root, "objects"), { recursive: true });
    const path = join(root, "objects", shards.find((name) => name.endsWith("part-00001")) ?? "");
    await parts.read(path, Buffer.alloc(10), 0);
    expect(fs.open.size).toBe(1);
    await expect.poll(() => [parts.size, fs.open.size]).toEqual([0, 0]);
    await parts.read(path, Buffer.alloc(10), 0);
    expect(fs.openings).toBe(2);
    await parts.forget(join(path, ".."));
  });

  it("ask again after a failure", async () => {
    const parts = new OpenParts(nodeStoreFs);
    const path = join(root, "later");
    await expect(parts.read(path, Buffer.alloc(1), 0)).rejects.toMatchObject({ code: "ENOENT" });
    await expect.poll(() => parts.size).toBe(0);
    const file = await nodeStoreFs.create(path, 0o600);
    await file.append([Buffer.from("x")]);
    await file.close();
    expect(await parts.read(path, Buffer.alloc(1), 0)).toBe(1);
    await parts.forget(root);
  });
});

describe("a store that reads ranges", () => {
  it("fills across the borders of parts, and refuses what lies outside", async () => {
    const store = await openFolderStore({ root, minPartBytes: 1 });
    const bytes = randomBytes(700);
    const parts = [];
    for (const [number, from, to] of [
      [1, 0, 300],
      [2, 300, 301],
      [3, 301, 700],
    ] as const)
      parts.push(await store.putPart("a", number, bytes.subarray(from, to)));
    await store.complete("a", parts);
    const opened = await store.openObject("a");
    if (opened.kind === "absent") throw new Error("absent");
    for (const [from, length] of [
      [0, 700],
      [299, 3],
      [300, 1],
      [301, 399],
      [700, 0],
      [10, 0],
    ] as const) {
      const target = Buffer.alloc(length);
      await opened.object.readInto(target, from);
      expect(target.equals(bytes.subarray(from, from + length))).toBe(true);
    }
    for (const [from, length] of [
      [699, 2],
      [-1, 1],
      [0.5, 1],
    ] as const)
      await expect(opened.object.readInto(Buffer.alloc(length), from)).rejects.toMatchObject({
        code: "bad-argument",
      });
  });

  it("holds nothing of a deleted object open, a read in hand included", async () => {
    const fs = countingFs();
    const store = await openFolderStore({ root, fs });
    const bytes = randomBytes(5_000);
    const object = await objectOf(store, "a", bytes);
    await object.readInto(Buffer.alloc(10), 0);
    expect((await openPaths()).some((path) => path.endsWith("part-00001"))).toBe(true);
    let letGo = (): void => undefined;
    fs.gate = new Promise((resolve) => (letGo = resolve));
    const target = Buffer.alloc(5_000);
    const reading = object.readInto(target, 0);
    const deleting = store.delete("a");
    setTimeout(letGo, 30);
    await deleting;
    await reading;
    expect(target.equals(bytes)).toBe(true);
    expect(await openPaths()).toEqual([]);
    await expect(object.readInto(Buffer.alloc(10), 0)).rejects.toMatchObject({ code: "object-damaged" });
    await store.putObject("a", Buffer.from("another"));
    const again = await store.openObject("a");
    if (again.kind === "absent") throw new Error("absent");
    const other = Buffer.alloc(7);
    await again.object.readInto(other, 0);
    expect(other.toString()).toBe("another");
    await store.delete("a");
  });

  it("finds a part that was cut short", async () => {
    const store = await openFolderStore({ root });
    const object = await objectOf(store, "a", randomBytes(100));
    const names = await readdir(join(root, "objects"), { recursive: true });
    const path = join(root, "objects", names.find((name) => name.endsWith("part-00001")) ?? "");
    await truncate(path, 50);
    await expect(object.readInto(Buffer.alloc(100), 0)).rejects.toMatchObject({ code: "object-damaged" });
    await store.delete("a");
  });
});
