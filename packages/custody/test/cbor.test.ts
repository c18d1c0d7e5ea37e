// One value, one encoding: what is not deterministic, or not of the format's few types, is neither read nor written.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CborValue, CustodyError, decodeCbor, encodeCbor, fromHex, toHex } from "../src/index.ts";

const key = fc
  .string({ unit: "grapheme", maxLength: 12 })
  .filter((text) => !(text in {}) && text.isWellFormed());
const { value } = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.maxSafeInteger().map((number) => number + 0),
    fc.string({ unit: "grapheme" }).filter((text) => text.isWellFormed()),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(key, tie("value"), { maxKeys: 5, noNullPrototype: true }),
  ),
}));

function code(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof CustodyError) return error.code;
    throw error;
  }
  return "accepted";
}
const read = (hex: string) => code(() => decodeCbor(fromHex(hex) ?? new Uint8Array(), "It"));

describe("deterministic CBOR", () => {
  it("decodes what it encodes", () => {
    fc.assert(
      fc.property(value, (any) => {
        const bytes = encodeCbor(any);
        expect(decodeCbor(bytes, "It")).toEqual(any);
        expect(encodeCbor(decodeCbor(bytes, "It") as CborValue)).toEqual(bytes);
      }),
      { numRuns: 300 },
    );
  });

  it("reads no bytes that it would not write", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
        if (code(() => decodeCbor(bytes, "It")) !== "accepted") return;
        expect(encodeCbor(decodeCbor(bytes, "It") as CborValue)).toEqual(bytes);
      }),
      { numRuns: 3000 },
    );
  });

  it("sorts keys by their encoded bytes (RFC 8949 §4.2.1)", () => {
    expect(toHex(encodeCbor({ aa: 1, b: 2, a: 3 }))).toBe("a3616103616202626161" + "01");
  });

  // RFC 8949 appendix A, the values that the format has.
  it.each<[CborValue, string]>([
    [0, "00"],
    [23, "17"],
    [24, "1818"],
    [100, "1864"],
    [1000, "1903e8"],
    [1_000_000, "1a000f4240"],
    [1_000_000_000_000, "1b000000e8d4a51000"],
    [-1, "20"],
    [-1000, "3903e7"],
    [false, "f4"],
    [true, "f5"],
    [null, "f6"],
    [new Uint8Array([1, 2, 3, 4]), "4401020304"],
    ["", "60"],
    ["IETF", "6449455446"],
    ["ü", "62c3bc"],
    ["水", "63e6b0b4"],
    ["𐅑", "64f0908591"],
    [[1, [2, 3], [4, 5]], "8301820203820405"],
    [{ a: 1, b: [2, 3] }, "a26161016162820203"],
    [Number.MAX_SAFE_INTEGER, "1b001fffffffffffff"],
    [Number.MIN_SAFE_INTEGER, "3b001ffffffffffffe"],
  ])("writes %j as RFC 8949 does", (plain, hex) => {
    expect(toHex(encodeCbor(plain))).toBe(hex);
    expect(decodeCbor(fromHex(hex) ?? new Uint8Array(), "It")).toEqual(plain);
  });

  it.each([
    ["a long integer", "1801"],
    ["a longer integer", "190001"],
    ["a long length", "580101"],
    ["an integer as float", "f93c00"],
    ["a fraction", "f93e00"],
    ["a long float of an integer", "fb3ff0000000000000"],
    ["a float of 32 bits", "fa3f800000"],
    ["negative zero", "f98000"],
    ["NaN", "f97e00"],
    ["infinity", "f97c00"],
    ["2^53", "1b0020000000000000"],
    ["2^64-1", "1bffffffffffffffff"],
    ["-2^53", "3b001fffffffffffff"],
    ["a big integer", "c249010000000000000000"],
    ["undefined", "f7"],
    ["a simple value", "e0"],
    ["an indefinite array", "9f01ff"],
    ["an indefinite map", "bf616101ff"],
    ["an indefinite byte string", "5f4101ff"],
    ["an indefinite text", "7f6161ff"],
    ["a duplicate key", "a2616101616102"],
    ["unsorted keys", "a2616201616102"],
    ["__proto__", "a1695f5f70726f746f5f5f01"],
    ["constructor", "a16b636f6e7374727563746f7201"],
    ["integer keys", "a10102"],
    ["null as a key", "a1f600"],
    ["a byte string as a key", "a1414100"],
    ["mixed keys", "a20102616103"],
    ["a date", "c11a514b67b0"],
    ["a set", "d90102820102"],
    ["tag 24", "d8184100"],
    ["tag 18 within", "81d280"],
    ["bytes behind", "0000"],
    ["nothing", ""],
    ["half an item", "82"],
    ["text that is not UTF-8", "61ff"],
    ["a surrogate", "63eda080"],
    ["a length beyond memory", "5bffffffffffffffff"],
    ["a count beyond memory", "9bffffffffffffffff"],
    ["40 arrays deep", "81".repeat(40) + "00"],
  ])("does not read %s", (_, hex) => {
    expect(read(hex)).toMatch(/^cbor-(malformed|not-deterministic)$/);
  });

  it.each<[string, unknown]>([
    ["a fraction", 1.5],
    ["NaN", NaN],
    ["2^53", 2 ** 53],
    ["a bigint", 1n],
    ["undefined", undefined],
    ["an absent field", { a: undefined }],
    ["a date", new Date(0)],
    ["an unpaired surrogate", "\ud800"],
    ["one in a key", { "\udc00": 1 }],
    ["__proto__", JSON.parse('{"__proto__":1}')],
    ["a set", new Set([1])],
    ["a function", () => 1],
  ])("does not write %s", (_, wrong) => {
    expect(code(() => encodeCbor(wrong as CborValue))).toBe("cbor-malformed");
  });

  it("writes negative zero as zero, and a subclass of Uint8Array as its bytes", () => {
    expect(toHex(encodeCbor(-0))).toBe("00");
    class Sub extends Uint8Array {}
    expect(toHex(encodeCbor([new Sub([7])]))).toBe("814107");
    expect(toHex(encodeCbor(new Uint8Array([9, 8, 7]).subarray(1, 2)))).toBe("4108");
  });
});
