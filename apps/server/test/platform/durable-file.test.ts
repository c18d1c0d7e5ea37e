// Durable files: old or new and never a mixture, the syncs in their order, and no file left over by a failure.
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  diskSteps,
  makeFolderDurably,
  removeDurably,
  writeDurably,
  writeNewDurably,
  type DurableSteps,
} from "../../src/platform/durable-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sworn-durable-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const names = ["write", "syncFile", "closeFile", "place", "syncFolder"] as const;

/** Real steps that note their order; one may fail, before or after it took effect. */
function watched(
  order: string[],
  failing?: (typeof names)[number],
  effect: "before" | "after" = "before",
): DurableSteps {
  const wrap =
    <A extends unknown[]>(name: (typeof names)[number], step: (...args: A) => Promise<void>) =>
    async (...args: A): Promise<void> => {
      order.push(name);
      if (name === failing && effect === "before") throw new Error(`${name} failed`);
      await step(...args);
      if (name === failing) throw new Error(`${name} reported as failed`);
    };
  return {
    write: wrap("write", diskSteps.write.bind(diskSteps)),
    syncFile: wrap("syncFile", diskSteps.syncFile.bind(diskSteps)),
    closeFile: wrap("closeFile", diskSteps.closeFile.bind(diskSteps)),
    place: wrap("place", diskSteps.place.bind(diskSteps)),
    syncFolder: wrap("syncFolder", diskSteps.syncFolder.bind(diskSteps)),
  };
}

describe("writeDurably", () => {
  it("syncs the file before its name appears and the folder after", async () => {
    const order: string[] = [];
    const path = join(folder, "checkpoint");
    await writeDurably(path, "one", { steps: watched(order) });
    expect(order).toEqual([...names]);
    expect(readFileSync(path, "utf8")).toBe("one");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.each(names.flatMap((name) => [[name, "before"] as const, [name, "after"] as const]))(
    "leaves the old file or the new one whole when %s fails (%s it took effect)",
    async (name, effect) => {
      const path = join(folder, "checkpoint");
      await writeDurably(path, "old");
      const order: string[] = [];
      await expect(writeDurably(path, "new!", { steps: watched(order, name, effect) })).rejects.toMatchObject(
        {
          code: "durable-write-failed",
        },
      );
      const replaced = name === "syncFolder" || (name === "place" && effect === "after");
      expect(readFileSync(path, "utf8")).toBe(replaced ? "new!" : "old");
      expect(readdirSync(folder)).toEqual(["checkpoint"]);
      // A failed sync is never tried again: the pages may be gone, and a second sync would report success.
      expect(new Set(order).size).toBe(order.length);
    },
  );

  it("lets many writers of one name end with one of their files", async () => {
    const path = join(folder, "contended");
    const texts = Array.from({ length: 20 }, (_, index) => `text ${index.toString()}`.repeat(1000));
    await Promise.all(texts.map((text) => writeDurably(path, text)));
    expect(texts).toContain(readFileSync(path, "utf8"));
    expect(readdirSync(folder)).toEqual(["contended"]);
  });
});

describe("writeNewDurably", () => {
  it("lets one of many win and changes nothing for the rest", async () => {
    const path = join(folder, "tile");
    const outcomes = await Promise.all(["a", "b", "c"].map((text) => writeNewDurably(path, text)));
    expect(outcomes.sort()).toEqual(["exists", "exists", "written"]);
    const kept = readFileSync(path, "utf8");
    expect(await writeNewDurably(path, "other")).toBe("exists");
    expect(readFileSync(path, "utf8")).toBe(kept);
    expect(readdirSync(folder)).toEqual(["tile"]);
  });
});

describe("a new name and a removal", () => {
  it.each(names.flatMap((name) => [[name, "before"] as const, [name, "after"] as const]))(
    "leave nothing half there when %s fails (%s it took effect), and can be done again",
    async (name, effect) => {
      const path = join(folder, "tile");
      const steps = watched([], name, effect);
      // Placing a new name is a step of its own, which `steps` cannot replace.
      if (name !== "place") {
        await expect(writeNewDurably(path, "first", { steps })).rejects.toMatchObject({
          code: "durable-write-failed",
        });
        const left = readdirSync(folder);
        expect(left).toEqual(name === "syncFolder" ? ["tile"] : []);
      }
      const again = await writeNewDurably(path, "first");
      expect(again).toBe(name === "syncFolder" ? "exists" : "written");
      expect(readFileSync(path, "utf8")).toBe("first");
      const removed = removeDurably(path, steps);
      if (name === "syncFolder")
        await expect(removed).rejects.toMatchObject({ code: "durable-write-failed" });
      else await removed;
      await removeDurably(path);
      expect(readdirSync(folder)).toEqual([]);
    },
  );
});

it.each(["before", "after"] as const)(
  "takes no folder for durable whose sync failed (%s it took effect)",
  async (effect) => {
    for (let failing = 0; failing < 3; failing += 1) {
      const base = mkdtempSync(join(folder, "base-"));
      const deep = join(base, "a", "b");
      const synced: string[] = [];
      let calls = 0;
      const syncFolder = async (path: string): Promise<void> => {
        const fails = calls === failing;
        calls += 1;
        if (!fails || effect === "after") await diskSteps.syncFolder(path);
        if (fails) throw new Error("EIO");
        synced.push(path);
      };
      // What the base is in, the base with "a" in it, "a" with "b" in it.
      const first = await makeFolderDurably(deep, 0o700, { syncFolder }).catch((error: unknown) => error);
      expect(first).toMatchObject({ code: "durable-write-failed" });
      await makeFolderDurably(deep, 0o700, { syncFolder });
      expect(synced).toContain(base);
      expect(synced).toContain(join(base, "a"));
      const before = synced.length;
      await makeFolderDurably(deep, 0o700, { syncFolder });
      expect(synced).toHaveLength(before);
    }
  },
);

it("makes folders beneath each other and removes files, each only once", async () => {
  const deep = join(folder, "a", "b", "c");
  await makeFolderDurably(deep);
  await makeFolderDurably(deep);
  await writeDurably(join(deep, "f"), new Uint8Array([1]));
  await removeDurably(join(deep, "f"));
  await removeDurably(join(deep, "f"));
  expect(readdirSync(deep)).toEqual([]);
  await writeDurably(join(folder, "file"), "x");
  await expect(makeFolderDurably(join(folder, "file", "below"))).rejects.toMatchObject({
    code: "durable-write-failed",
  });
});
