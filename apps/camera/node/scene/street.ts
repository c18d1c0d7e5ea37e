/** What stands still in the scene: sky, a terrace of houses, trees, pavements and the road. Drawn once per light. */

import { Canvas, halved } from "./canvas.ts";
import type { Colour, Point } from "./canvas.ts";
import type { Palette } from "./light.ts";
import { seeded } from "./seeded.ts";
import type { Seeded } from "./seeded.ts";

/** Heights in the scene's own unit: the picture is 360 units high, whatever its pixels. */
export const SCENE_HEIGHT = 360;
export const FAR_FEET = 214;
export const FAR_WHEELS = 250;
export const NEAR_WHEELS = 292;
export const NEAR_FEET = 342;
export const LAMP_HEAD: Point = [505, 92];

const EAVES = 98;
const HOUSE_FOOT = 204;
const ROAD_TOP = 221;
const ROAD_FOOT = 304;

export function lampIsOn(palette: Palette): boolean {
  return palette.daylight < 0.55;
}

interface Brush {
  readonly canvas: Canvas;
  readonly palette: Palette;
  readonly random: Seeded;
  /** Pixels per unit. */
  readonly scale: number;
  readonly widthUnits: number;
}

/** The street `widthUnits` wide at `pixelsPerUnit`, smooth-edged. */
export function drawStreet(
  seed: string,
  widthUnits: number,
  pixelsPerUnit: number,
  palette: Palette,
): Canvas {
  const scale = pixelsPerUnit * 2;
  const pixels = (units: number): number => Math.ceil((units * pixelsPerUnit) / 2) * 4;
  const canvas = new Canvas(pixels(widthUnits), pixels(SCENE_HEIGHT));
  const brush: Brush = { canvas, palette, random: seeded(`street ${seed}`), scale, widthUnits };
  drawSky(brush);
  for (let x = -20; x < widthUnits;) x += drawHouse(brush, x);
  drawGround(brush);
  for (let x = brush.random.between(40, 140); x < widthUnits; x += brush.random.between(170, 290))
    drawTree(brush, x);
  drawPillarBox(brush, brush.random.between(120, 380));
  drawLampLight(brush);
  return halved(canvas);
}

function box(brush: Brush, x: number, y: number, width: number, height: number, colour: Colour): void {
  const { scale } = brush;
  brush.canvas.rect(x * scale, y * scale, width * scale, height * scale, colour);
}

function shape(brush: Brush, points: readonly Point[], colour: Colour): void {
  const { scale } = brush;
  brush.canvas.polygon(
    points.map(([x, y]) => [x * scale, y * scale]),
    colour,
  );
}

function disc(brush: Brush, x: number, y: number, radiusX: number, radiusY: number, colour: Colour): void {
  const { scale } = brush;
  brush.canvas.ellipse(x * scale, y * scale, radiusX * scale, radiusY * scale, colour);
}

function drawSky(brush: Brush): void {
  const { palette, random, canvas, scale } = brush;
  const day = palette.daylight;
  const mixed = (night: number, noon: number): number => night + (noon - night) * day;
  for (let y = 0; y < HOUSE_FOOT; y += 1) {
    const low = y / HOUSE_FOOT;
    const dusk = day * (1 - day) * 4 * low;
    const colour = palette.shining(
      mixed(14 + 16 * low, 96 + 120 * low) + 70 * dusk,
      mixed(18 + 16 * low, 150 + 76 * low) + 12 * dusk,
      mixed(40 + 22 * low, 216 + 20 * low) - 30 * dusk,
    );
    box(brush, 0, y, brush.widthUnits, 1, colour);
  }
  if (day < 0.4) {
    for (let star = 0; star < 70; star += 1) {
      const light = random.between(120, 220);
      box(
        brush,
        random.between(0, brush.widthUnits),
        random.between(0, 90),
        0.8,
        0.8,
        palette.shining(light, light, light),
      );
    }
    disc(brush, 150, 40, 10, 10, palette.shining(226, 226, 206));
    canvas.glow(150 * scale, 40 * scale, 60 * scale, 30);
    return;
  }
  for (let cloud = 0; cloud < 6; cloud += 1) {
    const [x, y] = [random.between(0, brush.widthUnits), random.between(18, 62)];
    const white = palette.shining(mixed(80, 240), mixed(80, 243), mixed(96, 246));
    for (let puff = 0; puff < 6; puff += 1) {
      disc(
        brush,
        x + puff * 11 - 28,
        y + random.between(-3, 3),
        random.between(11, 20),
        random.between(4, 8),
        white,
      );
    }
  }
}

/** Returns the width drawn. */
function drawHouse(brush: Brush, x: number): number {
  const { palette, random } = brush;
  const width = random.between(92, 124);
  const wall = random.pick<[number, number, number]>([
    [176, 150, 108],
    [150, 84, 66],
    [222, 216, 202],
    [140, 96, 76],
    [196, 172, 136],
  ]);
  const door = random.pick<[number, number, number]>([
    [30, 58, 110],
    [120, 24, 30],
    [24, 84, 58],
    [36, 36, 40],
    [196, 160, 40],
  ]);
  const brick = palette.lit(...wall);
  const ridge = EAVES - random.between(26, 38);
  shape(
    brush,
    [
      [x, EAVES],
      [x + 6, ridge],
      [x + width - 6, ridge],
      [x + width, EAVES],
    ],
    palette.lit(92, 86, 92),
  );
  for (let row = ridge + 5; row < EAVES; row += 5)
    box(brush, x + 4, row, width - 8, 0.7, palette.lit(76, 70, 78));
  box(brush, x + width - 14, ridge - 14, 12, 26, palette.lit(132, 84, 68));
  for (const pot of [0, 4.5, 9])
    box(brush, x + width - 13.5 + pot, ridge - 20, 3, 7, palette.lit(176, 104, 76));
  box(brush, x, EAVES, width, HOUSE_FOOT - EAVES, brick);
  for (let row = EAVES + 4; row < HOUSE_FOOT; row += 4) {
    box(brush, x, row, width, 0.5, palette.lit(wall[0] * 0.9, wall[1] * 0.9, wall[2] * 0.9));
  }
  box(brush, x, EAVES - 2, width, 4, palette.lit(230, 226, 218));
  box(brush, x, EAVES + 50, width, 2.5, palette.lit(224, 218, 206));
  box(brush, x + width - 1, EAVES, 1, HOUSE_FOOT - EAVES, palette.lit(70, 58, 50));
  for (const at of [0.12, 0.6]) drawWindow(brush, x + width * at, EAVES + 10, width * 0.26, 32);
  drawWindow(brush, x + width * 0.1, EAVES + 60, width * 0.4, 32);
  drawDoor(brush, x + width * 0.64, door);
  return width;
}

function drawWindow(brush: Brush, x: number, y: number, width: number, height: number): void {
  const { palette, random } = brush;
  const litInside = palette.daylight < 0.55 && random.next() < 0.5;
  const glass = litInside
    ? palette.shining(236, random.between(186, 206), random.between(96, 140))
    : palette.lit(random.between(70, 96), random.between(90, 112), random.between(110, 130));
  const frame = palette.lit(240, 238, 232);
  box(brush, x - 2, y - 2, width + 4, height + 4, frame);
  box(brush, x, y, width, height, glass);
  if (!litInside)
    shape(
      brush,
      [
        [x, y + height],
        [x, y + height * 0.5],
        [x + width * 0.6, y],
        [x + width, y],
      ],
      palette.lit(120, 140, 156),
    );
  else box(brush, x, y, width * 0.18, height, palette.shining(170, 120, 84));
  box(brush, x, y + height / 2 - 0.8, width, 1.6, frame);
  box(brush, x + width / 2 - 0.7, y, 1.4, height, frame);
  box(brush, x - 3, y + height + 2, width + 6, 2.5, palette.lit(206, 200, 188));
}

function drawDoor(brush: Brush, x: number, colour: readonly [number, number, number]): void {
  const { palette, random } = brush;
  box(brush, x - 3, 150, 26, HOUSE_FOOT - 150, palette.lit(236, 232, 224));
  box(brush, x, 162, 20, HOUSE_FOOT - 162, palette.lit(...colour));
  for (const [dx, dy] of [
    [3, 4],
    [11, 4],
    [3, 22],
    [11, 22],
  ] as const) {
    box(brush, x + dx, 162 + dy, 6, 14, palette.lit(colour[0] * 0.78, colour[1] * 0.78, colour[2] * 0.78));
  }
  const bright = palette.daylight < 0.55 && random.next() < 0.6;
  box(brush, x, 153, 20, 7, bright ? palette.shining(240, 208, 130) : palette.lit(90, 108, 124));
  disc(brush, x + 17, 184, 1.3, 1.3, palette.lit(230, 200, 90));
  box(brush, x - 5, HOUSE_FOOT - 3, 30, 5, palette.lit(176, 172, 164));
}

function drawGround(brush: Brush): void {
  const { palette, random, widthUnits } = brush;
  box(brush, 0, HOUSE_FOOT, widthUnits, 14, palette.lit(164, 160, 152));
  for (let x = 0; x < widthUnits; x += 22) box(brush, x, HOUSE_FOOT, 0.6, 14, palette.lit(138, 134, 128));
  box(brush, 0, 218, widthUnits, 3, palette.lit(196, 192, 184));
  for (let y = ROAD_TOP; y < ROAD_FOOT; y += 1) {
    const grey = 66 + ((y - ROAD_TOP) / (ROAD_FOOT - ROAD_TOP)) * 22;
    box(brush, 0, y, widthUnits, 1, palette.lit(grey, grey, grey + 4));
  }
  for (let speck = 0; speck < widthUnits; speck += 1) {
    const grey = random.between(56, 100);
    box(
      brush,
      random.between(0, widthUnits),
      random.between(ROAD_TOP + 2, ROAD_FOOT - 2),
      random.between(1, 5),
      0.7,
      palette.lit(grey, grey, grey),
    );
  }
  for (const y of [225, 228]) box(brush, 0, y, widthUnits, 1, palette.lit(214, 184, 62));
  for (let x = 6; x < widthUnits; x += 64) box(brush, x, 259, 36, 2.6, palette.lit(228, 226, 218));
  box(brush, 0, ROAD_FOOT - 4, widthUnits, 4, palette.lit(206, 202, 194));
  box(brush, 0, ROAD_FOOT, widthUnits, SCENE_HEIGHT - ROAD_FOOT, palette.lit(176, 170, 160));
  for (const y of [304, 322, 343]) box(brush, 0, y, widthUnits, 1, palette.lit(146, 140, 132));
  for (let x = -60; x < widthUnits; x += 54) {
    shape(
      brush,
      [
        [x + 10, ROAD_FOOT],
        [x + 11, ROAD_FOOT],
        [x + 1.4, SCENE_HEIGHT],
        [x, SCENE_HEIGHT],
      ],
      palette.lit(146, 140, 132),
    );
  }
}

function drawTree(brush: Brush, x: number): void {
  const { palette, random } = brush;
  box(brush, x - 3, 140, 6, 77, palette.lit(96, 74, 54));
  for (let leaf = 0; leaf < 42; leaf += 1) {
    const [angle, reach] = [random.between(0, 2 * Math.PI), Math.sqrt(random.next())];
    const green = random.between(70, 128);
    const [dx, dy] = [Math.cos(angle) * 30 * reach, Math.sin(angle) * 34 * reach];
    disc(
      brush,
      x + dx,
      112 + dy,
      random.between(6, 11),
      random.between(5, 9),
      palette.lit(green * 0.55, green, green * 0.4),
    );
  }
}

function drawPillarBox(brush: Brush, x: number): void {
  const { palette } = brush;
  box(brush, x, 186, 13, 30, palette.lit(186, 26, 30));
  disc(brush, x + 6.5, 186, 7.5, 4, palette.lit(204, 34, 36));
  box(brush, x + 3, 192, 7, 1.5, palette.lit(20, 20, 20));
  box(brush, x - 0.5, 212, 14, 4, palette.lit(24, 24, 26));
}

/** The light that the lamp throws; its post stands before the traffic and is drawn with it. */
function drawLampLight(brush: Brush): void {
  const { palette, canvas, scale } = brush;
  const [x, y] = LAMP_HEAD;
  if (!lampIsOn(palette)) return;
  canvas.glow(x * scale, (y + 5) * scale, 26 * scale, 80);
  canvas.glow(x * scale, 270 * scale, 250 * scale, 64, 0.34);
  canvas.glow(x * scale, 170 * scale, 130 * scale, 34);
}
