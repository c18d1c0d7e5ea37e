/** What moves in the scene: people and vehicles, placed by time alone, so that any moment can be drawn by itself. */

import type { Canvas, Point } from "./canvas.ts";
import type { Palette } from "./light.ts";
import { seeded } from "./seeded.ts";
import type { Seeded } from "./seeded.ts";
import { FAR_FEET, FAR_WHEELS, NEAR_FEET, NEAR_WHEELS } from "./street.ts";

type Paint = readonly [red: number, green: number, blue: number];

export interface Mover {
  readonly kind: "person" | "car" | "van" | "bus";
  /** Where feet or wheels touch the ground, scene units. */
  readonly groundY: number;
  readonly size: number;
  /** Units a second, negative to the left. */
  readonly speed: number;
  readonly phase: number;
  /** Distance after which it comes again. */
  readonly lap: number;
  readonly paint: Paint;
  readonly second: Paint;
}

/** A view onto the scene: pixels per unit, and the scene's point at the picture's corner. */
export interface View {
  readonly canvas: Canvas;
  readonly palette: Palette;
  readonly scale: number;
  readonly left: number;
  readonly top: number;
}

const MARGIN = 130;

export interface Traffic {
  /** Farthest first: the order of painting. */
  readonly behindLamp: readonly Mover[];
  readonly beforeLamp: readonly Mover[];
}

export function makeTraffic(seed: string, widthUnits: number): Traffic {
  const random = seeded(`traffic ${seed}`);
  const people = (count: number, groundY: number, size: number): Mover[] =>
    Array.from({ length: count }, () => person(random, groundY, size, widthUnits));
  const vehicles = (count: number, groundY: number, size: number, direction: number): Mover[] => {
    const lap = widthUnits + 2 * MARGIN + random.between(240, 700);
    const speed = direction * random.between(95, 150);
    return Array.from({ length: count }, (_, index) =>
      vehicle(random, { groundY, size, speed, lap, phase: (lap * index) / count }),
    );
  };
  return {
    behindLamp: [
      ...people(5, FAR_FEET, 0.44),
      ...vehicles(3, FAR_WHEELS, 0.86, 1),
      ...vehicles(2, NEAR_WHEELS, 1.12, -1),
    ],
    beforeLamp: people(2, NEAR_FEET, 1.06),
  };
}

function person(random: Seeded, groundY: number, size: number, widthUnits: number): Mover {
  const speed = random.between(26, 44) * (size + 0.3) * random.pick([-1, 1]);
  const lap = widthUnits + 2 * MARGIN + random.between(60, 500);
  const coats: [Paint, ...Paint[]] = [
    [44, 60, 96],
    [120, 40, 44],
    [58, 84, 62],
    [40, 40, 44],
    [168, 142, 96],
    [96, 70, 110],
    [206, 208, 60],
  ];
  const legs: [Paint, ...Paint[]] = [
    [36, 40, 54],
    [66, 60, 54],
    [30, 30, 32],
    [74, 92, 126],
  ];
  return {
    kind: "person",
    groundY,
    size: size * random.between(0.92, 1.06),
    speed,
    phase: random.between(0, lap),
    lap,
    paint: random.pick(coats),
    second: random.pick(legs),
  };
}

function vehicle(random: Seeded, lane: Pick<Mover, "groundY" | "size" | "speed" | "lap" | "phase">): Mover {
  const kind = random.pick<Mover["kind"]>(["car", "car", "car", "car", "van", "bus"]);
  const paints: [Paint, ...Paint[]] = [
    [150, 154, 160],
    [36, 40, 46],
    [28, 62, 120],
    [150, 26, 32],
    [226, 226, 224],
    [60, 92, 84],
  ];
  const paint: Paint = kind === "bus" ? [190, 24, 30] : random.pick(paints);
  return { kind, ...lane, phase: lane.phase + random.between(0, 90), paint, second: [24, 26, 30] };
}

/** Draws one mover as it is `mediaMs` after the start. */
export function drawMover(view: View, mover: Mover, mediaMs: number): void {
  const run = mover.phase + (mover.speed * mediaMs) / 1000;
  const x = (((run % mover.lap) + mover.lap) % mover.lap) - MARGIN;
  if (mover.kind === "person") drawPerson(view, mover, x, run);
  else drawVehicle(view, mover, x);
}

/** Maps a mover's own coordinates (origin at the ground, facing right) onto the picture. */
function placer(view: View, mover: Mover, x: number): (dx: number, dy: number) => Point {
  const facing = mover.speed < 0 ? -1 : 1;
  return (dx, dy) => [
    (x + dx * mover.size * facing - view.left) * view.scale,
    (mover.groundY + dy * mover.size - view.top) * view.scale,
  ];
}

function drawPerson(view: View, mover: Mover, x: number, run: number): void {
  const { canvas, palette } = view;
  const at = placer(view, mover, x);
  const unit = mover.size * view.scale;
  const swing = Math.sin(run / (9 * mover.size)) * 13;
  const coat = palette.lit(...mover.paint);
  const dark = palette.lit(mover.paint[0] * 0.75, mover.paint[1] * 0.75, mover.paint[2] * 0.75);
  const trousers = palette.lit(...mover.second);
  const skin = palette.lit(206, 160, 130);
  const shoe = palette.lit(26, 24, 24);
  canvas.ellipse(...at(0, 1), 17 * unit, 3 * unit, palette.lit(92, 90, 86));
  canvas.stroke(at(2, -66), at(-swing * 0.8, -38), 7 * unit, dark);
  for (const way of [1, -1]) {
    const knee = at(way * swing * 0.55 + 2, -26);
    canvas.stroke(at(0, -52), knee, 9.5 * unit, trousers);
    canvas.stroke(knee, at(way * swing, -2), 8 * unit, trousers);
    canvas.ellipse(...at(way * swing + 3, -2), 6.5 * unit, 3 * unit, shoe);
  }
  canvas.polygon([at(-9, -86), at(9, -86), at(11, -46), at(-11, -46)], coat);
  canvas.ellipse(...at(0, -85), 9.6 * unit, 5 * unit, coat);
  canvas.stroke(at(-1, -82), at(swing * 0.55 - 1, -62), 7.5 * unit, dark);
  canvas.stroke(at(swing * 0.55 - 1, -62), at(swing * 0.9 + 3, -45), 6.5 * unit, dark);
  canvas.ellipse(...at(swing * 0.9 + 4, -43), 3.4 * unit, 3.6 * unit, skin);
  canvas.stroke(at(0, -92), at(0, -86), 6 * unit, skin);
  canvas.ellipse(...at(1, -98), 7.4 * unit, 9 * unit, skin);
  canvas.ellipse(...at(-1, -102), 8 * unit, 6.5 * unit, palette.lit(52, 38, 30));
}

const BODIES: Readonly<
  Record<
    Exclude<Mover["kind"], "person">,
    { readonly outline: readonly Point[]; readonly wheels: readonly number[] }
  >
> = {
  car: {
    outline: [
      [-48, -8],
      [-48, -21],
      [-44, -25],
      [-31, -26],
      [-20, -38],
      [14, -38],
      [27, -26],
      [44, -23],
      [49, -18],
      [49, -8],
    ],
    wheels: [-29, 30],
  },
  van: {
    outline: [
      [-56, -8],
      [-56, -56],
      [-52, -58],
      [28, -58],
      [42, -36],
      [55, -30],
      [57, -24],
      [57, -8],
    ],
    wheels: [-34, 36],
  },
  bus: {
    outline: [
      [-100, -8],
      [-100, -102],
      [-96, -106],
      [94, -106],
      [99, -100],
      [100, -8],
    ],
    wheels: [-62, 66],
  },
};

function drawVehicle(view: View, mover: Mover, x: number): void {
  const { canvas, palette } = view;
  const body = BODIES[mover.kind === "person" ? "car" : mover.kind];
  const at = placer(view, mover, x);
  const unit = mover.size * view.scale;
  const reach = Math.max(...body.outline.map(([dx]) => dx));
  canvas.ellipse(...at(0, 0), (reach + 4) * unit, 5 * unit, palette.lit(34, 34, 36));
  canvas.polygon(
    body.outline.map(([dx, dy]) => at(dx, dy)),
    palette.lit(...mover.paint),
  );
  const shade = palette.lit(mover.paint[0] * 0.7, mover.paint[1] * 0.7, mover.paint[2] * 0.7);
  canvas.polygon([at(-reach, -14), at(reach, -14), at(reach, -8), at(-reach, -8)], shade);
  drawGlass(view, mover, at);
  for (const wheel of body.wheels) {
    canvas.ellipse(...at(wheel, -8), 9.5 * unit, 9.5 * unit, palette.lit(22, 22, 24));
    canvas.ellipse(...at(wheel, -8), 5 * unit, 5 * unit, palette.lit(150, 152, 156));
    canvas.ellipse(...at(wheel, -8), 2 * unit, 2 * unit, palette.lit(70, 72, 76));
  }
  const night = palette.daylight < 0.55;
  canvas.ellipse(
    ...at(reach - 2, -19),
    3 * unit,
    3 * unit,
    night ? palette.shining(255, 250, 220) : palette.lit(236, 236, 226),
  );
  canvas.ellipse(
    ...at(1 - reach, -20),
    2 * unit,
    3.4 * unit,
    night ? palette.shining(230, 30, 26) : palette.lit(160, 30, 30),
  );
  if (!night) return;
  const [beamX, beamY] = at(reach + 40, -1);
  canvas.glow(beamX, beamY, 58 * unit, 60, 0.22);
}

function drawGlass(view: View, mover: Mover, at: (dx: number, dy: number) => Point): void {
  const { canvas, palette } = view;
  const night = palette.daylight < 0.55;
  const glass = palette.lit(70, 86, 98);
  if (mover.kind === "car") {
    canvas.polygon([at(-27, -26.5), at(-18, -36), at(-4, -36), at(-4, -26.5)], glass);
    canvas.polygon([at(-1, -26.5), at(-1, -36), at(12, -36), at(22, -26.5)], glass);
    canvas.polygon([at(-3.2, -26), at(-1.8, -26), at(-1.8, -10), at(-3.2, -10)], palette.lit(40, 40, 44));
    return;
  }
  if (mover.kind === "van") {
    canvas.polygon([at(14, -38), at(14, -54), at(27, -54), at(38, -38)], glass);
    return;
  }
  const inside = night ? palette.shining(244, 226, 170) : palette.lit(110, 126, 138);
  for (const deck of [-96, -58]) {
    for (let pane = -92; pane < 90; pane += 26) {
      canvas.polygon(
        [at(pane, deck), at(pane + 22, deck), at(pane + 22, deck + 20), at(pane, deck + 20)],
        inside,
      );
    }
  }
  canvas.polygon([at(-99, -68), at(99, -68), at(99, -64), at(-99, -64)], palette.lit(236, 232, 220));
  canvas.polygon([at(48, -58), at(66, -58), at(66, -10), at(48, -10)], palette.lit(52, 58, 66));
}
