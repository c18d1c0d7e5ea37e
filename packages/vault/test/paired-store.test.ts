// Two stores as one: copies, mending in both directions, and deletes that nothing brings back, with a fault at every call
// and a power cut behind it.
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, readdir, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nodeStoreFs, openFolderStore, pairStores } from "../src/index.ts";
import type { FolderStore, PairedStore, StoreFs } from "../src/index.ts";
import { FaultyFs } from "./faulty-fs.ts";
import type { FaultMode } from "./faulty-fs.ts";
import { PowerCutFs } from "./power-cut-fs.ts";
import { codeOf, readAll } from "./store-suite.ts";

const minPartBytes = 1024;
const head = randomBytes(1500);
const tail = randomBytes(700);
const whole = Buffer.concat([head, tail]);
const wanted = (): Promise<boolean> => Promise.resolve(true);

interface Places {
  readonly first: FolderStore;
  readonly second: FolderStore;
  readonly pair: PairedStore;
  readonly roots: { readonly first: string; readonly second: string };
  readonly completed: string[];
}

async function withPair(act: (places: Places) => Promise<void>, fs: StoreFs = nodeStoreFs): Promise<void> {
  const base = await mkdtemp(join(tmpdir(), "sworn-pair-"));
  try {
    const roots = { first: join(base, "first"), second: join(base, "second") };
    const first = await openFolderStore({ root: roots.first, minPartBytes });
    const second = await openFolderStore({ root: roots.second, minPartBytes, fs });
    const completed: string[] = [];
    await act({
      ...{ first, second, roots, completed },
      pair: pairStores(first, second, (key, sizeBytes) => completed.push(`${key} ${sizeBytes.toString()}`)),
    });
  } finally {
    await rm(base, { recursive: true });
  }
}

async function write(store: FolderStore, key = "a/b"): Promise<void> {
  const parts = [await store.putPart(key, 1, head), await store.putPart(key, 2, tail)];
  await store.complete(key, parts);
}

async function fileOf(root: string, name: string, area = "objects"): Promise<string> {
  const all = await readdir(join(root, area), { recursive: true, withFileTypes: true });
  const found = all.find((entry) => entry.isFile() && entry.name === name);
  if (found === undefined) throw new Error(`no ${name} below ${area}`);
  return join(found.parentPath, found.name);
}

async function flip(path: string, at = 5): Promise<Buffer> {
  const bytes = await readFile(path);
  const damaged = Buffer.from(bytes);
  damaged[at] = (damaged[at] ?? 0) ^ 1;
  await writeFile(path, damaged);
  return damaged;
}

async function hasFiles(root: string, area: string): Promise<boolean> {
  const all = await readdir(join(root, area), { recursive: true, withFileTypes: true }).catch(() => []);
  return all.some((entry) => entry.isFile());
}

describe("a copy", () => {
  test("is asked for when an object is complete, made once, and only of what is complete", () =>
    withPair(async ({ pair, second, completed }) => {
      await pair.putPart("open", 1, head);
      expect(await pair.copy("open")).toBe("absent");
      expect(completed).toEqual([]);
      await write(pair);
      expect(completed).toEqual(["a/b 2200"]);
      expect(await pair.copy("a/b")).toBe("copied");
      expect(await pair.copy("a/b")).toBe("present");
      expect(await readAll(second, "a/b")).toEqual(whole);
      expect(await pair.copy("never")).toBe("absent");
    }));

  test("is never made of damaged bytes", () =>
    withPair(async ({ pair, second, roots }) => {
      await write(pair);
      await flip(await fileOf(roots.first, "part-00002"));
      expect(await pair.copy("a/b")).toBe("differs");
      expect((await second.stat("a/b")).kind).not.toBe("complete");
      expect(await hasFiles(roots.second, "tmp")).toBe(false);
    }));
});

describe("mending", () => {
  const sides = ["first", "second"] as const;
  test.each(sides)("a flipped bit in the %s: put right, and the damaged bytes kept aside", (side) =>
    withPair(async ({ pair, roots, first, second }) => {
      await write(pair);
      await pair.copy("a/b");
      // Somebody reads it: the open file must not be read on when its place was taken.
      const opened = await first.openObject("a/b");
      if (opened.kind !== "object") throw new Error("absent");
      await opened.object.readInto(Buffer.alloc(whole.byteLength), 0);
      const damaged = await flip(await fileOf(roots[side], "part-00001"));
      const settled = await pair.settle("a/b", wanted);
      expect(settled).toMatchObject({
        kind: "settled",
        [side]: {
          findings: [{ kind: "hash", partNumber: 1 }],
          mended: { kind: "mended", parts: 1, sizeBytes: head.byteLength },
        },
      });
      for (const store of [first, second]) expect(await readAll(store, "a/b")).toEqual(whole);
      const target = Buffer.alloc(whole.byteLength);
      await opened.object.readInto(target, 0);
      expect(target).toEqual(whole);
      expect(await readFile(await fileOf(roots[side], "part-00001", "damaged"))).toEqual(damaged);
      expect(await pair.settle("a/b", wanted)).toMatchObject({
        first: { findings: [] },
        second: { findings: [] },
      });
    }),
  );

  test.each(sides)("lost in the %s: a part, the index, a damaged index, everything", (side) =>
    withPair(async ({ pair, roots, first, second }) => {
      await write(pair);
      await pair.copy("a/b");
      const losses = [
        async () => unlink(await fileOf(roots[side], "part-00002")),
        async () => unlink(await fileOf(roots[side], "index.json")),
        async () => writeFile(await fileOf(roots[side], "index.json"), "{"),
        async () => {
          const path = await fileOf(roots[side], "index.json");
          const text = await readFile(path, "utf8");
          // A hash that is a hash, and not this part's.
          await writeFile(
            path,
            text
              .replace(/"sha256":"./, (found) => found.slice(0, -1) + "0")
              .replace(/"sha256":"0./, '"sha256":"01'),
          );
        },
        async () => {
          await rm(join(roots[side], "objects"), { recursive: true });
          await openFolderStore({ root: roots[side], minPartBytes });
        },
      ];
      for (const [at, lose] of losses.entries()) {
        await lose();
        const settled = await pair.settle("a/b", wanted);
        expect(settled, `loss ${at.toString()}`).toMatchObject({ kind: "settled" });
        for (const store of [first, second]) {
          expect(await readAll(store, "a/b"), `loss ${at.toString()}`).toEqual(whole);
          expect(await store.check("a/b", "hash")).toEqual([]);
        }
      }
    }),
  );

  test("different parts damaged in each: both are whole again; the same in both: neither is touched", () =>
    withPair(async ({ pair, roots, first, second }) => {
      await write(pair);
      await pair.copy("a/b");
      await flip(await fileOf(roots.first, "part-00001"));
      await flip(await fileOf(roots.second, "part-00002"));
      await pair.settle("a/b", wanted);
      for (const store of [first, second]) expect(await readAll(store, "a/b")).toEqual(whole);
      const here = await flip(await fileOf(roots.first, "part-00001"), 7);
      const there = await flip(await fileOf(roots.second, "part-00001"), 8);
      expect(await pair.settle("a/b", wanted)).toMatchObject({
        first: { mended: { kind: "unmended" } },
        second: { mended: { kind: "unmended" } },
      });
      expect(await readFile(await fileOf(roots.first, "part-00001"))).toEqual(here);
      expect(await readFile(await fileOf(roots.second, "part-00001"))).toEqual(there);
    }));

  test("nothing is mended that nobody wants", () =>
    withPair(async ({ pair, roots, first }) => {
      await write(pair);
      await pair.copy("a/b");
      await unlink(await fileOf(roots.first, "part-00001"));
      expect(await pair.settle("a/b", () => Promise.resolve(false))).toEqual({ kind: "unwanted" });
      expect(await codeOf(() => readAll(first, "a/b"))).toBe("object-damaged");
    }));
});

/** Holds each append to the second store until it is let go. */
function slowFs(): { fs: StoreFs; reached: Promise<unknown>; letGo: () => void } {
  const reached = Promise.withResolvers<unknown>();
  const gate = Promise.withResolvers<unknown>();
  const fs: StoreFs = {
    ...nodeStoreFs,
    create: async (path, mode) => {
      const file = await nodeStoreFs.create(path, mode);
      return {
        append: async (buffers) => {
          reached.resolve(null);
          await gate.promise;
          await file.append(buffers);
        },
        read: (target, position) => file.read(target, position),
        datasync: () => file.datasync(),
        close: () => file.close(),
      };
    },
  };
  return {
    fs,
    reached: reached.promise,
    letGo: () => {
      gate.resolve(null);
    },
  };
}

describe("a delete", () => {
  test("removes both, and what was kept aside", () =>
    withPair(async ({ pair, roots, first, second }) => {
      await write(pair);
      await pair.copy("a/b");
      await flip(await fileOf(roots.first, "part-00001"));
      await pair.settle("a/b", wanted);
      expect(await hasFiles(roots.first, "damaged")).toBe(true);
      expect(await pair.delete("a/b")).toEqual({ kind: "deleted" });
      for (const store of [first, second]) expect(await store.stat("a/b")).toEqual({ kind: "absent" });
      for (const root of [roots.first, roots.second])
        for (const area of ["damaged", "trash", "tmp"]) expect(await hasFiles(root, area)).toBe(false);
      expect(await pair.settle("a/b", wanted)).toEqual({ kind: "absent" });
      expect(await pair.copy("a/b")).toBe("absent");
    }));

  test("that comes in the middle of a copy wins: nothing of it is left", async () => {
    const slow = slowFs();
    await withPair(async ({ pair, first, second, roots }) => {
      await write(pair);
      const copying = pair.copy("a/b");
      await slow.reached;
      const deleting = pair.delete("a/b");
      slow.letGo();
      expect(await copying).toBe("absent");
      await deleting;
      for (const store of [first, second]) expect(await store.stat("a/b")).toEqual({ kind: "absent" });
      expect(await hasFiles(roots.second, "tmp")).toBe(false);
      expect(await pair.copy("a/b")).toBe("absent");
    }, slow.fs);
  });

  test("that the second store refuses has not begun: the first still has it, and the next one ends it", async () => {
    const fs = new FaultyFs(nodeStoreFs);
    await withPair(async ({ pair, first, second }) => {
      await write(pair);
      await pair.copy("a/b");
      fs.arm({ at: 0, mode: "did-not-happen", code: "EIO", calls: ["rename"] });
      expect(await codeOf(() => pair.delete("a/b"))).toBe("store-io");
      expect(await readAll(first, "a/b")).toEqual(whole);
      fs.arm(undefined);
      await pair.delete("a/b");
      for (const store of [first, second]) expect(await store.stat("a/b")).toEqual({ kind: "absent" });
    }, fs);
  });
});

const modes: readonly FaultMode[] = ["did-not-happen", "happened-but-failed"];

/** Two stores on disks in memory; opens them again as after a restart. */
async function onDisks(disk: StoreFs, other: StoreFs): Promise<Omit<Places, "roots" | "completed">> {
  const first = await openFolderStore({ root: "/one/objects", minPartBytes, fs: disk });
  const second = await openFolderStore({ root: "/two/objects", minPartBytes, fs: other });
  return { first, second, pair: pairStores(first, second, () => undefined) };
}

async function damageOnDisk(store: FolderStore, disk: PowerCutFs): Promise<void> {
  const stat = await store.stat("a/b");
  if (stat.kind !== "complete") throw new Error("not complete");
  for (const shard of await disk.names("/one/objects/objects"))
    for (const name of await disk.names(join("/one/objects/objects", shard)))
      await disk.unlink(join("/one/objects/objects", shard, name, "part-00001"));
}

test.each(modes)(
  "a fault at every call of a mending, then a power cut: the next one ends it (%s)",
  async (mode) => {
    let reached = 0;
    for (let at = 0; ; at += 1) {
      const [disk, other] = [new PowerCutFs(), new PowerCutFs()];
      const fs = new FaultyFs(disk);
      const { pair, first } = await onDisks(fs, other);
      await write(pair);
      await pair.copy("a/b");
      await damageOnDisk(first, disk);
      fs.arm({ at, mode, code: "EIO" });
      await codeOf(() => pair.settle("a/b", wanted));
      if (fs.failed === undefined) break;
      reached += 1;
      disk.cutPower();
      other.cutPower();
      const again = await onDisks(disk, other);
      expect(await readAll(again.second, "a/b")).toEqual(whole);
      await again.pair.settle("a/b", wanted);
      expect(await readAll(again.first, "a/b"), `call ${at.toString()}`).toEqual(whole);
    }
    expect(reached).toBeGreaterThan(15);
  },
  60_000,
);

test.each(modes)(
  "a fault at every call of a copy or a delete, on either disk, then a power cut (%s)",
  async (mode) => {
    let reached = 0;
    for (const broken of ["first", "second"] as const) {
      for (const act of ["copy", "delete"] as const) {
        for (let at = 0; ; at += 1) {
          const disks = { first: new PowerCutFs(), second: new PowerCutFs() };
          const fs = new FaultyFs(disks[broken]);
          const { pair } = await onDisks(
            broken === "first" ? fs : disks.first,
            broken === "second" ? fs : disks.second,
          );
          await write(pair);
          if (act === "delete") await pair.copy("a/b");
          fs.arm({ at, mode, code: "EIO" });
          const code = await codeOf(() => pair[act]("a/b"));
          if (fs.failed === undefined) break;
          reached += 1;
          for (const disk of Object.values(disks)) disk.cutPower();
          const again = await onDisks(disks.first, disks.second);
          const said = `${broken} ${act} ${at.toString()} ${fs.failed}`;
          if (act === "copy") {
            expect(await readAll(again.first, "a/b"), said).toEqual(whole);
            await again.pair.copy("a/b");
            expect(await readAll(again.second, "a/b"), said).toEqual(whole);
          } else if (code === "accepted") {
            for (const store of [again.first, again.second])
              expect(await store.stat("a/b"), said).toEqual({ kind: "absent" });
          } else {
            // Never gone in the first while the second has it: that would look like a loss, to be put right.
            const kinds = [(await again.first.stat("a/b")).kind, (await again.second.stat("a/b")).kind];
            expect(kinds, said).not.toEqual(["absent", "complete"]);
            await again.pair.delete("a/b");
            for (const store of [again.first, again.second])
              expect(await store.stat("a/b")).toEqual({ kind: "absent" });
          }
        }
      }
    }
    expect(reached).toBeGreaterThan(40);
  },
  60_000,
);
