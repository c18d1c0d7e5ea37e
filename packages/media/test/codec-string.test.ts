import { describe, expect, test } from "vitest";
import { readInit } from "../src/index.ts";
import type { TrackSpec } from "./mp4-writer.ts";
import {
  audio,
  audioEntry,
  avcC,
  box,
  bytesOf,
  esdsLc,
  fullBox,
  initSegment,
  u32,
  video,
  videoEntry,
  zeros,
} from "./mp4-writer.ts";

function trackOf(spec: TrackSpec) {
  const [track] = readInit(initSegment([spec])).tracks;
  if (track === undefined) throw new TypeError("no track");
  return track;
}

function codecOf(spec: TrackSpec): string {
  const track = trackOf(spec);
  if (track.kind === "other") throw new TypeError("no codec");
  return track.codec;
}

// The expected strings are the examples of the specifications themselves where they give one.
const hvcC = box("hvcC", [1, 0x01], u32(0x6000_0000), [0xb0, 0, 0, 0, 0, 0], [93], zeros(10));
const hvcCMain10High = box("hvcC", [1, 0x62], u32(0x2000_0000), [0, 0, 0, 0, 0, 0], [153], zeros(10));
const av1C = box("av1C", [0x81, 0x04, 0x0c, 0x00]);
const av1CHigh10 = box("av1C", [0x81, 0x2d, 0xc0, 0x00]);
const vpcC = fullBox("vpcC", 1, 0, bytesOf([2, 10, 0xa2, 2, 2, 2, 0, 0]));
const esdsHe = fullBox(
  "esds",
  0,
  0,
  bytesOf([3, 22, 0, 1, 0], [4, 17, 0x40, 0x15], zeros(11), [5, 2, 0x2b, 0x11]),
);
const esdsEscaped = fullBox(
  "esds",
  0,
  0,
  bytesOf([3, 22, 0, 1, 0], [4, 17, 0x40, 0x15], zeros(11), [5, 2, 0xf9, 0x40]),
);
const esdsMp3 = fullBox("esds", 0, 0, bytesOf([3, 22, 0, 1, 0], [4, 13, 0x6b, 0x15], zeros(11)));
const esdsWithFlags = fullBox(
  "esds",
  0,
  0,
  bytesOf([3, 30, 0, 1, 0xe0, 9, 9, 2, 0x68, 0x69, 8, 8], [4, 17, 0x40, 0x15], zeros(11), [5, 2, 0x12, 0x10]),
);

describe("codec strings", () => {
  test.each([
    ["avc1.64001f", videoEntry("avc1", 640, 360, avcC)],
    ["avc3.64001f", videoEntry("avc3", 640, 360, box("btrt", zeros(12)), avcC)],
    ["avc1", videoEntry("avc1", 640, 360)],
    ["hvc1.1.6.L93.B0", videoEntry("hvc1", 640, 360, hvcC)],
    ["hev1.A2.4.H153", videoEntry("hev1", 640, 360, hvcCMain10High)],
    ["av01.0.04M.08", videoEntry("av01", 640, 360, av1C)],
    ["av01.1.13H.10", videoEntry("av01", 640, 360, av1CHigh10)],
    ["vp09.02.10.10", videoEntry("vp09", 640, 360, vpcC)],
    ["jpeg", videoEntry("jpeg", 640, 360)],
  ])("%s", (expected, entry) => {
    expect(codecOf({ ...video, entry })).toBe(expected);
  });

  test.each([
    ["mp4a.40.2", audioEntry("mp4a", 2, 44_100, esdsLc)],
    ["mp4a.40.5", audioEntry("mp4a", 2, 44_100, esdsHe)],
    ["mp4a.40.42", audioEntry("mp4a", 2, 44_100, esdsEscaped)],
    ["mp4a.40.2", audioEntry("mp4a", 2, 44_100, esdsWithFlags)],
    ["mp4a.6b", audioEntry("mp4a", 2, 44_100, esdsMp3)],
    ["opus", audioEntry("Opus", 1, 48_000, box("dOps", zeros(11)))],
    ["flac", audioEntry("fLaC", 1, 48_000)],
    ["mp4a", audioEntry("mp4a", 2, 44_100)],
  ])("%s", (expected, entry) => {
    expect(codecOf({ ...audio, entry })).toBe(expected);
  });

  test("sizes, rate and channels come from the entry", () => {
    expect(trackOf(video)).toMatchObject({
      kind: "video",
      widthPixels: 640,
      heightPixels: 360,
      timescale: 12_800,
    });
    expect(trackOf(audio)).toMatchObject({ kind: "audio", sampleRateHz: 44_100, channelCount: 2 });
  });

  test("QuickTime sound entries, version 1, with the configuration inside wave", () => {
    const wave = box("wave", box("frma", "mp4a"), esdsLc, u32(8), zeros(4));
    const entry = audioEntry("mp4a", 2, 44_100, zeros(16), wave);
    entry[17] = 1;
    expect(codecOf({ ...audio, entry })).toBe("mp4a.40.2");
  });

  test("ISO sound entries of version 1 have no such fields", () => {
    const entry = audioEntry("mp4a", 2, 44_100, esdsLc);
    entry[17] = 1;
    expect(codecOf({ ...audio, entry })).toBe("mp4a.40.2");
  });

  test("a track that is neither video nor audio is listed as other", () => {
    const other = { ...video, trackId: 3, handler: "meta", entry: box("mett") };
    expect(readInit(initSegment([video, other])).tracks[1]).toMatchObject({ kind: "other", handler: "meta" });
  });
});
