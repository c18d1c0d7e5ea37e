/** How light it is, and what that does to colours. */

import { rgb } from "./canvas.ts";
import type { Colour } from "./canvas.ts";

/** 0 at night to 1 by day, with about an hour of dusk, for a clock in UTC near Greenwich. */
export function daylightAt(clockMs: number): number {
  const date = new Date(clockMs);
  const hour = date.getUTCHours() + date.getUTCMinutes() / 60;
  const height = Math.cos(((hour - 13) * Math.PI) / 12);
  return Number.isNaN(height) ? 1 : Math.max(0, Math.min(1, height * 2.2 + 0.75));
}

/** A painter's palette for one state of the light. */
export interface Palette {
  readonly daylight: number;
  /** A colour that needs light to be seen. */
  lit(red: number, green: number, blue: number): Colour;
  /** A colour that shines by itself. */
  shining(red: number, green: number, blue: number): Colour;
}

export function paletteFor(daylight: number): Palette {
  const strength = 0.3 + 0.7 * daylight;
  return {
    daylight,
    lit: (red, green, blue) =>
      rgb(
        red * strength * (0.8 + 0.2 * daylight),
        green * strength * (0.86 + 0.14 * daylight),
        blue * strength,
      ),
    shining: rgb,
  };
}
