/**
 * A picture in I420 (planar 4:2:0) with a few filled shapes. Shapes are drawn as horizontal runs, so that the work is
 * done by native fills; everything outside the picture is clipped.
 */

export interface Colour {
  readonly y: number;
  readonly u: number;
  readonly v: number;
}

export type Point = readonly [x: number, y: number];

/** BT.601 in limited range, as video without colour tags is read. Channels 0 to 255. */
export function rgb(red: number, green: number, blue: number): Colour {
  return {
    y: 16 + 0.257 * red + 0.504 * green + 0.098 * blue,
    u: 128 - 0.148 * red - 0.291 * green + 0.439 * blue,
    v: 128 + 0.439 * red - 0.368 * green - 0.071 * blue,
  };
}

export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly luma: Uint8Array;
  readonly blue: Uint8Array;
  readonly red: Uint8Array;

  /** `data` holds the three planes one after the other; width and height are even. */
  constructor(width: number, height: number, data: Uint8Array = new Uint8Array((width * height * 3) / 2)) {
    const quarter = (width / 2) * (height / 2);
    this.width = width;
    this.height = height;
    this.luma = data.subarray(0, width * height);
    this.blue = data.subarray(width * height, width * height + quarter);
    this.red = data.subarray(width * height + quarter, width * height + 2 * quarter);
  }

  /** Fills [x0, x1) of one row. */
  run(row: number, x0: number, x1: number, colour: Colour): void {
    const from = Math.max(0, Math.round(x0));
    const to = Math.min(this.width, Math.round(x1));
    if (row < 0 || row >= this.height || to <= from) return;
    this.luma.fill(colour.y, row * this.width + from, row * this.width + to);
    if (row % 2 === 1) return;
    const chroma = (row / 2) * (this.width / 2);
    const [first, last] = [chroma + ((from + 1) >> 1), chroma + ((to + 1) >> 1)];
    this.blue.fill(colour.u, first, last);
    this.red.fill(colour.v, first, last);
  }

  rect(x: number, y: number, width: number, height: number, colour: Colour): void {
    const bottom = Math.round(y + height);
    for (let row = Math.round(y); row < bottom; row += 1) this.run(row, x, x + width, colour);
  }

  /** Any simple polygon, even-odd. */
  polygon(points: readonly Point[], colour: Colour): void {
    const top = Math.max(0, Math.ceil(Math.min(...points.map((point) => point[1])) - 0.5));
    const bottom = Math.min(this.height, Math.ceil(Math.max(...points.map((point) => point[1])) - 0.5));
    for (let row = top; row < bottom; row += 1) {
      const crossings = crossingsAt(points, row + 0.5);
      for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
        this.run(row, crossings[pair] ?? 0, crossings[pair + 1] ?? 0, colour);
      }
    }
  }

  ellipse(x: number, y: number, radiusX: number, radiusY: number, colour: Colour): void {
    for (let row = Math.round(y - radiusY); row < y + radiusY; row += 1) {
      const part = (row + 0.5 - y) / radiusY;
      if (Math.abs(part) >= 1) continue;
      const half = radiusX * Math.sqrt(1 - part * part);
      this.run(row, x - half, x + half, colour);
    }
  }

  /** A straight stroke with square ends. */
  stroke(from: Point, to: Point, thickness: number, colour: Colour): void {
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    const length = Math.hypot(dx, dy) || 1;
    const [nx, ny] = [(-dy / length) * (thickness / 2), (dx / length) * (thickness / 2)];
    const corners: Point[] = [
      [from[0] + nx, from[1] + ny],
      [to[0] + nx, to[1] + ny],
      [to[0] - nx, to[1] - ny],
      [from[0] - nx, from[1] - ny],
    ];
    this.polygon(corners, colour);
  }

  /** Adds light that fades to nothing at the radius; `flat` below 1 makes it a pool on the ground. */
  glow(x: number, y: number, radius: number, light: number, flat = 1): void {
    const [left, right] = [Math.max(0, Math.ceil(x - radius)), Math.min(this.width, x + radius)];
    const radiusY = radius * flat;
    for (let row = Math.max(0, Math.ceil(y - radiusY)); row < Math.min(this.height, y + radiusY); row += 1) {
      for (let column = left; column < right; column += 1) {
        const fade = 1 - ((row - y) / radiusY) ** 2 - ((column - x) / radius) ** 2;
        if (fade <= 0) continue;
        const at = row * this.width + column;
        this.luma[at] = Math.max(16, Math.min(235, (this.luma[at] ?? 0) + light * fade * fade));
      }
    }
  }

  /** Copies a window of a larger picture; its corner is rounded to even pixels for the colour planes. */
  copyWindow(from: Canvas, left: number, top: number): void {
    const x = Math.round(left / 2) * 2;
    const y = Math.round(top / 2) * 2;
    for (let row = 0; row < this.height; row += 1) {
      const start = (row + y) * from.width + x;
      this.luma.set(from.luma.subarray(start, start + this.width), row * this.width);
      if (row % 2 === 1) continue;
      const half = ((row + y) / 2) * (from.width / 2) + x / 2;
      this.blue.set(from.blue.subarray(half, half + this.width / 2), (row / 2) * (this.width / 2));
      this.red.set(from.red.subarray(half, half + this.width / 2), (row / 2) * (this.width / 2));
    }
  }
}

/** Averages four pixels into one: what was drawn at twice the size comes out with smooth edges. */
export function halved(large: Canvas): Canvas {
  const small = new Canvas(large.width / 2, large.height / 2);
  halvePlane(large.luma, large.width, small.luma, small.width, small.height);
  halvePlane(large.blue, large.width / 2, small.blue, small.width / 2, small.height / 2);
  halvePlane(large.red, large.width / 2, small.red, small.width / 2, small.height / 2);
  return small;
}

function halvePlane(
  from: Uint8Array,
  fromWidth: number,
  to: Uint8Array,
  width: number,
  height: number,
): void {
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const at = 2 * row * fromWidth + 2 * column;
      const below = at + fromWidth;
      const sum = (from[at] ?? 0) + (from[at + 1] ?? 0) + (from[below] ?? 0) + (from[below + 1] ?? 0);
      to[row * width + column] = (sum + 2) >> 2;
    }
  }
}

function crossingsAt(points: readonly Point[], y: number): number[] {
  const found: number[] = [];
  let previous = points[points.length - 1];
  for (const point of points) {
    if (previous !== undefined && previous[1] <= y !== point[1] <= y) {
      found.push(previous[0] + ((y - previous[1]) / (point[1] - previous[1])) * (point[0] - previous[0]));
    }
    previous = point;
  }
  return found.sort((one, other) => one - other);
}
