import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readFragment, readInit, ticksToMs } from "../src/index.ts";
import { codeOf } from "./expect-code.ts";
import {
  box,
  bytesOf,
  fragment,
  ftyp,
  fullBox,
  initSegment,
  mvhd,
  styp,
  trak,
  trex,
  twoSeconds,
  u32,
  u64,
  video,
  zeros,
} from "./mp4-writer.ts";

const init = readInit(initSegment());
const samples = [[12_800, 50]] as const;

/** A fragment of one track whose traf boxes are given whole; its mdat has 100 bytes. */
function withTraf(...trafBoxes: Uint8Array[]): Uint8Array {
  return bytesOf(
    box("moof", fullBox("mfhd", 0, 0, u32(9)), box("traf", ...trafBoxes)),
    box("mdat", zeros(100)),
  );
}
const tfhd = fullBox("tfhd", 0, 0x02_0000, u32(1));
const tfdt = fullBox("tfdt", 0, 0, u32(0));
/** Where the payload of mdat begins in withTraf(tfhd, tfdt, ...truns), from the start of the moof. */
function dataStart(...truns: Uint8Array[]): number {
  return 8 + 16 + 8 + bytesOf(tfhd, tfdt, ...truns).length + 8;
}

describe("readInit", () => {
  test("reads brands, tracks and defaults", () => {
    expect(init.majorBrand).toBe("iso6");
    expect(init.compatibleBrands).toEqual(["iso6", "cmfc"]);
    expect(init.tracks.map((track) => [track.trackId, track.kind, track.durationMs])).toEqual([
      [1, "video", null],
      [2, "audio", null],
    ]);
  });

  test.each([
    ["without ftyp", box("moov", mvhd()), "box-missing"],
    ["without moov", ftyp, "box-missing"],
    ["not fragmented", bytesOf(ftyp, box("moov", mvhd(), trak(video))), "box-missing"],
    [
      "a track without trex",
      bytesOf(ftyp, box("moov", mvhd(), trak(video), box("mvex", trex(7)))),
      "box-missing",
    ],
    ["no track", bytesOf(ftyp, box("moov", mvhd(), box("mvex"))), "box-missing"],
    ["two tracks of one id", initSegment([video, video]), "field-invalid"],
    ["timescale 0", initSegment([{ ...video, timescale: 0 }]), "field-invalid"],
    ["two moov", bytesOf(initSegment(), box("moov", mvhd())), "box-repeated"],
    ["media in it", bytesOf(initSegment(), box("mdat")), "box-unexpected"],
    [
      "an unknown header version",
      bytesOf(ftyp, box("moov", fullBox("mvhd", 2, 0, zeros(96)))),
      "field-invalid",
    ],
  ])("refuses one %s", (_, bytes, code) => {
    expect(codeOf(() => readInit(bytes))).toBe(code);
  });
});

describe("readFragment", () => {
  test("reads times, counts and keyframes of both tracks", () => {
    const info = readFragment(twoSeconds(3), init);
    expect(info).toMatchObject({
      sequence: 4,
      startMs: 6000,
      durationMs: 2000,
      hasVideo: true,
      hasAudio: true,
      startsWithKeyframe: true,
    });
    expect(info.tracks).toEqual([
      {
        trackId: 1,
        kind: "video",
        timescale: 12_800,
        baseDecodeTimeTicks: 76_800,
        durationTicks: 25_600,
        sampleCount: 2,
        startsWithSync: true,
      },
      {
        trackId: 2,
        kind: "audio",
        timescale: 44_100,
        baseDecodeTimeTicks: 264_600,
        durationTicks: 88_200,
        sampleCount: 1,
        startsWithSync: true,
      },
    ]);
  });

  test("a fragment that starts between keyframes says so", () => {
    const bytes = fragment(1, [{ trackId: 1, baseTicks: 0, samples, firstIsSync: false }]);
    expect(readFragment(bytes, init)).toMatchObject({ startsWithKeyframe: false, hasAudio: false });
  });

  test("sound alone is timed by its own track", () => {
    const bytes = fragment(1, [{ trackId: 2, baseTicks: 44_100, samples: [[22_050, 5]] }]);
    expect(readFragment(bytes, init)).toMatchObject({
      startMs: 1000,
      durationMs: 500,
      hasVideo: false,
      hasAudio: true,
    });
  });

  test("defaults of trex serve where the fragment is silent", () => {
    const withDefaults = readInit(
      bytesOf(ftyp, box("moov", mvhd(), trak(video), box("mvex", trex(1, 512, 4, 0x0001_0000)))),
    );
    const runAt = (at: number): Uint8Array => fullBox("trun", 0, 0x01, u32(25), u32(at));
    const info = readFragment(withTraf(tfhd, tfdt, runAt(dataStart(runAt(0)))), withDefaults);
    expect(info).toMatchObject({ durationMs: 1000, startsWithKeyframe: false });
  });

  test("several runs follow each other", () => {
    const first = (at: number): Uint8Array => fullBox("trun", 0, 0x301, u32(1), u32(at), u32(6400), u32(60));
    const second = (size: number): Uint8Array => fullBox("trun", 0, 0x300, u32(1), u32(6400), u32(size));
    const start = dataStart(first(0), second(0));
    const info = readFragment(withTraf(tfhd, tfdt, first(start), second(40)), init);
    expect(info).toMatchObject({ durationMs: 1000 });
    expect(info.tracks[0]?.sampleCount).toBe(2);
    expect(codeOf(() => readFragment(withTraf(tfhd, tfdt, first(start), second(41)), init))).toBe(
      "data-outside-mdat",
    );
  });

  const video1 = { trackId: 1, baseTicks: 0, samples };
  test.each([
    ["without mdat", twoSeconds(0).subarray(0, -(8 + 700 + 90 + 300)), "box-missing"],
    [
      "with something between moof and mdat",
      bytesOf(twoSeconds(0).subarray(0, -(8 + 700 + 90 + 300)), box("free"), box("mdat")),
      "box-missing",
    ],
    ["with something after its mdat", bytesOf(twoSeconds(0), box("free")), "box-unexpected"],
    ["with something strange before it", bytesOf(box("meta"), twoSeconds(0)), "box-unexpected"],
    ["of an unknown track", fragment(1, [{ ...video1, trackId: 3 }]), "track-unknown"],
    ["with one track twice", fragment(1, [video1, video1]), "box-repeated"],
    ["without samples", fragment(1, [{ ...video1, samples: [] }]), "box-missing"],
    ["whose samples end beyond its mdat", fragment(1, [video1], { shiftBytes: 1 }), "data-outside-mdat"],
    ["whose samples begin before its mdat", fragment(1, [video1], { shiftBytes: -1 }), "data-outside-mdat"],
    ["without tfdt", withTraf(tfhd, fullBox("trun", 0, 0, u32(0))), "box-missing"],
    [
      "with an absolute offset",
      withTraf(fullBox("tfhd", 0, 1, u32(1), u64(0)), tfdt),
      "data-offset-absolute",
    ],
    ["with a time beyond 2^53", withTraf(tfhd, fullBox("tfdt", 1, 0, u64(2n ** 53n))), "number-too-large"],
    [
      "that ends beyond 2^53",
      withTraf(tfhd, fullBox("tfdt", 1, 0, u64(2n ** 53n - 1n)), fullBox("trun", 0, 0x100, u32(1), u32(1))),
      "number-too-large",
    ],
    [
      "with more samples than its trun holds",
      withTraf(tfhd, tfdt, fullBox("trun", 0, 0x100, u32(9), u32(1))),
      "truncated",
    ],
    [
      "with 4 billion samples",
      withTraf(tfhd, tfdt, fullBox("trun", 0, 0, u32(0xffff_ffff))),
      "limit-exceeded",
    ],
  ])("refuses one %s", (_, bytes, code) => {
    expect(codeOf(() => readFragment(bytes, init))).toBe(code);
  });

  test("boxes that announce a fragment belong to it", () => {
    const bytes = bytesOf(styp, box("prft", zeros(16)), box("emsg", zeros(20)), twoSeconds(0));
    expect(readFragment(bytes, init).lengthBytes).toBe(bytes.length);
  });
});

describe("ticksToMs", () => {
  test("is the nearest millisecond, exactly, for any tick count", () => {
    const ticks = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(ticks, fc.integer({ min: 1, max: 0xffff_ffff }), (count, timescale) => {
        fc.pre(count / timescale < 2 ** 42);
        const exact = (BigInt(count) * 2000n + BigInt(timescale)) / (2n * BigInt(timescale));
        expect(BigInt(ticksToMs(count, timescale))).toBe(exact);
      }),
    );
  });

  test("consecutive fragments meet exactly, whatever the timescale", () => {
    const durations = fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200_000 }), durations, (timescale, ticks) => {
        const start = readInit(initSegment([{ ...video, timescale }]));
        let baseTicks = 0;
        let endMs = 0;
        for (const duration of ticks) {
          const info = readFragment(
            fragment(1, [{ trackId: 1, baseTicks, samples: [[duration, 1]] }]),
            start,
          );
          expect(info.startMs).toBe(endMs);
          endMs += info.durationMs;
          baseTicks += duration;
        }
      }),
    );
  });
});
