// Segments: a crash may cut them at any byte, and only whole records count.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type JournalRecord,
  CustodyError,
  OPENING_MAXIMUM_BYTES,
  SEGMENT_MAXIMUM_BYTES,
  concatBytes,
  decodeSegment,
  encodeRecord,
  encodeSegment,
  fromHex,
  readSegment,
} from "../src/index.ts";

const record: fc.Arbitrary<JournalRecord> = fc.record({
  entry: fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 250, maxLength: 300 })),
  opening: fc.option(fc.uint8Array({ maxLength: 300 })),
});
const records = fc.array(record, { maxLength: 6 });
const code = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof CustodyError) return error.code;
    throw error;
  }
  return "accepted";
};

describe("segments", () => {
  it("give back their records", () => {
    fc.assert(
      fc.property(records, (list) => {
        expect(decodeSegment(encodeSegment(list))).toEqual(list);
      }),
    );
  });

  it("cut at any byte, give the whole records and where they end", () => {
    fc.assert(
      fc.property(records, (list) => {
        const bytes = encodeSegment(list);
        const ends = list.map((_, index) => encodeSegment(list.slice(0, index + 1)).length);
        for (let cut = 0; cut <= bytes.length; cut++) {
          const whole = ends.filter((end) => end <= cut).length;
          const read = readSegment(bytes.subarray(0, cut));
          expect(read.records).toEqual(list.slice(0, whole));
          expect(read.wholeBytes).toBe(ends[whole - 1] ?? 0);
          if (read.wholeBytes !== cut)
            expect(code(() => decodeSegment(bytes.subarray(0, cut)))).toBe("segment-truncated");
        }
      }),
      { numRuns: 40 },
    );
  });

  it("never read what they would not write, and fail only as CustodyError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.boolean(), (noise, begun) => {
        const bytes = begun ? concatBytes([new Uint8Array([0x82, 0x41]), noise]) : noise;
        if (code(() => readSegment(bytes)) !== "accepted") return;
        const read = readSegment(bytes);
        expect(encodeSegment(read.records)).toEqual(bytes.subarray(0, read.wholeBytes));
      }),
      { numRuns: 3000 },
    );
  });

  it("are read the same after a mutation, or refused", () => {
    fc.assert(
      fc.property(records, fc.nat(), fc.integer({ min: 1, max: 255 }), (list, where, mask) => {
        const bytes = encodeSegment(list);
        if (bytes.length === 0) return;
        bytes[where % bytes.length] = (bytes[where % bytes.length] ?? 0) ^ mask;
        if (code(() => readSegment(bytes)) !== "accepted") return;
        const read = readSegment(bytes);
        expect(encodeSegment(read.records)).toEqual(bytes.subarray(0, read.wholeBytes));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ["an array of three", "83414141"],
    ["an indefinite array", "9f4141ff"],
    ["a text", "82614141"],
    ["a long length", "82580141f6"],
    ["an indefinite string", "825f4141fff6"],
    ["a 64-bit length", "825b0000000000000001"],
    ["true for an opening", "824141f5"],
    ["a long length in four bytes", "825a0000ffff"],
    ["a tag", "d282"],
  ])("refuse %s", (_, hex) => {
    expect(code(() => readSegment(fromHex(hex) ?? new Uint8Array()))).toBe("cbor-malformed");
  });

  it("bound entries, openings and themselves", () => {
    expect(code(() => readSegment(fromHex("82591001") ?? new Uint8Array()))).toBe("segment-too-large");
    const large = encodeRecord({
      entry: new Uint8Array(1),
      opening: new Uint8Array(OPENING_MAXIMUM_BYTES + 1),
    });
    expect(code(() => readSegment(large))).toBe("segment-too-large");
    expect(code(() => decodeSegment(new Uint8Array(SEGMENT_MAXIMUM_BYTES + 1)))).toBe("segment-too-large");
  });
});
