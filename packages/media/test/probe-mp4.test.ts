import { describe, expect, test } from "vitest";
import { probeMp4 } from "../src/index.ts";
import type { ReadRange } from "../src/index.ts";
import { codeOfAsync } from "./expect-code.ts";
import {
  audio,
  box,
  bytesOf,
  fragment,
  ftyp,
  fullBox,
  initSegment,
  longBox,
  mfra,
  mvhd,
  trak,
  trex,
  twoSeconds,
  u32,
  u64,
  video,
  zeros,
} from "./mp4-writer.ts";

function readerOf(bytes: Uint8Array): ReadRange & { calls: number; readBytes: number } {
  const read = (offset: number, length: number): Promise<Uint8Array> => {
    reader.calls += 1;
    const range = bytes.slice(offset, offset + length);
    reader.readBytes += range.length;
    return Promise.resolve(range);
  };
  const reader = Object.assign(read, { calls: 0, readBytes: 0 });
  return reader;
}

const madeAtMs = Date.UTC(2014, 4, 8, 9, 30);
const header = mvhd({
  createdAtSeconds: madeAtMs / 1000 + 2_082_844_800,
  timescale: 600,
  durationTicks: 18_300,
});
const moov = box(
  "moov",
  header,
  trak({ ...video, durationTicks: 384_000 }),
  trak({ ...audio, durationTicks: 44_100 }),
);
const ordinary = bytesOf(ftyp, moov, box("mdat", zeros(5000)));

describe("probeMp4", () => {
  test("tells an ordinary MP4's duration, creation time and tracks", async () => {
    expect(await probeMp4(readerOf(ordinary))).toMatchObject({
      layout: "ordinary",
      majorBrand: "iso6",
      durationMs: 30_500,
      createdAtMs: madeAtMs,
      sizeBytes: ordinary.length,
      mediaBytes: 5000,
      tracks: [
        { kind: "video", codec: "avc1.64001f", durationMs: 30_000 },
        { kind: "audio", codec: "mp4a.40.2", durationMs: 1000 },
      ],
    });
  });

  test("moov may stand last, after a 64-bit or before an open-ended mdat", async () => {
    const last = bytesOf(ftyp, longBox("mdat", zeros(100_000)), moov);
    const reader = readerOf(last);
    expect(await probeMp4(reader)).toMatchObject({
      durationMs: 30_500,
      mediaBytes: 100_000,
      sizeBytes: last.length,
    });
    expect(reader.readBytes).toBeLessThan(40_000);
    const open = bytesOf(ftyp, moov, u32(0), "mdat", zeros(99));
    expect(await probeMp4(readerOf(open))).toMatchObject({ sizeBytes: null });
  });

  test("a QuickTime film from before ftyp", async () => {
    const film = bytesOf(box("wide"), box("mdat", zeros(10)), moov);
    expect(await probeMp4(readerOf(film))).toMatchObject({ majorBrand: null, layout: "ordinary" });
  });

  test("a fragmented file runs to the end of its longest track's last fragment", async () => {
    const film = bytesOf(initSegment(), twoSeconds(0), twoSeconds(1), twoSeconds(2), mfra);
    expect(await probeMp4(readerOf(film))).toMatchObject({
      layout: "fragmented",
      durationMs: 6000,
      createdAtMs: null,
    });
  });

  test("fragments without tfdt and with absolute offsets follow one another", async () => {
    const tfhd = fullBox("tfhd", 0, 0x09, u32(1), u64(0), u32(12_800));
    const moof = box("moof", fullBox("mfhd", 0, 0, u32(1)), box("traf", tfhd, fullBox("trun", 0, 0, u32(3))));
    const foreign = fragment(1, [{ trackId: 9, baseTicks: 0, samples: [[1, 1]] }]);
    const film = bytesOf(initSegment(), moof, box("mdat", zeros(8)), moof, box("mdat", zeros(8)), foreign);
    expect(await probeMp4(readerOf(film))).toMatchObject({ durationMs: 6000 });
  });

  test("mehd counts where no fragment does; unknown durations are null", async () => {
    const mvex = box("mvex", fullBox("mehd", 0, 0, u32(4500)), trex(1));
    const announced = bytesOf(ftyp, box("moov", mvhd(), trak(video), mvex), box("mdat"));
    expect(await probeMp4(readerOf(announced))).toMatchObject({ layout: "ordinary", durationMs: 4500 });
    const unknown = box("moov", mvhd({ durationTicks: 0xffff_ffff }), trak(video));
    expect(await probeMp4(readerOf(bytesOf(ftyp, unknown, box("mdat"))))).toMatchObject({ durationMs: null });
  });

  test("a creation time before 1970 is none", async () => {
    const since1970 = box("moov", mvhd({ createdAtSeconds: 1_400_000_000, durationTicks: 1 }), trak(video));
    expect(await probeMp4(readerOf(bytesOf(ftyp, since1970, box("mdat"))))).toMatchObject({
      createdAtMs: null,
    });
  });

  test.each([
    ["an empty file", zeros(0), "empty-file", /empty/],
    [
      "Matroska",
      bytesOf([0x1a, 0x45, 0xdf, 0xa3, 1, 0, 0, 0, 0, 0, 0, 0x23]),
      "unsupported-container",
      /Matroska/,
    ],
    ["AVI", bytesOf("RIFF", u32(99), "AVI LIST"), "unsupported-container", /AVI/],
    [
      "a transport stream",
      bytesOf("G", [0x40, 0x11, 0x10], zeros(184)),
      "unsupported-container",
      /transport/,
    ],
    ["a program stream", bytesOf([0, 0, 1, 0xba], zeros(30)), "unsupported-container", /program/],
    ["text", bytesOf("Good morning, this is no film"), "not-mp4", /MP4/],
    ["three bytes", zeros(3), "not-mp4", /MP4/],
    ["a file cut in its mdat", ordinary.subarray(0, -1), "truncated", /cut short/],
    ["a file cut in its moov", ordinary.subarray(0, 200), "truncated", /"moov"/],
    ["a file cut in a header", bytesOf(ordinary, [0, 0, 0]), "truncated", /header/],
    [
      "a film that the camera never finished",
      bytesOf(ftyp, box("mdat", zeros(50))),
      "box-missing",
      /did not finish/,
    ],
    ["a film without media", bytesOf(ftyp, moov), "box-missing", /mdat/],
    ["a film without tracks", bytesOf(ftyp, box("moov", mvhd()), box("mdat")), "box-missing", /no video/],
    ["two moov", bytesOf(ftyp, moov, moov, box("mdat")), "box-repeated", /second/],
    ["a size below the header", bytesOf(ftyp, u32(4), "moov"), "box-size-invalid", /header/],
    ["an ftyp of 1 GB", bytesOf(u32(2 ** 30), "ftyp", zeros(40)), "limit-exceeded", /larger/],
    ["a moov of 1 GB", bytesOf(ftyp, u32(2 ** 30), "moov", zeros(40)), "limit-exceeded", /larger/],
    ["a size that overflows", bytesOf(ftyp, u32(1), "mdat", u64(2n ** 53n - 1n)), "truncated", /beyond/],
  ])("refuses %s", async (_, bytes, code, says) => {
    expect(await codeOfAsync(() => probeMp4(readerOf(bytes)))).toBe(code);
    await expect(probeMp4(readerOf(bytes))).rejects.toThrow(says);
  });

  test("reads are bounded", async () => {
    const many = bytesOf(ftyp, ...Array.from({ length: 50 }, () => box("free")));
    expect(await codeOfAsync(() => probeMp4(readerOf(many), { maxBoxes: 20 }))).toBe("limit-exceeded");
    expect(await codeOfAsync(() => probeMp4(readerOf(ordinary), { maxMoovBytes: 100 }))).toBe(
      "limit-exceeded",
    );
  });

  test("a reader that fails is named as the cause; one that gives too much is cut", async () => {
    const cause = new TypeError("the medium was pulled out");
    await expect(probeMp4(() => Promise.reject(cause))).rejects.toMatchObject({ code: "read-failed", cause });
    const generous: ReadRange = (offset) => Promise.resolve(ordinary.slice(offset));
    expect(await probeMp4(generous)).toMatchObject({ durationMs: 30_500 });
  });
});
