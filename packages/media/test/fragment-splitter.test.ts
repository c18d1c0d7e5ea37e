import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FragmentSplitter, MediaError } from "../src/index.ts";
import type { MediaPart, SplitterEnd } from "../src/index.ts";
import { codeOf } from "./expect-code.ts";
import { box, bytesOf, ftyp, initSegment, mfra, styp, twoSeconds, u32, zeros } from "./mp4-writer.ts";

const init = initSegment();
const stream = bytesOf(
  init,
  twoSeconds(0),
  styp,
  box("sidx", zeros(44)),
  twoSeconds(1),
  box("emsg", zeros(20)),
  box("prft", zeros(16)),
  twoSeconds(2),
);

interface Outcome {
  parts: MediaPart[];
  end: SplitterEnd | null;
  error: MediaError | null;
}

/** Pushes the bytes in chunks whose lengths repeat; stops at the first fault. */
function split(bytes: Uint8Array, chunkLengths: readonly number[] = [bytes.length || 1]): Outcome {
  const splitter = new FragmentSplitter();
  const parts: MediaPart[] = [];
  try {
    for (let at = 0, turn = 0; at < bytes.length; turn++) {
      const length = chunkLengths[turn % chunkLengths.length] ?? 1;
      parts.push(...splitter.push(bytes.slice(at, at + length)));
      at += length;
    }
    return { parts, end: splitter.finish(), error: null };
  } catch (error) {
    if (error instanceof MediaError) return { parts, end: null, error };
    throw error;
  }
}

describe("FragmentSplitter", () => {
  test("gives the init segment and then each fragment, announcing boxes included", () => {
    const { parts, end } = split(stream);
    expect(parts.map((part) => [part.kind, part.partNumber, part.offsetBytes])).toEqual([
      ["init", 0, 0],
      ["fragment", 1, init.length],
      ["fragment", 2, init.length + twoSeconds(0).length],
      ["fragment", 3, stream.length - twoSeconds(2).length - 28 - 24],
    ]);
    expect(parts.map((part) => (part.kind === "fragment" ? part.startMs : null))).toEqual([
      null,
      0,
      2000,
      4000,
    ]);
    expect(end).toEqual({ partCount: 4, partsBytes: stream.length, mfraBytes: 0, unfinishedBytes: 0 });
  });

  test("drops a trailing mfra, with what announces it, and says how much", () => {
    const { parts, end } = split(bytesOf(stream, box("free"), mfra), [3]);
    expect(bytesOf(...parts.map((part) => part.bytes))).toEqual(stream);
    expect(end).toEqual({
      partCount: 4,
      partsBytes: stream.length,
      mfraBytes: 8 + mfra.length,
      unfinishedBytes: 0,
    });
  });

  test("gives a fragment as soon as its last byte is there", () => {
    const splitter = new FragmentSplitter();
    splitter.push(init);
    expect(splitter.push(twoSeconds(0).subarray(0, -1))).toEqual([]);
    expect(splitter.push(twoSeconds(0).subarray(-1))).toHaveLength(1);
  });

  test("parts are copies of their own", () => {
    const bytes = stream.slice();
    const { parts } = split(bytes);
    for (const part of parts) expect(part.bytes.buffer.byteLength).toBe(part.bytes.length);
  });

  test("property: chunks make no difference, and parts laid end to end are the stream up to the mfra", () => {
    const whole = split(bytesOf(stream, mfra));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 30 }), (lengths) => {
        const chunked = split(bytesOf(stream, mfra), lengths);
        expect(chunked).toEqual(whole);
        expect(bytesOf(...chunked.parts.map((part) => part.bytes))).toEqual(stream);
      }),
    );
  });

  test("property: cut anywhere, all whole fragments are there and the rest is counted", () => {
    const ends = split(stream).parts.map((part) => part.offsetBytes + part.bytes.length);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: stream.length }),
        fc.integer({ min: 1, max: 500 }),
        (cut, length) => {
          const { parts, end } = split(stream.subarray(0, cut), [length]);
          const wholeEnds = ends.filter((whole) => whole <= cut);
          expect(parts).toHaveLength(wholeEnds.length);
          expect(end?.partsBytes).toBe(wholeEnds.at(-1) ?? 0);
          expect(end?.unfinishedBytes).toBe(cut - (wholeEnds.at(-1) ?? 0));
        },
      ),
    );
  });

  test("property: a fault is found whatever the chunks, after the same parts", () => {
    const index = fc.integer({ min: 0, max: stream.length - 1 });
    fc.assert(
      fc.property(
        index,
        fc.integer({ min: 1, max: 255 }),
        fc.integer({ min: 1, max: 300 }),
        (at, flip, length) => {
          const altered = stream.slice();
          altered[at] = (altered[at] ?? 0) ^ flip;
          const whole = split(altered);
          const chunked = split(altered, [length]);
          expect(chunked.parts).toEqual(whole.parts);
          // A whole push gives its good parts first; the fault shows on the call after it.
          expect(chunked.error?.message).toBe(whole.error?.message);
        },
      ),
    );
  });

  const moofOnly = twoSeconds(0).subarray(0, -(8 + 700 + 90 + 300));
  test.each([
    ["fragments without an init segment", twoSeconds(0), "box-unexpected"],
    ["Matroska", bytesOf([0x1a, 0x45, 0xdf, 0xa3], zeros(40)), "box-unexpected"],
    ["an ordinary MP4", bytesOf(ftyp, box("mdat", zeros(9))), "box-unexpected"],
    ["two ftyp", bytesOf(ftyp, ftyp), "box-unexpected"],
    ["moof without mdat", bytesOf(init, moofOnly, twoSeconds(1)), "box-missing"],
    ["mdat without moof", bytesOf(init, box("mdat", zeros(8))), "box-unexpected"],
    ["a second init segment", bytesOf(stream, init), "box-unexpected"],
    ["an open-ended mdat", bytesOf(init, moofOnly, u32(0), "mdat", zeros(1090)), "box-size-invalid"],
    ["a fragment after the mfra", bytesOf(stream, mfra, twoSeconds(3)), "box-unexpected"],
    ["a moof and then the mfra", bytesOf(init, moofOnly, mfra), "box-missing"],
  ])("refuses %s", (_, bytes, code) => {
    const splitter = new FragmentSplitter();
    expect(codeOf(() => [splitter.push(bytes), splitter.finish()])).toBe(code);
    expect(codeOf(() => splitter.push(zeros(1)))).toBe(code);
  });

  test("memory is bounded: a part that would be too large is refused by its header", () => {
    const huge = bytesOf(u32(0x7fff_ffff), "mdat");
    const splitter = new FragmentSplitter({ maxFragmentBytes: 10_000 });
    splitter.push(bytesOf(init, moofOnly));
    expect(codeOf(() => splitter.push(huge))).toBe("limit-exceeded");
    const many = new FragmentSplitter({ maxBoxesPerPart: 3 });
    many.push(init);
    expect(codeOf(() => many.push(bytesOf(styp, styp, styp, styp)))).toBe("limit-exceeded");
    const initLimited = new FragmentSplitter({ maxInitBytes: 100 });
    expect(codeOf(() => initLimited.push(init))).toBe("limit-exceeded");
  });

  test("the end is the end", () => {
    const splitter = new FragmentSplitter();
    expect(splitter.finish()).toEqual({ partCount: 0, partsBytes: 0, mfraBytes: 0, unfinishedBytes: 0 });
    expect(codeOf(() => splitter.push(init))).toBe("already-finished");
  });

  test("work is linear in the number of chunks: two million chunks of one byte", () => {
    const splitter = new FragmentSplitter();
    splitter.push(init);
    const bytes = new Uint8Array(1);
    const mdatBytes = 2_000_000;
    splitter.push(box("free", zeros(mdatBytes)).subarray(0, 8));
    const startedAtMs = performance.now();
    for (let count = 0; count < mdatBytes; count++) splitter.push(bytes);
    expect(performance.now() - startedAtMs).toBeLessThan(5000);
    expect(splitter.push(twoSeconds(0))).toHaveLength(1);
  });
});
