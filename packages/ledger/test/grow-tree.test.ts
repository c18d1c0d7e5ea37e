import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { growEntryBundles, growTree, LedgerError, rootOfLeafHashes, tileWidth } from "../src/index.ts";
import { append, emptyLog, flipBit, hex, leafHashes, leaves, logOf, sha256 } from "./log-fixture.ts";

describe("growTree", () => {
  it("gives the same tiles and root in any batches as built at once", async () => {
    const batches = fc.array(fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 700 })), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(batches, async (counts) => {
        const grown = await logOf(...counts);
        const atOnce = await logOf(counts.reduce((sum, count) => sum + count, 0));
        expect(hex(grown.root)).toBe(hex(atOnce.root));
        expect(hex(grown.root)).toBe(hex(rootOfLeafHashes(sha256, leafHashes(grown.size))));
        for (const [path, bytes] of atOnce.files)
          expect(hex(grown.files.get(path) ?? new Uint8Array())).toBe(hex(bytes));
      }),
      { numRuns: 30 },
    );
  });

  it("crosses into the second tile level and back down", async () => {
    const log = await logOf(65_530, 5, 1, 1);
    expect(log.size).toBe(65_537);
    expect(hex(log.root)).toBe(hex(rootOfLeafHashes(sha256, leafHashes(65_537))));
    expect(log.files.get("tile/2/000.p/1")).toHaveLength(32);
    expect(log.files.get("tile/1/000")).toHaveLength(8192);
    expect(log.files.get("tile/0/256.p/1")).toHaveLength(32);
  });

  it("never overwrites a file with other bytes", async () => {
    const log = emptyLog();
    const seen = new Map<string, string>();
    for (const count of [3, 250, 3, 1, 255, 300]) {
      await append(log, count);
      for (const [path, bytes] of log.files) {
        expect(seen.get(path) ?? hex(bytes)).toBe(hex(bytes));
        seen.set(path, hex(bytes));
      }
    }
  });

  it("refuses to build on damaged tiles, whichever bit of the right edge was flipped", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 900 }), fc.nat(), fc.nat(), async (size, pick, bit) => {
        const log = await logOf(size);
        const edge = [...log.files.keys()].filter(
          (path) => path.includes(".p/") && !path.includes("entries"),
        );
        fc.pre(edge.length > 0);
        const path = edge[pick % edge.length] ?? "";
        log.files.set(path, flipBit(log.files.get(path) ?? new Uint8Array(), bit));
        await expect(append(log, 1)).rejects.toMatchObject({ code: "root-mismatch" });
      }),
      { numRuns: 40 },
    );
  });

  it("names the tile that is missing, cut short or unreadable", async () => {
    const log = await logOf(300);
    const { size: oldSize, root: oldRoot } = log;
    const grow = (readTile: typeof log.readTile) =>
      growTree({ sha256, oldSize, oldRoot, readTile, leafHashes: leafHashes(1) });
    const lacking = grow((path) => (path.includes("p/44") ? Promise.resolve(undefined) : log.readTile(path)));
    await expect(lacking).rejects.toMatchObject({
      code: "tile-unavailable",
      message: "tile/0/001.p/44 is missing",
    });
    await expect(grow(() => Promise.resolve(new Uint8Array(31)))).rejects.toMatchObject({
      code: "tile-malformed",
    });
    const failure = new Error("disk");
    await expect(grow(() => Promise.reject(failure))).rejects.toMatchObject({
      code: "tile-unavailable",
      cause: failure,
    });
  });

  it("reads a partial tile out of the full one that replaced it", async () => {
    const log = await logOf(10, 400);
    for (const path of [...log.files.keys()]) if (path.includes("/000.p/10")) log.files.delete(path);
    const root = rootOfLeafHashes(sha256, leafHashes(10));
    const grown = await growTree({
      sha256,
      oldSize: 10,
      oldRoot: root,
      readTile: log.readTile,
      leafHashes: leafHashes(12).slice(10),
    });
    expect(hex(grown.root)).toBe(hex(rootOfLeafHashes(sha256, leafHashes(12))));
    const [bundle] = await growEntryBundles({
      oldSize: 10,
      readTile: log.readTile,
      entries: leaves(12).slice(10),
    });
    expect(bundle?.path).toBe("tile/entries/000.p/12");
  });

  it("refuses impossible arguments with its own error", async () => {
    const { readTile, root: oldRoot } = emptyLog();
    for (const oldSize of [-1, 0.5, Number.NaN, 2 ** 53]) {
      await expect(growTree({ sha256, oldSize, oldRoot, readTile, leafHashes: [] })).rejects.toBeInstanceOf(
        LedgerError,
      );
    }
    await expect(
      growTree({ sha256, oldSize: 0, oldRoot, readTile, leafHashes: [new Uint8Array(31)] }),
    ).rejects.toMatchObject({ code: "invalid-argument" });
    const huge = [new Uint8Array(65_536)];
    await expect(growEntryBundles({ oldSize: 0, readTile, entries: huge })).rejects.toMatchObject({
      code: "invalid-argument",
    });
  });

  it("appending nothing writes nothing", async () => {
    const log = await logOf(300);
    const before = log.files.size;
    const root = hex(log.root);
    await append(log, 0);
    expect(log.files.size).toBe(before);
    expect(hex(log.root)).toBe(root);
  });
});

describe("the example of c2sp.org/tlog-tiles", () => {
  it("a tree of 70,000: 273 full tiles, then widths 112, 256 and 17, and 1", () => {
    expect([tileWidth(70_000, 0, 272), tileWidth(70_000, 0, 273), tileWidth(70_000, 0, 274)]).toEqual([
      256, 112, 0,
    ]);
    expect([tileWidth(70_000, 1, 0), tileWidth(70_000, 1, 1), tileWidth(70_000, 2, 0)]).toEqual([256, 17, 1]);
    expect([tileWidth(256, 0, 0), tileWidth(256, 1, 0)]).toEqual([256, 1]);
  });
});
