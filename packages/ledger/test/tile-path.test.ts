import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changedEntryBundles, changedTiles, LedgerError, parseTilePath, tilePath } from "../src/index.ts";

const tile = fc.record({
  level: fc.oneof(fc.integer({ min: 0, max: 63 }), fc.constant("entries" as const)),
  index: fc.oneof(fc.nat({ max: 3000 }), fc.maxSafeNat()),
  width: fc.integer({ min: 1, max: 256 }),
});

describe("tile paths", () => {
  it("are those of c2sp.org/tlog-tiles", () => {
    expect(tilePath({ level: 0, index: 1_234_067, width: 256 })).toBe("tile/0/x001/x234/067");
    expect(tilePath({ level: 0, index: 0, width: 256 })).toBe("tile/0/000");
    expect(tilePath({ level: 63, index: 999, width: 255 })).toBe("tile/63/999.p/255");
    expect(tilePath({ level: "entries", index: 1000, width: 1 })).toBe("tile/entries/x001/000.p/1");
  });

  it("and coordinates stand for each other", () => {
    fc.assert(
      fc.property(tile, (coordinate) => {
        expect(parseTilePath(tilePath(coordinate))).toEqual({ ok: true, value: coordinate });
      }),
    );
  });

  it("in any other spelling are refused", () => {
    const wrong = [
      "",
      "tile/0/0",
      "tile/0/00",
      "tile/0/0000",
      "tile/00/000",
      "tile/01/000",
      "tile/64/000",
      "tile/-1/000",
      "tile/data/000",
      "tile/0/x000/001",
      "tile/0/001/002",
      "tile/0/x001",
      "tile/0/x001/x002",
      "tile/0/000.p/0",
      "tile/0/000.p/256",
      "tile/0/000.p/01",
      "tile/0/000.p/",
      "tile/0/000/",
      "/tile/0/000",
      "tile/0/000\n",
      "tile/0/../0/000",
      "tile/0/x999/x999/x999/x999/x999/999",
      `tile/0/${"x001/".repeat(40)}001`,
      "tile/0/٠٠٠",
    ];
    for (const path of wrong) {
      expect(parseTilePath(path), path).toMatchObject({ ok: false, code: "malformed-tile-path" });
    }
  });

  it("given anything, answer, and only with what tilePath gives back", () => {
    const pieces = fc.constantFrom("tile", "/", "0", "x", "00", "entries", "123", ".p/", "9", "x001/");
    const paths = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 10 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(paths, (path) => {
        const parsed = parseTilePath(path);
        if (parsed.ok) expect(tilePath(parsed.value)).toBe(path);
      }),
      { numRuns: 500 },
    );
  });

  it("of tiles that cannot be are refused with the package's error", () => {
    for (const [level, index, width] of [
      [64, 0, 1],
      [0, -1, 1],
      [0, 0, 0],
      [0, 0, 257],
      [0.5, 0, 1],
    ] as const) {
      expect(() => tilePath({ level, index, width })).toThrow(LedgerError);
    }
  });
});

describe("changedTiles", () => {
  it("lists what a tree has and its smaller self had not", () => {
    expect(changedTiles(0, 0)).toEqual([]);
    expect(changedTiles(5, 5)).toEqual([]);
    expect(changedTiles(0, 1).map(tilePath)).toEqual(["tile/0/000.p/1"]);
    expect(changedTiles(255, 257).map(tilePath)).toEqual(["tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"]);
    expect(changedTiles(256, 300).map(tilePath)).toEqual(["tile/0/001.p/44"]);
    expect(changedEntryBundles(255, 257).map(tilePath)).toEqual(["tile/entries/000", "tile/entries/001.p/1"]);
  });

  it("counts the tiles of the example in c2sp.org/tlog-tiles", () => {
    const tiles = changedTiles(0, 70_000);
    const full = (level: number) => tiles.filter((one) => one.level === level && one.width === 256).length;
    expect([full(0), full(1), full(2), tiles.length]).toEqual([273, 1, 0, 277]);
  });

  it("handles sizes beyond 32 bits", () => {
    const size = 2 ** 40 + 1;
    expect(changedTiles(size - 1, size).map(tilePath)).toEqual(["tile/0/x004/x294/x967/296.p/1"]);
  });

  it("refuses a log that shrinks", () => {
    expect(() => changedTiles(2, 1)).toThrow(LedgerError);
    expect(() => changedTiles(-1, 1)).toThrow(LedgerError);
  });
});
