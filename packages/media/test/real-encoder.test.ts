// What a real encoder writes, and what real cameras wrote. Skipped where there is no FFmpeg or no footage.
import { describe, expect, test } from "vitest";
import { buildFragmentIndex, FragmentSplitter, probeMp4 } from "../src/index.ts";
import type { MediaPart } from "../src/index.ts";
import { codeOf, codeOfAsync } from "./expect-code.ts";
import { CMAF, encode, H264, played, realFilms } from "./footage.ts";
import { bytesOf } from "./mp4-writer.ts";

const DASH = ["-movflags", "+frag_keyframe+empty_moov+default_base_moof+dash"];
const PREFTS = ["-movflags", "+frag_keyframe+empty_moov+default_base_moof+cmaf", "-write_prft", "wallclock"];
const AAC = [...H264, "-c:a", "aac"];
const OPUS = ["-c:v", "libx264", "-bf", "2", "-g", "50", "-c:a", "libopus"];
const variants: [string, readonly string[], string[]][] = [
  ["H.264 and AAC, CMAF", [...AAC, ...CMAF], ["avc1", "mp4a.40.2"]],
  ["H.264 with B-frames and Opus, sidx", [...OPUS, ...DASH], ["avc1", "opus"]],
  ["a producer reference time", [...AAC, ...PREFTS], ["avc1", "mp4a.40.2"]],
  ["video alone", [...H264, "-an", ...CMAF], ["avc1"]],
];
const films = realFilms(".mp4");
const encoded = variants.map(([name, outputArguments, codecs]) => ({
  name,
  codecs,
  bytes: encode(outputArguments),
}));

function split(bytes: Uint8Array, chunkBytes: number): { parts: MediaPart[]; mfraBytes: number } {
  const splitter = new FragmentSplitter();
  const parts: MediaPart[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes)
    parts.push(...splitter.push(bytes.subarray(at, at + chunkBytes)));
  const end = splitter.finish();
  expect(end.unfinishedBytes).toBe(0);
  return { parts, mfraBytes: end.mfraBytes };
}

// Needs FFmpeg or footage, which the machine may not have; the synthetic tests run anyway.
describe.skipIf(encoded.every(({ bytes }) => bytes === null))("what FFmpeg writes", () => {
  const usable = encoded.flatMap(({ name, codecs, bytes }) =>
    bytes === null ? [] : [{ name, codecs, bytes }],
  );
  test.each(usable)("$name", async ({ codecs, bytes }) => {
    const { parts, mfraBytes } = split(bytes, 4093);
    const [first, ...fragments] = parts;
    if (first?.kind !== "init") throw new TypeError("the first part is no init segment");
    const told = first.init.tracks.map((track) => (track.kind === "other" ? "other" : track.codec));
    expect(told.map((codec) => codec.replace(/^avc1\.[0-9a-f]{6}$/, "avc1"))).toEqual(codecs);
    expect(bytesOf(...parts.map((part) => part.bytes))).toEqual(bytes.slice(0, bytes.length - mfraBytes));

    const index = buildFragmentIndex(parts);
    expect(fragments).toHaveLength(3);
    expect(fragments.every((part) => part.kind === "fragment" && part.startsWithKeyframe)).toBe(true);
    expect(index.fragments.map((part) => part.offsetBytes)).toEqual(
      fragments.map((part) => part.offsetBytes),
    );
    expect(index.fragments.some((part) => part.discontinuity)).toBe(false);
    expect(Math.abs(index.durationMs - 5000)).toBeLessThanOrEqual(40);
    const read = (offset: number, length: number) => Promise.resolve(bytes.slice(offset, offset + length));
    const probe = await probeMp4(read);
    expect(probe).toMatchObject({ layout: "fragmented", sizeBytes: bytes.length });
    expect(Math.abs((probe.durationMs ?? 0) - 5000)).toBeLessThanOrEqual(100);
  });

  test("init and fragments laid end to end are a film, and so are init and any one fragment", () => {
    const { parts } = split(encoded[0]?.bytes ?? new Uint8Array(0), 65_536);
    const whole = played(bytesOf(...parts.map((part) => part.bytes)));
    if (whole === null) return;
    expect(whole.frames).toBe(125);
    expect(whole.durationS).toBeCloseTo(5, 0);
    const alone = played(bytesOf(...[parts[0], parts[2]].map((part) => part?.bytes ?? [])));
    expect(alone?.frames).toBe(50);
  });

  test("an encoder that addresses samples by file position is refused", () => {
    const bytes = encode([...H264, "-c:a", "aac", "-movflags", "+frag_keyframe+empty_moov"]);
    if (bytes === null) return;
    expect(codeOf(() => split(bytes, 4000))).toBe("data-offset-absolute");
  });
});

// Needs FFmpeg or footage, which the machine may not have; the synthetic tests run anyway.
describe.skipIf(films.length === 0)("films of real cameras", () => {
  test.each(films)("$name is an ordinary MP4", async ({ name, bytes }) => {
    const read = (offset: number, length: number) => Promise.resolve(bytes.slice(offset, offset + length));
    const probe = await probeMp4(read);
    expect(probe).toMatchObject({ layout: "ordinary", sizeBytes: bytes.length });
    expect(probe.tracks[0]).toMatchObject({ kind: "video", widthPixels: 768, heightPixels: 432 });
    const expected = name.startsWith("car")
      ? [30_208, Date.UTC(2018, 3, 19, 22, 46)]
      : [139_400, Date.UTC(2017, 8, 26, 16, 57, 49)];
    expect([probe.durationMs, probe.createdAtMs]).toEqual(expected);
  });

  test.each(realFilms(".mkv"))("$name is told to be Matroska", async ({ bytes }) => {
    const read = (offset: number, length: number) => Promise.resolve(bytes.slice(offset, offset + length));
    expect(await codeOfAsync(() => probeMp4(read))).toBe("unsupported-container");
  });
});
