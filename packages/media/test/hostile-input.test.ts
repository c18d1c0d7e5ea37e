// Every parser against arbitrary bytes and against real input with bytes changed, cut, repeated and moved: it returns
// or throws a MediaError, and nothing else, within bounded time.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  FragmentSplitter,
  MediaError,
  probeMp4,
  readFragment,
  readInit,
  rewriteFragment,
  walkBoxes,
} from "../src/index.ts";
import { CMAF, encode, H264, realFilms } from "./footage.ts";
import {
  box,
  bytesOf,
  initSegment,
  mfra,
  mvhd,
  styp,
  trak,
  twoSeconds,
  u32,
  video,
  zeros,
  ftyp,
  trex,
} from "./mp4-writer.ts";

const synthetic = bytesOf(initSegment(), styp, twoSeconds(0), twoSeconds(1), mfra);
const ordinary = bytesOf(
  ftyp,
  box("moov", mvhd({ durationTicks: 9 }), trak(video), box("mvex", trex(1))),
  box("mdat", zeros(64)),
);
const encoded = encode([...H264, "-c:a", "aac", ...CMAF]);
const validInit = readInit(initSegment());

/** Runs every parser; the count of those that refused. Anything but a MediaError fails the test. */
async function refusals(bytes: Uint8Array): Promise<number> {
  let refused = 0;
  const attempt = async (act: () => unknown): Promise<void> => {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
      expect(error.offsetBytes).toBeGreaterThanOrEqual(0);
      refused += 1;
    }
  };
  await attempt(() => walkBoxes(bytes));
  await attempt(() => readInit(bytes));
  await attempt(() => readFragment(bytes, validInit));
  await attempt(() => rewriteFragment(bytes, validInit, { dropAudio: true, shiftMs: 7 }));
  await attempt(() => {
    const splitter = new FragmentSplitter();
    splitter.push(bytes);
    return splitter.finish();
  });
  await attempt(() => probeMp4((offset, length) => Promise.resolve(bytes.slice(offset, offset + length))));
  return refused;
}

interface Mutation {
  kind: "flip" | "cut" | "repeat" | "move" | "number";
  at: number;
  span: number;
  value: number;
}
const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom("flip", "cut", "repeat", "move", "number"),
  at: fc.nat(),
  span: fc.integer({ min: 1, max: 64 }),
  value: fc.oneof(fc.constantFrom(0, 1, 7, 8, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff), fc.nat(0xffff_ffff)),
});

function mutate(bytes: Uint8Array, { kind, at, span, value }: Mutation): Uint8Array {
  const from = at % (bytes.length + 1);
  const [before, here, after] = [
    bytes.subarray(0, from),
    bytes.subarray(from, from + span),
    bytes.subarray(from + span),
  ];
  switch (kind) {
    case "flip":
      return bytesOf(
        before,
        here.map((byte) => byte ^ (value & 0xff || 1)),
        after,
      );
    case "cut":
      return bytesOf(before, after);
    case "repeat":
      return bytesOf(before, here, here, after);
    case "move":
      return bytesOf(before, after, here);
    case "number":
      return bytesOf(before, u32(value), bytes.subarray(from + 4));
  }
}

describe("hostile input", () => {
  test("arbitrary bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        expect(await refusals(bytes)).toBeGreaterThanOrEqual(2);
      }),
      { numRuns: 300 },
    );
  });

  test("boxes with true sizes and false insides", async () => {
    const types = [
      "ftyp",
      "moov",
      "mvhd",
      "trak",
      "tkhd",
      "mdia",
      "mdhd",
      "hdlr",
      "minf",
      "stbl",
      "stsd",
      "avc1",
      "avcC",
      "hvcC",
      "mp4a",
      "esds",
      "mvex",
      "trex",
      "mehd",
      "moof",
      "mfhd",
      "traf",
      "tfhd",
      "tfdt",
      "trun",
      "mdat",
      "mfra",
      "uuid",
    ];
    const { tree } = fc.letrec<{ tree: Uint8Array }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        fc
          .tuple(fc.constantFrom(...types), fc.uint8Array({ maxLength: 60 }))
          .map(([type, body]) => box(type, body)),
        fc
          .tuple(fc.constantFrom(...types), fc.array(tie("tree"), { maxLength: 5 }))
          .map(([type, all]) => box(type, ...all)),
      ),
    }));
    const bytes = fc.array(tree, { maxLength: 6 }).map((boxes) => bytesOf(...boxes));
    await fc.assert(
      fc.asyncProperty(bytes, async (each) => {
        await refusals(each);
      }),
      { numRuns: 500 },
    );
  });

  const victims: [string, Uint8Array | null][] = [
    ["a fragmented film", synthetic],
    ["an init segment", initSegment()],
    ["a fragment", twoSeconds(0)],
    ["an ordinary film", ordinary],
    ["a film of a real encoder", encoded?.subarray(0, 60_000) ?? null],
  ];
  test.each(victims)("%s, changed", async (_, bytes) => {
    if (bytes === null) return;
    const mutations = fc.array(mutation, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(mutations, async (all) => {
        await refusals(all.reduce(mutate, bytes));
      }),
      { numRuns: 400 },
    );
  });

  test.each(victims)("%s, its headers changed bit by bit", async (_, bytes) => {
    if (bytes === null) return;
    for (let at = 0; at < Math.min(bytes.length, 1600); at++) {
      const altered = bytes.slice(0, 6000);
      altered[at] = (altered[at] ?? 0) ^ (1 << (at % 8));
      await refusals(altered);
    }
  });

  test.each(realFilms(".mp4"))("$name, its headers changed", async ({ bytes }) => {
    const start = bytes.subarray(0, 24_000);
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (all) => {
        await refusals(all.reduce(mutate, start));
      }),
      { numRuns: 150 },
    );
  });
});
