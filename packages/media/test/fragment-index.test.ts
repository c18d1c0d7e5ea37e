import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  alteredRanges,
  buildFragmentIndex,
  fragmentAtTime,
  partAtOffset,
  slicesOfRange,
} from "../src/index.ts";
import type { PartDescription } from "../src/index.ts";
import { codeOf } from "./expect-code.ts";

const init: PartDescription = { kind: "init", lengthBytes: 100 };
function part(startMs: number, lengthBytes = 1000, durationMs = 2000): PartDescription {
  return { kind: "fragment", lengthBytes, startMs, durationMs };
}
/** Five fragments with a pause of 30 s after the third. */
const index = buildFragmentIndex([
  init,
  part(0),
  part(2000, 500),
  part(4000),
  part(36_000),
  part(38_000, 700, 900),
]);

const anyParts = fc
  .record({
    initBytes: fc.integer({ min: 1, max: 5000 }),
    fragments: fc.array(
      fc.record({
        lengthBytes: fc.integer({ min: 1, max: 5000 }),
        gapMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60_000 })),
        durationMs: fc.integer({ min: 1, max: 4000 }),
      }),
      { maxLength: 40 },
    ),
  })
  .map(({ initBytes, fragments }): PartDescription[] => {
    let nextMs = 0;
    const described = fragments.map(({ lengthBytes, gapMs, durationMs }): PartDescription => {
      const startMs = nextMs + gapMs;
      nextMs = startMs + durationMs;
      return { kind: "fragment", lengthBytes, startMs, durationMs };
    });
    return [{ kind: "init", lengthBytes: initBytes }, ...described];
  });

describe("buildFragmentIndex", () => {
  test("lays the parts end to end and tells pauses", () => {
    expect(index.fragments.map((f) => [f.partNumber, f.offsetBytes, f.discontinuity])).toEqual([
      [1, 100, false],
      [2, 1100, false],
      [3, 1600, false],
      [4, 2600, true],
      [5, 3600, false],
    ]);
    expect(index).toMatchObject({ totalBytes: 4300, durationMs: 8900, startMs: 0, endMs: 38_900 });
  });

  test("a recording without fragments is an init segment", () => {
    expect(buildFragmentIndex([init])).toMatchObject({
      totalBytes: 100,
      durationMs: 0,
      startMs: 0,
      endMs: 0,
    });
  });

  test("an encoder that began anew may be marked where the times show no gap", () => {
    const marked = buildFragmentIndex([
      init,
      part(0),
      { ...part(2000), discontinuity: true } as PartDescription,
    ]);
    expect(marked.fragments[1]?.discontinuity).toBe(true);
  });

  test.each<[string, PartDescription[]]>([
    ["no init segment", [part(0)]],
    ["nothing", []],
    ["two init segments", [init, init]],
    ["times that run backwards", [init, part(2000), part(1999)]],
    ["an empty part", [init, part(0, 0)]],
    ["a length that is no whole number", [init, part(0, 1.5)]],
    ["a time that is no number", [init, part(Number.NaN)]],
    ["a negative duration", [init, part(0, 1, -1)]],
    ["lengths beyond 2^53", [init, part(0, Number.MAX_SAFE_INTEGER)]],
  ])("refuses %s", (_, parts) => {
    expect(codeOf(() => buildFragmentIndex(parts))).toBe("argument-invalid");
  });

  test("property: every byte of the file belongs to one part, at the place the lengths say", () => {
    fc.assert(
      fc.property(anyParts, fc.nat(), (parts, seed) => {
        const built = buildFragmentIndex(parts);
        expect(built.totalBytes).toBe(parts.reduce((sum, each) => sum + each.lengthBytes, 0));
        const offset = seed % built.totalBytes;
        const found = partAtOffset(built, offset);
        const before = parts.slice(0, found?.partNumber).reduce((sum, each) => sum + each.lengthBytes, 0);
        expect(before + (found?.offsetInPartBytes ?? Number.NaN)).toBe(offset);
        expect(found?.offsetInPartBytes).toBeLessThan(parts[found?.partNumber ?? -1]?.lengthBytes ?? 0);
      }),
    );
  });

  test("property: slices of a range laid end to end are the range", () => {
    fc.assert(
      fc.property(anyParts, fc.nat(50_000), fc.nat(50_000), (parts, offset, length) => {
        const built = buildFragmentIndex(parts);
        const bytes = parts.map((each, number) => new Uint8Array(each.lengthBytes).fill(number));
        const file = Uint8Array.from(bytes.flatMap((each) => [...each]));
        const slices = slicesOfRange(built, offset, length);
        const read = slices.flatMap((slice) => {
          const part = bytes[slice.partNumber] ?? new Uint8Array(0);
          return [...part.subarray(slice.fromBytes, slice.toBytes)];
        });
        expect(read).toEqual([...file.subarray(offset, offset + length)]);
        for (const slice of slices) expect(slice.toBytes).toBeGreaterThan(slice.fromBytes);
      }),
    );
  });

  test("property: a lookup by time finds what a linear search finds", () => {
    fc.assert(
      fc.property(anyParts, fc.integer({ min: -10, max: 200_000 }), (parts, timeMs) => {
        const built = buildFragmentIndex(parts);
        const linear = built.fragments.filter((each) => each.startMs <= timeMs).at(-1) ?? null;
        expect(fragmentAtTime(built, timeMs)).toEqual(linear);
      }),
    );
  });

  test("a lookup outside the file finds nothing", () => {
    expect(partAtOffset(index, 4300)).toBeNull();
    expect(partAtOffset(index, -1)).toBeNull();
    expect(partAtOffset(index, Number.NaN)).toBeNull();
    expect(slicesOfRange(index, 4300, 10)).toEqual([]);
    expect(slicesOfRange(index, 0, 0)).toEqual([]);
    expect(fragmentAtTime(index, -1)).toBeNull();
    expect(fragmentAtTime(index, 20_000)?.partNumber).toBe(3);
  });
});

describe("alteredRanges", () => {
  test("merges neighbours, not across a pause, in any order", () => {
    expect(alteredRanges(index, [5, 2, 1, 4, 2])).toEqual([
      { fromMs: 0, toMs: 4000 },
      { fromMs: 36_000, toMs: 38_900 },
    ]);
    expect(alteredRanges(index, [3, 4])).toEqual([
      { fromMs: 4000, toMs: 6000 },
      { fromMs: 36_000, toMs: 38_000 },
    ]);
    expect(alteredRanges(index, [1, 3])).toHaveLength(2);
    expect(alteredRanges(index, [])).toEqual([]);
  });

  test("rounding between neighbours does not tear a range", () => {
    const rounded = buildFragmentIndex([init, part(0, 9, 1999), part(2000, 9, 2001), part(4000)]);
    expect(alteredRanges(rounded, [1, 2, 3])).toEqual([{ fromMs: 0, toMs: 6000 }]);
  });

  test("a bad init segment spoils all", () => {
    expect(alteredRanges(index, [4, 0])).toEqual([{ fromMs: 0, toMs: 38_900 }]);
  });

  test("a part that is not there is refused", () => {
    expect(codeOf(() => alteredRanges(index, [6]))).toBe("argument-invalid");
    expect(codeOf(() => alteredRanges(index, [-1]))).toBe("argument-invalid");
    expect(codeOf(() => alteredRanges(index, [1.5]))).toBe("argument-invalid");
  });

  test("property: exactly the bad fragments' middles are covered", () => {
    fc.assert(
      fc.property(anyParts, fc.array(fc.nat(39)), (parts, picks) => {
        const built = buildFragmentIndex(parts);
        const bad = new Set(
          picks.map((pick) => pick + 1).filter((number) => number <= built.fragments.length),
        );
        const ranges = alteredRanges(built, bad);
        for (const each of built.fragments) {
          const middleMs = each.startMs + each.durationMs / 2;
          const covered = ranges.some((range) => range.fromMs <= middleMs && middleMs < range.toMs);
          expect(covered).toBe(bad.has(each.partNumber));
        }
      }),
    );
  });
});
