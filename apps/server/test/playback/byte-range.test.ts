// RFC 9110 §14: what a Range header asks for, and that no text asks for bytes outside the file.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { askedRange, isKnownToClient, rangeStillFits } from "../../src/playback/byte-range.ts";

const part = (fromBytes: number, toBytes: number) => ({ kind: "part", fromBytes, toBytes });

describe("Range", () => {
  it.each([
    ["bytes=0-499", part(0, 500)],
    ["bytes=500-999", part(500, 1000)],
    ["bytes=-500", part(9500, 10000)],
    ["bytes=9500-", part(9500, 10000)],
    ["bytes=0-0", part(0, 1)],
    ["bytes=-1", part(9999, 10000)],
    ["bytes=0-99999", part(0, 10000)],
    ["bytes=-99999", part(0, 10000)],
    ["BYTES= 5-6 ", part(5, 7)],
  ])("%s", (header, expected) => {
    expect(askedRange(header, 10_000)).toEqual(expected);
  });

  it.each(["bytes=10000-", "bytes=10000-10001", "bytes=-0"])("%s cannot be satisfied", (header) => {
    expect(askedRange(header, 10_000)).toEqual({ kind: "unsatisfiable" });
  });

  it.each([
    undefined,
    "",
    "bytes=",
    "bytes=-",
    "bytes=5-4",
    "bytes=0-1,5-6",
    "items=0-1",
    "bytes=a-b",
    "bytes=0-1x",
  ])("%s is ignored", (header) => {
    expect(askedRange(header, 10_000)).toEqual({ kind: "whole" });
  });

  it("never reaches outside the file, whatever the text", () => {
    const text = fc.oneof(
      fc.string(),
      fc.tuple(fc.bigInt(), fc.bigInt()).map(([a, b]) => `bytes=${String(a)}-${String(b)}`),
      fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => `bytes=${String(a)}-${String(b)}`),
    );
    fc.assert(
      fc.property(text, fc.nat(), (header, sizeBytes) => {
        const asked = askedRange(header, sizeBytes);
        if (asked.kind !== "part") return;
        expect(asked.fromBytes).toBeGreaterThanOrEqual(0);
        expect(asked.toBytes).toBeGreaterThan(asked.fromBytes);
        expect(asked.toBytes).toBeLessThanOrEqual(sizeBytes);
      }),
    );
  });
});

describe("conditions", () => {
  it("let a range count for the same entity only, and never by a date", () => {
    expect(rangeStillFits(undefined, '"a"')).toBe(true);
    expect(rangeStillFits('"a"', '"a"')).toBe(true);
    expect(rangeStillFits('W/"a"', '"a"')).toBe(false);
    expect(rangeStillFits("Tue, 15 Nov 1994 12:45:26 GMT", '"a"')).toBe(false);
  });

  it("know what the client has", () => {
    expect(isKnownToClient(undefined, '"a"')).toBe(false);
    expect(isKnownToClient('"b", W/"a"', '"a"')).toBe(true);
    expect(isKnownToClient("*", '"a"')).toBe(true);
    expect(isKnownToClient('"b"', '"a"')).toBe(false);
  });
});
