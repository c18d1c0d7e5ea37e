import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildFragmentIndex, hlsPlaylist } from "../src/index.ts";
import type { PartDescription } from "../src/index.ts";
import { codeOf } from "./expect-code.ts";

function part(startMs: number, lengthBytes: number, durationMs: number): PartDescription {
  return { kind: "fragment", lengthBytes, startMs, durationMs };
}
const index = buildFragmentIndex([
  { kind: "init", lengthBytes: 1259 },
  part(0, 74_297, 2000),
  part(2000, 83_150, 2507),
  part(60_000, 77_431, 1040),
]);
const uris = { initUri: "media.mp4", mediaUri: "media.mp4" };

describe("hlsPlaylist", () => {
  test("is a VOD playlist of byte ranges, with a discontinuity at the pause", () => {
    expect(hlsPlaylist(index, { ...uris, startedAtMs: Date.UTC(2014, 4, 8, 10, 0, 0) })).toBe(
      [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-TARGETDURATION:3",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        '#EXT-X-MAP:URI="media.mp4",BYTERANGE="1259@0"',
        "#EXT-X-PROGRAM-DATE-TIME:2014-05-08T10:00:00.000Z",
        "#EXTINF:2.000,",
        "#EXT-X-BYTERANGE:74297@1259",
        "media.mp4",
        "#EXTINF:2.507,",
        "#EXT-X-BYTERANGE:83150@75556",
        "media.mp4",
        "#EXT-X-DISCONTINUITY",
        "#EXT-X-PROGRAM-DATE-TIME:2014-05-08T10:01:00.000Z",
        "#EXTINF:1.040,",
        "#EXT-X-BYTERANGE:77431@158706",
        "media.mp4",
        "#EXT-X-ENDLIST",
        "",
      ].join("\n"),
    );
  });

  test("a part left out leaves a discontinuity, none at the beginning", () => {
    const lines = hlsPlaylist(index, { ...uris, omitParts: new Set([1]) }).split("\n");
    expect(lines.filter((line) => line === "media.mp4")).toHaveLength(2);
    expect(lines.filter((line) => line === "#EXT-X-DISCONTINUITY")).toHaveLength(1);
    const middle = hlsPlaylist(index, { ...uris, omitParts: new Set([2]), independentSegments: false });
    expect(middle.match(/DISCONTINUITY/g)).toHaveLength(1);
    expect(middle).not.toContain("INDEPENDENT");
  });

  test("without fragments it is an empty, valid playlist", () => {
    const empty = buildFragmentIndex([{ kind: "init", lengthBytes: 9 }]);
    expect(hlsPlaylist(empty, uris)).toContain("#EXT-X-TARGETDURATION:1\n");
  });

  test.each(["", "a b", 'a"b', "a\nb", "#tag", "é", "x".repeat(4097)])("refuses the URI %j", (uri) => {
    expect(codeOf(() => hlsPlaylist(index, { ...uris, mediaUri: uri }))).toBe("argument-invalid");
    expect(codeOf(() => hlsPlaylist(index, { ...uris, initUri: uri }))).toBe("argument-invalid");
  });

  test("takes what URLs are made of, and refuses a time that is none", () => {
    const mediaUri = "https://sworn.example/recordings/7/media.mp4?session=a%22b&t=1#x";
    expect(hlsPlaylist(index, { ...uris, mediaUri })).toContain(`\n${mediaUri}\n`);
    expect(codeOf(() => hlsPlaylist(index, { ...uris, startedAtMs: Number.NaN }))).toBe("argument-invalid");
  });

  test("property: no duration, rounded, exceeds the target, and the ranges cover the file", () => {
    const durations = fc.array(fc.integer({ min: 1, max: 30_000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(durations, (all) => {
        const parts = all.map((durationMs, n) => part(n * 30_000, 10 + n, durationMs));
        const text = hlsPlaylist(buildFragmentIndex([{ kind: "init", lengthBytes: 7 }, ...parts]), uris);
        const target = Number(/TARGETDURATION:(\d+)/.exec(text)?.[1]);
        for (const [, value] of text.matchAll(/#EXTINF:([\d.]+),/g)) {
          expect(Math.round(Number(value))).toBeLessThanOrEqual(target);
        }
        let next = 7;
        for (const [, length, offset] of text.matchAll(/#EXT-X-BYTERANGE:(\d+)@(\d+)/g)) {
          expect(Number(offset)).toBe(next);
          next += Number(length);
        }
      }),
    );
  });
});
