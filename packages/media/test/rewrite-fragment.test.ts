import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FragmentSplitter, readFragment, readInit, rewriteFragment, walkBoxes } from "../src/index.ts";
import { codeOf } from "./expect-code.ts";
import { CMAF, encode, H264, played } from "./footage.ts";
import type { RunSpec } from "./mp4-writer.ts";
import { box, bytesOf, fragment, initSegment, styp, twoSeconds, zeros } from "./mp4-writer.ts";

const init = readInit(initSegment());

/** Video bytes are 0x56, audio bytes 0x41, so that what stays can be told from what goes. */
function painted(runs: readonly RunSpec[]): Uint8Array {
  const bytes = fragment(7, runs);
  let at = bytes.length - runs.flatMap((run) => run.samples).reduce((sum, [, size]) => sum + size, 0);
  for (const run of runs) {
    for (const [, size] of run.samples) {
      bytes.fill(run.trackId === 1 ? 0x56 : 0x41, at, at + size);
      at += size;
    }
  }
  return bytes;
}

function mdatOf(bytes: Uint8Array): Uint8Array {
  return walkBoxes(bytes).at(-1)?.payload ?? new Uint8Array(0);
}

const samples = fc.array(fc.tuple(fc.integer({ min: 1, max: 9000 }), fc.integer({ min: 1, max: 300 })), {
  minLength: 1,
  maxLength: 8,
});

describe("rewriteFragment", () => {
  test("property: without sound the pictures stay bit for bit, and no byte of sound is left", () => {
    fc.assert(
      fc.property(samples, samples, fc.boolean(), (videoSamples, audioSamples, soundFirst) => {
        const video = { trackId: 1, baseTicks: 12_800, samples: videoSamples };
        const audio = { trackId: 2, baseTicks: 44_100, samples: audioSamples };
        const original = painted(soundFirst ? [audio, video] : [video, audio]);
        const silent = rewriteFragment(original, init, { dropAudio: true });
        const before = readFragment(original, init);
        const after = readFragment(silent, init);
        expect(after).toMatchObject({
          hasVideo: true,
          hasAudio: false,
          startMs: before.startMs,
          durationMs: before.durationMs,
        });
        expect(after.tracks).toEqual(before.tracks.filter((track) => track.kind === "video"));
        const videoBytes = videoSamples.reduce((sum, [, size]) => sum + size, 0);
        expect(mdatOf(silent)).toEqual(new Uint8Array(videoBytes).fill(0x56));
      }),
    );
  });

  test("property: a shift moves every track alike and changes nothing else", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000_000 }), fc.nat(0xffff_ffff), (shiftMs, sequence) => {
        const original = twoSeconds(1);
        const moved = rewriteFragment(original, init, { shiftMs, sequence });
        const info = readFragment(moved, init);
        expect(info).toMatchObject({ sequence, startMs: 2000 + shiftMs, hasAudio: true });
        expect(mdatOf(moved)).toEqual(mdatOf(original));
        expect(rewriteFragment(moved, init, { shiftMs: -shiftMs, sequence: 2 })).toEqual(original);
      }),
    );
  });

  test("keeps what announces the fragment, but no stale byte ranges", () => {
    const bytes = bytesOf(styp, box("sidx", zeros(44)), box("emsg", zeros(20)), twoSeconds(0));
    const types = walkBoxes(rewriteFragment(bytes, init, {})).map((each) => each.type);
    expect(types).toEqual(["styp", "emsg", "moof", "mdat"]);
  });

  test("leaves its input as it is", () => {
    const original = twoSeconds(1);
    rewriteFragment(original, init, { dropAudio: true, shiftMs: 5, sequence: 9 });
    expect(original).toEqual(twoSeconds(1));
  });

  test("refuses a shift before 0, a shift that is no number, and sound alone without its sound", () => {
    expect(codeOf(() => rewriteFragment(twoSeconds(1), init, { shiftMs: -2001 }))).toBe("argument-invalid");
    expect(codeOf(() => rewriteFragment(twoSeconds(1), init, { shiftMs: Number.NaN }))).toBe(
      "argument-invalid",
    );
    const sound = fragment(1, [{ trackId: 2, baseTicks: 0, samples: [[1, 1]] }]);
    expect(codeOf(() => rewriteFragment(sound, init, { dropAudio: true }))).toBe("box-missing");
    expect(codeOf(() => rewriteFragment(zeros(40), init, {}))).toBe("box-missing");
    expect(codeOf(() => rewriteFragment(twoSeconds(1), init, { sequence: -1 }))).toBe("argument-invalid");
  });

  const encoded = encode([...H264, "-c:a", "aac", ...CMAF]);
  // Needs FFmpeg, which the machine may not have; the synthetic tests run anyway.
  test.skipIf(encoded === null)(
    "pre-record without sound, then sound, from time 0: a decoder takes every frame",
    () => {
      const [first, ...fragments] = new FragmentSplitter().push(encoded ?? new Uint8Array(0));
      if (first?.kind !== "init") throw new TypeError("the first part is no init segment");
      const parts = fragments.slice(1).map((part, number) =>
        rewriteFragment(part.bytes, first.init, {
          shiftMs: -2000,
          sequence: number + 1,
          dropAudio: number === 0,
        }),
      );
      const film = played(bytesOf(first.bytes, ...parts));
      if (film !== null) expect(film).toMatchObject({ frames: 75 });
      expect(film?.startS ?? 0).toBeLessThan(0.1);
    },
  );
});
