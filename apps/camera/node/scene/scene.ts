/**
 * The project's own scene: a street with people and traffic, by day or night as the camera's clock has it, seen by a
 * camera that sways with its wearer. The same seed and clock always give the same pictures.
 */

import { Canvas } from "./canvas.ts";
import { drawLampPost } from "./lamp.ts";
import { daylightAt, paletteFor } from "./light.ts";
import type { Palette } from "./light.ts";
import { hashText } from "./seeded.ts";
import { drawStreet, SCENE_HEIGHT } from "./street.ts";
import { drawMover, makeTraffic } from "./traffic.ts";

export interface SceneOptions {
  readonly seed: string;
  /** Pixels, even. */
  readonly width: number;
  readonly height: number;
  /** The camera's clock at media time 0, milliseconds since 1970; decides the light. */
  readonly startedAtMs: number;
}

export interface Scene {
  /** Draws the picture at this media time into an I420 buffer. */
  draw(into: Uint8Array, mediaMs: number): void;
}

/** How far the wearer turns to either side, scene units. */
const TURN = 70;
/** How far the picture rises and falls with a step. */
const BOB = 3;
/** The light is painted anew when it has changed by one such step. */
const LIGHT_STEPS = 12;

export function createScene(options: SceneOptions): Scene {
  const { seed, width, height, startedAtMs } = options;
  // A little closer than the street is high, so that the camera can rise and fall.
  const scale = height / (SCENE_HEIGHT - 2 * BOB);
  const widthUnits = width / scale + 2 * TURN + 4;
  const traffic = makeTraffic(seed, widthUnits);
  const phase = (hashText(seed) % 1000) / 100;
  let painted: { step: number; palette: Palette; street: Canvas } | null = null;

  const streetFor = (clockMs: number) => {
    const step = Math.round(daylightAt(clockMs) * LIGHT_STEPS);
    if (painted?.step !== step) {
      const palette = paletteFor(step / LIGHT_STEPS);
      painted = { step, palette, street: drawStreet(seed, widthUnits, scale, palette) };
    }
    return painted;
  };

  return {
    draw: (into, mediaMs) => {
      const { palette, street } = streetFor(startedAtMs + mediaMs);
      const seconds = mediaMs / 1000 + phase;
      const turn = TURN + TURN * 0.86 * Math.sin(seconds / 6.5) + 4 * Math.sin(seconds * 1.3);
      const bob = BOB + BOB * 0.8 * Math.sin(seconds * 5.2) * Math.sin(seconds / 3.1);
      const corner = { x: Math.round((turn * scale) / 2) * 2, y: Math.round((bob * scale) / 2) * 2 };
      const canvas = new Canvas(width, height, into);
      canvas.copyWindow(street, corner.x, corner.y);
      const view = { canvas, palette, scale, left: corner.x / scale, top: corner.y / scale };
      for (const mover of traffic.behindLamp) drawMover(view, mover, mediaMs);
      drawLampPost(view);
      for (const mover of traffic.beforeLamp) drawMover(view, mover, mediaMs);
    },
  };
}
