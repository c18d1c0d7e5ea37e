// What was done to the journal of a recording is told, and up to where all is authentic.
import { beforeAll, describe, expect, it } from "vitest";
import type { Report } from "../src/index.ts";
import {
  type BuiltExport,
  type Files,
  buildExport,
  changed,
  checkOf,
  journalFile,
  verifyFiles,
} from "./build-export.ts";
import { type Force, newForce } from "./force-fixture.ts";

let met: Force;
let other: Force;
let built: BuiltExport;

beforeAll(async () => {
  met = await newForce();
  other = await newForce("Bedfordshire Police");
  built = await buildExport(met);
});

const verify = (files: Files): Promise<Report> => verifyFiles(met, files);

describe("the journal", () => {
  const entries = (): Uint8Array[] => built.journal?.entries ?? [];
  const withEntries = (list: readonly Uint8Array[]): Files =>
    changed(built, { "journal.cbor": journalFile(list) });

  it("with an entry dropped has a hole, up to which all is authentic", async () => {
    const report = await verify(withEntries(entries().filter((_, at) => at !== 3)));
    expect(report).toMatchObject({ overall: "incomplete", authenticUntilMs: 4000 });
    expect(checkOf(report, "journal-chain")?.detail).toBe("Entry 43 is missing from the journal.");
    expect(checkOf(report, "journal-signatures")?.verdict).toBe("pass");
  });

  it("without its seal is incomplete; so is one that never had any", async () => {
    expect((await verify(withEntries(entries().slice(0, -1)))).overall).not.toBe("intact");
    const unsealed = await verify((await buildExport(met, { sealed: false })).files);
    expect(unsealed).toMatchObject({ overall: "incomplete", authenticUntilMs: 12_000 });
    expect(unsealed.sentence).toContain("no seal");
  });

  it("without its start, or empty, is incomplete", async () => {
    expect((await verify(withEntries(entries().slice(1)))).overall).toBe("incomplete");
    expect((await verify(withEntries([]))).overall).not.toBe("intact");
  });

  it("with two entries swapped, or one twice, is altered", async () => {
    const [a, b, c, ...rest] = entries();
    if (!a || !b || !c) throw new Error("too short");
    expect((await verify(withEntries([a, c, b, ...rest]))).overall).toBe("altered");
    expect((await verify(withEntries([a, b, b, c, ...rest]))).overall).toBe("altered");
  });

  it("of another recording, or another camera, does not do", async () => {
    const twin = await buildExport(met);
    expect(
      (await verify(changed(built, { "journal.cbor": twin.files.get("journal.cbor") ?? null }))).overall,
    ).not.toBe("intact");
    const foreign = await buildExport(other);
    expect(
      (await verify(changed(built, { "journal.cbor": foreign.files.get("journal.cbor") ?? null }))).overall,
    ).not.toBe("intact");
  });

  it("that says another hash than the manifest is altered", async () => {
    const lying = await buildExport(met, {
      tellPart: (index, part) => (index === 2 ? { ...part, hash: new Uint8Array(32) } : part),
    });
    const report = await verify(lying.files);
    expect(report.overall).toBe("altered");
    expect(checkOf(report, "parts")?.parts).toEqual(
      expect.arrayContaining([expect.objectContaining({ state: "disputed", index: 2 })]),
    );
  });
});
