import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { growTree, rootFromEntryBundles, verifyLog } from "../src/index.ts";
import { flipBit, hex, leafHashes, logOf, sha256 } from "./log-fixture.ts";
import type { MemoryLog } from "./log-fixture.ts";

function check(log: MemoryLog, entries = true) {
  const { size, root, readTile } = log;
  return verifyLog({ sha256, size, root, readTile, entries });
}

/** The files that the tree of the log's size consists of, without partial tiles of earlier sizes. */
async function logAtOnce(size: number): Promise<MemoryLog> {
  return logOf(size);
}

describe("verifyLog", () => {
  it("accepts whole logs of any size, with tiles only or with entries", async () => {
    for (const size of [0, 1, 255, 256, 257, 511, 512, 70_000]) {
      const log = await logAtOnce(size);
      expect(await check(log), String(size)).toEqual({ ok: true });
      expect(await check(log, false), String(size)).toEqual({ ok: true });
    }
  });

  it("names the one file in which any bit was flipped", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1500 }), fc.nat(), fc.nat(), async (size, pick, bit) => {
        const log = await logAtOnce(size);
        const paths = [...log.files.keys()];
        const path = paths[pick % paths.length] ?? "";
        log.files.set(path, flipBit(log.files.get(path) ?? new Uint8Array(), bit));
        const verdict = await check(log);
        expect(verdict.ok).toBe(false);
        expect(verdict.ok ? [] : verdict.findings.map((finding) => finding.path)).toEqual([path]);
      }),
      { numRuns: 80 },
    );
  });

  it("names the one file that is missing, cut short or unreadable", async () => {
    const log = await logAtOnce(700);
    for (const path of log.files.keys()) {
      for (const [fault, answer] of [
        ["missing", () => Promise.resolve(undefined)],
        ["malformed", () => Promise.resolve(log.files.get(path)?.slice(0, -1))],
        ["unreadable", () => Promise.reject(new Error("disk"))],
      ] as const) {
        const readTile = (asked: string) => (asked === path ? answer() : log.readTile(asked));
        expect(await check({ ...log, readTile })).toMatchObject({ ok: false, findings: [{ path, fault }] });
      }
    }
  });

  it("names a flipped hash tile even without the entries, unless nothing is left to prove it", async () => {
    const size = 65_536 + 700;
    const log = await logAtOnce(size);
    for (const path of ["tile/0/000", "tile/0/255", "tile/1/000", "tile/1/001.p/2", "tile/2/000.p/1"]) {
      const sound = log.files.get(path) ?? new Uint8Array();
      log.files.set(path, flipBit(sound, 77));
      const verdict = await check(log, false);
      expect(verdict.ok ? [] : verdict.findings.map((finding) => [finding.path, finding.fault])).toEqual([
        [path, "altered"],
      ]);
      log.files.set(path, sound);
    }
    log.files.set("tile/0/258.p/188", flipBit(log.files.get("tile/0/258.p/188") ?? new Uint8Array(), 5));
    expect(await check(log, false)).toMatchObject({
      ok: false,
      findings: [{ path: "tile/0/258.p/188", fault: "unverifiable" }],
    });
    expect(await check(log)).toMatchObject({
      findings: [{ path: "tile/0/258.p/188", fault: "altered", position: 0 }],
    });
  });

  it("says where the first wrong entry stands", async () => {
    const log = await logAtOnce(300);
    const bundle = log.files.get("tile/entries/001.p/44")?.slice() ?? new Uint8Array();
    // Each entry here is two bytes of length and eight of text.
    bundle[10 * 7 + 5] = 0;
    log.files.set("tile/entries/001.p/44", bundle);
    expect(await check(log)).toMatchObject({
      findings: [{ path: "tile/entries/001.p/44", fault: "altered", position: 7 }],
    });
  });

  it("says what it could not check where a tile and what is below it are both wrong", async () => {
    const log = await logAtOnce(600);
    for (const path of ["tile/0/001", "tile/entries/001"]) {
      log.files.set(path, flipBit(log.files.get(path) ?? new Uint8Array(), 4100));
    }
    const verdict = await check(log);
    expect(verdict.ok ? [] : verdict.findings.map((finding) => [finding.path, finding.fault])).toEqual([
      ["tile/0/001", "altered"],
      ["tile/0/001", "unverifiable"],
    ]);
  });

  it("blames the checkpoint where every file agrees on another root", async () => {
    for (const size of [0, 1, 256, 300]) {
      const log = await logAtOnce(size);
      log.root = flipBit(log.root, 9);
      expect(await check(log)).toMatchObject({
        ok: false,
        findings: [{ path: "checkpoint", fault: "altered" }],
      });
    }
  });
});

describe("rootFromEntryBundles", () => {
  it("gives the root of the tree at every size that was signed", async () => {
    const log = await logOf(3, 254, 300);
    for (const size of [0, 3, 257, 557]) {
      const { root } = await growTree({
        sha256,
        oldSize: 0,
        oldRoot: (await logAtOnce(0)).root,
        readTile: log.readTile,
        leafHashes: leafHashes(size),
      });
      const verdict = await rootFromEntryBundles({ sha256, size, readTile: log.readTile });
      expect(verdict.ok && hex(verdict.root)).toBe(hex(root));
    }
  });

  it("names the bundle that is missing or malformed", async () => {
    const log = await logAtOnce(300);
    log.files.set("tile/entries/001.p/44", new Uint8Array(3));
    expect(await rootFromEntryBundles({ sha256, size: 300, readTile: log.readTile })).toMatchObject({
      ok: false,
      reason: "tile-malformed",
      message: expect.stringContaining("tile/entries/001.p/44") as string,
    });
    log.files.delete("tile/entries/000");
    expect(await rootFromEntryBundles({ sha256, size: 300, readTile: log.readTile })).toMatchObject({
      ok: false,
      reason: "tile-unavailable",
      message: expect.stringContaining("tile/entries/000") as string,
    });
  });
});
