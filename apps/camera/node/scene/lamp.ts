/** The street lamp at the near kerb: in front of the traffic, behind those who walk on the near pavement. */

import { LAMP_HEAD, lampIsOn } from "./street.ts";
import type { View } from "./traffic.ts";

export function drawLampPost(view: View): void {
  const { canvas, palette, scale, left, top } = view;
  const [headX, headY] = LAMP_HEAD;
  const box = (
    x: number,
    y: number,
    width: number,
    height: number,
    colour: Parameters<typeof canvas.rect>[4],
  ): void => {
    canvas.rect((headX + x - left) * scale, (y - top) * scale, width * scale, height * scale, colour);
  };
  const iron = palette.lit(44, 48, 54);
  box(26, headY + 2, 4, 306 - headY, iron);
  box(24, 282, 8, 27, iron);
  box(4, headY, 26, 3, iron);
  box(-6, headY - 2, 13, 5, iron);
  box(-7, headY + 3, 15, 3, lampIsOn(palette) ? palette.shining(255, 236, 170) : palette.lit(210, 214, 214));
}
