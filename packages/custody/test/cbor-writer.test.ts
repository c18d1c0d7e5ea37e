// The writer against another implementation of the same rules: cbor2, which also reads what is written.
import { cdeEncodeOptions, encode } from "cbor2";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CborValue, encodeCbor, toHex } from "../src/index.ts";

const other = (value: unknown): string =>
  toHex(encode(value, { ...cdeEncodeOptions, ignoreGlobalTags: false, simplifyNegativeZero: true }));

const key = fc
  .string({ unit: "grapheme", maxLength: 60 })
  .filter((text) => !(text in Object.prototype) && text.isWellFormed());
const { value } = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.maxSafeInteger(),
    fc.constantFrom(0, -0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, -24, -25, -(2 ** 32) - 1),
    fc.string({ unit: "grapheme", maxLength: 300 }).filter((text) => text.isWellFormed()),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie("value"), { maxLength: 30 }),
    fc.dictionary(key, tie("value"), { maxKeys: 30, noNullPrototype: true }),
    fc
      .uniqueArray(fc.maxSafeInteger(), { maxLength: 30 })
      .map((keys) => new Map(keys.map((one) => [one, one]))),
  ),
}));

describe("the writer", () => {
  it("writes what cbor2 writes", () => {
    fc.assert(
      fc.property(value, (any) => {
        expect(toHex(encodeCbor(any))).toBe(other(any));
      }),
      { numRuns: 1_000 },
    );
  });

  it("writes what is longer than the memory that is kept, and what comes after it", () => {
    for (const sizeBytes of [65_520, 65_536, 65_537, 300_000]) {
      const long = { bytes: new Uint8Array(sizeBytes).fill(7), text: "é".repeat(sizeBytes) };
      expect(toHex(encodeCbor(long))).toBe(other(long));
      expect(toHex(encodeCbor(["a", 1]))).toBe("82616101");
    }
  });

  it("gives memory of its own each time", () => {
    const first = encodeCbor("first");
    encodeCbor("other");
    expect(toHex(first)).toBe("656669727374");
  });
});
