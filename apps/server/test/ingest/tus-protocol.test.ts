// Untrusted tus headers: read strictly or refused with a sentence, never an exception.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readByteCount, readMetadata } from "../../src/ingest/tus-protocol.ts";
import { readCameraUpload, readFileUpload } from "../../src/ingest/upload-metadata.ts";

const encode = (pairs: Record<string, string>): string =>
  Object.entries(pairs)
    .map(([key, value]) => `${key} ${Buffer.from(value).toString("base64")}`)
    .join(",");
const key = fc.stringMatching(/^[\x21-\x2b\x2d-\x7e]{1,60}$/);

describe("a byte count", () => {
  it("is read when it is one in its one form", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        expect(readByteCount("Upload-Offset", value.toString())).toEqual({ kind: "read", value });
      }),
    );
  });

  it("is refused otherwise, with a sentence", () => {
    const canonical = /^(0|[1-9]\d{0,15})$/;
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.float().map(String),
          fc.bigInt().map(String),
          fc.nat().map((n) => `0${String(n)}`),
        ),
        (text) => {
          const read = readByteCount("Upload-Length", text);
          expect(read.kind === "read").toBe(canonical.test(text) && Number.isSafeInteger(Number(text)));
        },
      ),
    );
    expect(readByteCount("Upload-Length", undefined).kind).toBe("wrong");
  });
});

describe("metadata", () => {
  it("comes back as it was encoded", () => {
    const texts = fc.string({ unit: "grapheme", maxLength: 60 });
    fc.assert(
      fc.property(fc.dictionary(key, texts, { minKeys: 1, maxKeys: 12, noNullPrototype: true }), (pairs) => {
        const header = encode(pairs);
        fc.pre(header.length <= 8_192);
        const read = readMetadata(header);
        expect(read.kind === "read" && Object.fromEntries(read.value)).toEqual(pairs);
      }),
    );
  });

  it.each([
    ["a key twice", "a YQ==,a Yg=="],
    ["an empty pair", "a YQ==,,b Yg=="],
    ["nothing", ""],
    ["a value that is not base64", "a *"],
    ["base64 without its padding", "a YQ"],
    ["base64 with other bits in its padding", "a YR=="],
    ["bytes that are not UTF-8", "a /w=="],
    ["three words", "a YQ== YQ=="],
    ["a key beyond ASCII", "ä YQ=="],
    ["too much", `a ${"YWFh".repeat(3_000)}`],
    ["too many pairs", Array.from({ length: 33 }, (_, index) => `k${String(index)} YQ==`).join(",")],
  ])("is refused with %s", (_name, header) => {
    expect(readMetadata(header)).toMatchObject({ kind: "wrong" });
  });

  it("takes a key without value, and space after a comma", () => {
    const read = readMetadata("empty, other YQ==");
    expect(read.kind === "read" && [...read.value]).toEqual([
      ["empty", ""],
      ["other", "a"],
    ]);
  });

  it("never throws, whatever comes", () => {
    const real = encode({
      camera: "x",
      recording: "y",
      number: "1",
      envelope: "AAAA",
      filename: "f",
      startedAt: "2026",
    });
    const mutated = fc
      .tuple(fc.nat(real.length), fc.string({ maxLength: 3 }), fc.nat(3))
      .map(([at, put, cut]) => {
        return real.slice(0, at) + put + real.slice(at + cut);
      });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), mutated), (header) => {
        const read = readMetadata(header);
        if (read.kind === "wrong") return;
        expect(["read", "wrong"]).toContain(readCameraUpload(read.value).kind);
        expect(["read", "wrong"]).toContain(readFileUpload(read.value).kind);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("what an upload is of", () => {
  const id = "00000000-0000-4000-8000-000000000001";
  const camera = { camera: id, recording: id, number: "7", envelope: "AAAA" };
  it.each([
    ["no camera", { camera: "" }],
    ["an id in capitals", { recording: id.toUpperCase().replace("4", "A") }],
    ["number 0", { number: "0" }],
    ["a number with a sign", { number: "+7" }],
    ["an envelope that is not base64url", { envelope: "AA=A" }],
    ["no envelope", { envelope: "" }],
  ])("is refused with %s", (_name, change) => {
    expect(readCameraUpload(new Map(Object.entries({ ...camera, ...change })))).toMatchObject({
      kind: "wrong",
    });
  });

  const file = { filename: "PICT0001.MP4", startedAt: "2026-01-14T22:15:00Z" };
  it("reads a film's", () => {
    expect(readFileUpload(new Map(Object.entries(file)))).toMatchObject({
      kind: "read",
      value: { fileName: "PICT0001.MP4", startedAt: new Date("2026-01-14T22:15:00Z"), place: null },
    });
  });
  it.each([
    ["no name", { filename: " " }],
    ["a name with control characters", { filename: "a\u0007" }],
    ["no time", { startedAt: "" }],
    ["a time without zone", { startedAt: "2026-01-14T22:15:00" }],
    ["a day that is none", { startedAt: "2026-13-45T22:15:00Z" }],
    ["a person who is no id", { officer: "PC 123" }],
  ])("refuses a film with %s", (_name, change) => {
    expect(readFileUpload(new Map(Object.entries({ ...file, ...change })))).toMatchObject({ kind: "wrong" });
  });
});
