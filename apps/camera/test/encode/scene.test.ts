/** The scene: the same for the same seed and clock, different cameras look different, and the labels can be read. */

import { describe, expect, it } from "vitest";
import { Canvas } from "../../node/scene/canvas.ts";
import { GLYPH_HEIGHT, GLYPH_WIDTH, glyphRows } from "../../node/scene/font.ts";
import { burnLabels } from "../../node/scene/labels.ts";
import { daylightAt } from "../../node/scene/light.ts";
import { createScene } from "../../node/scene/scene.ts";
import { createSound } from "../../node/scene/sound.ts";

const [WIDTH, HEIGHT] = [640, 360];
const NOON_MS = Date.parse("2014-05-08T12:00:00Z");
const NIGHT_MS = Date.parse("2014-05-08T23:30:00Z");
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:/,'()&+#?";

function picture(seed: string, startedAtMs: number, mediaMs: number): Uint8Array {
  const into = new Uint8Array((WIDTH * HEIGHT * 3) / 2);
  createScene({ seed, width: WIDTH, height: HEIGHT, startedAtMs }).draw(into, mediaMs);
  return into;
}

function difference(one: Uint8Array, other: Uint8Array): number {
  return one.reduce((sum, value, index) => sum + Math.abs(value - (other[index] ?? 0)), 0) / one.length;
}

function brightness(frame: Uint8Array): number {
  return frame.subarray(0, WIDTH * HEIGHT).reduce((sum, value) => sum + value, 0) / (WIDTH * HEIGHT);
}

/** Reads burned-in text back, by comparing cells with the typeface. */
function readLabel(frame: Uint8Array, left: number, top: number, scale: number, characters: number): string {
  let text = "";
  for (let cell = 0; cell < characters; cell += 1) {
    const rows = Array.from({ length: GLYPH_HEIGHT }, (_, row) => {
      let bits = 0;
      for (let column = 0; column < GLYPH_WIDTH; column += 1) {
        const x = left + (cell * (GLYPH_WIDTH + 1) + column) * scale;
        bits = bits * 2 + ((frame[(top + row * scale) * WIDTH + x] ?? 0) > 200 ? 1 : 0);
      }
      return bits;
    });
    text += Array.from(` ${ALPHABET}`).find((letter) => glyphRows(letter).join() === rows.join()) ?? "*";
  }
  return text;
}

describe("the scene", () => {
  it("draws the same picture for the same seed and clock, whatever was drawn before", () => {
    const scene = createScene({ seed: "a", width: WIDTH, height: HEIGHT, startedAtMs: NOON_MS });
    const into = new Uint8Array((WIDTH * HEIGHT * 3) / 2);
    for (const mediaMs of [9000, 100, 5000]) scene.draw(into, mediaMs);
    expect(difference(into, picture("a", NOON_MS, 5000))).toBe(0);
  });

  it("moves, differs between cameras, and is dark at night", () => {
    expect(difference(picture("a", NOON_MS, 0), picture("a", NOON_MS, 1000))).toBeGreaterThan(0.5);
    expect(difference(picture("a", NOON_MS, 0), picture("b", NOON_MS, 0))).toBeGreaterThan(5);
    expect(brightness(picture("a", NOON_MS, 0))).toBeGreaterThan(2 * brightness(picture("a", NIGHT_MS, 0)));
    expect(daylightAt(NOON_MS)).toBe(1);
    expect(daylightAt(NIGHT_MS)).toBe(0);
    expect(daylightAt(Number.NaN)).toBe(1);
  });

  it.each([
    [64, 64],
    [66, 130],
    [426, 240],
  ])("fits a picture of %i by %i", (width, height) => {
    const into = new Uint8Array((width * height * 3) / 2);
    createScene({ seed: "s", width, height, startedAtMs: NOON_MS }).draw(into, 4000);
    burnLabels(into, width, height, {
      cameraId: "A-LONG-CAMERA-NAME",
      borough: "Hillingdon",
      clockMs: NOON_MS,
    });
    expect(new Set(into.subarray(0, width * height)).size).toBeGreaterThan(8);
  });
});

describe("the labels", () => {
  it("can be read back: who, where and when in UTC", () => {
    const frame = picture("a", NIGHT_MS, 0);
    burnLabels(frame, WIDTH, HEIGHT, { cameraId: "CAM-0421", borough: "Camdén", clockMs: NIGHT_MS + 7340 });
    expect(readLabel(frame, 6, 6, 2, 16)).toBe("CAM-0421  CAMDEN");
    const when = "2014-05-08 23:30:07.3 UTC";
    expect(readLabel(frame, WIDTH - 6 - when.length * 12, 6, 2, when.length)).toBe(when);
  });

  it("shows a dead clock as one, and an unknown sign as a question mark", () => {
    const frame = new Uint8Array((WIDTH * HEIGHT * 3) / 2);
    burnLabels(frame, WIDTH, HEIGHT, { cameraId: "本", borough: "", clockMs: Number.POSITIVE_INFINITY });
    expect(readLabel(frame, 6, 6, 2, 1)).toBe("?");
    expect(readLabel(frame, WIDTH - 6 - 13 * 12, 6, 2, 13)).toBe("CLOCK UNKNOWN");
  });

  it("has a distinct glyph of 5 by 7 for every sign", () => {
    const drawn = Array.from(ALPHABET, (letter) => glyphRows(letter));
    expect(new Set(drawn.map((rows) => rows.join())).size).toBe(ALPHABET.length);
    for (const rows of drawn) {
      expect(rows).toHaveLength(GLYPH_HEIGHT);
      expect(rows.every((row) => row >= 0 && row < 2 ** GLYPH_WIDTH)).toBe(true);
    }
  });
});

describe("the canvas", () => {
  it("clips what lies outside and never writes beyond its planes", () => {
    const guarded = new Uint8Array(8 * 8 * 1.5 + 2).fill(7);
    const canvas = new Canvas(8, 8, guarded.subarray(1, guarded.length - 1));
    const white = { y: 235, u: 128, v: 128 };
    canvas.rect(-5, -5, 100, 100, white);
    canvas.ellipse(9, 9, 20, 20, white);
    canvas.stroke([-9, 3], [40, 50], 6, white);
    canvas.glow(0, 0, 30, 90);
    expect(guarded.at(0)).toBe(7);
    expect(guarded.at(-1)).toBe(7);
    expect(canvas.luma.every((value) => value === 235)).toBe(true);
  });
});

describe("the sound", () => {
  it("is heard, never clips, is the same for the same seed and differs between cameras", () => {
    const listen = (seed: string): Int16Array => {
      const samples = new Int16Array(48_000 * 3);
      createSound({ seed }).read(samples, 0);
      return samples;
    };
    const one = listen("a");
    const loudest = one.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    expect(loudest).toBeGreaterThan(2000);
    expect(loudest).toBeLessThanOrEqual(28_000);
    expect(listen("a")).toEqual(one);
    expect(listen("b")).not.toEqual(one);
  });
});
