// What was done to the file of a recording is named: altered, moved, repeated, foreign, missing.
import { rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Overall, type Report, verifyExport } from "../src/index.ts";
import {
  type BuiltExport,
  type Files,
  buildExport,
  changed,
  checkOf,
  failing,
  joined,
  makePart,
  withFolder,
  verifyFiles,
} from "./build-export.ts";
import { type Force, newForce } from "./force-fixture.ts";

let met: Force;
let built: BuiltExport;

beforeAll(async () => {
  met = await newForce();
  built = await buildExport(met);
});

const verify = (files: Files): Promise<Report> => verifyFiles(met, files);
const partAt = (index: number): Uint8Array => {
  const part = built.parts[index];
  if (!part) throw new Error(`no part ${index}`);
  return part;
};
const withParts = (parts: readonly Uint8Array[]): Files => changed(built, { "recording.mp4": joined(parts) });

describe("the file", () => {
  it("with one part changed names its seconds", async () => {
    const bytes = joined(built.parts);
    const at = joined(built.parts.slice(0, 3)).length + 50;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    const report = await verify(changed(built, { "recording.mp4": bytes }));
    expect(report).toMatchObject({
      overall: "altered",
      alteredRanges: [{ fromMs: 4000, toMs: 6000, parts: [3] }],
      authenticUntilMs: 4000,
    });
    expect(checkOf(report, "parts")?.parts).toMatchObject([{ index: 3, state: "altered", fromMs: 4000 }]);
    expect(report.sentence).toContain("0:04 to 0:06");
    expect(failing(report)).toEqual(["parts", "identity"]);
  });

  it("with a changed init segment cannot be relied on at all", async () => {
    const report = await verify(withParts([makePart(0), ...built.parts.slice(1)]));
    expect(report).toMatchObject({
      overall: "altered",
      alteredRanges: [{ fromMs: 0, toMs: 12_000 }],
      authenticUntilMs: null,
    });
  });

  const cases: [string, (parts: readonly Uint8Array[]) => Uint8Array[], Overall, object][] = [
    [
      "a part swapped with its neighbour",
      (p) => [...p.slice(0, 2), partAt(3), partAt(2), ...p.slice(4)],
      "altered",
      { state: "moved" },
    ],
    [
      "a part twice",
      (p) => [...p.slice(0, 3), partAt(2), ...p.slice(3)],
      "altered",
      { state: "repeated", index: 2 },
    ],
    [
      "a foreign part put in",
      (p) => [...p.slice(0, 3), makePart(99), ...p.slice(3)],
      "altered",
      { state: "foreign" },
    ],
    [
      "a part replaced by a longer one",
      (p) => [...p.slice(0, 3), makePart(99), ...p.slice(4)],
      "altered",
      { state: "altered", index: 3 },
    ],
    [
      "a part left out",
      (p) => [...p.slice(0, 3), ...p.slice(4)],
      "incomplete",
      { state: "missing", index: 3 },
    ],
    ["the last part left out", (p) => p.slice(0, -1), "incomplete", { state: "missing", index: 6 }],
    [
      "the last part cut",
      (p) => [...p.slice(0, -1), partAt(6).slice(0, 50)],
      "incomplete",
      { state: "missing", index: 6 },
    ],
    ["the last part twice", (p) => [...p, partAt(6)], "incomplete", { state: "repeated", index: 6 }],
    ["a foreign part behind", (p) => [...p, makePart(99)], "incomplete", { state: "foreign" }],
  ];
  it.each(cases)("with %s", async (_, change, overall, finding) => {
    const report = await verify(withParts(change(built.parts)));
    expect(report.overall).toBe(overall);
    expect(checkOf(report, "parts")?.parts).toEqual(
      expect.arrayContaining([expect.objectContaining(finding)]),
    );
  });

  it("cut at the end is authentic up to there", async () => {
    const report = await verify(withParts([...built.parts.slice(0, 5), partAt(5).slice(0, 30)]));
    expect(report).toMatchObject({ authenticUntilMs: 8000, missingRanges: [{ fromMs: 8000, toMs: 12_000 }] });
  });

  it("with bytes behind its end says how many nobody signed", async () => {
    const report = await verify(withParts([...built.parts, new Uint8Array(5)]));
    expect(report.overall).toBe("incomplete");
    expect(checkOf(report, "parts")?.detail).toContain("5 bytes");
  });

  it("that is empty, a link, or there twice is not verified", async () => {
    expect((await verify(withParts([]))).overall).toBe("incomplete");
    expect((await verify(changed(built, { "recording.mkv": new Uint8Array(1) }))).overall).toBe("incomplete");
    await withFolder(built.files, async (folder) => {
      await rm(join(folder, "recording.mp4"));
      await writeFile(join(folder, "elsewhere"), joined(built.parts));
      await symlink(join(folder, "elsewhere"), join(folder, "recording.mp4"));
      expect((await verifyExport(folder, { anchors: [met.anchor] })).overall).toBe("incomplete");
    });
  });
});
