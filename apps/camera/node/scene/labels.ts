/** Burns the camera's clock (UTC), id and borough into the picture: readable for a person, whatever plays it. */

import { Canvas, rgb } from "./canvas.ts";
import { GLYPH_HEIGHT, GLYPH_WIDTH, glyphRows, showable } from "./font.ts";

export interface Labels {
  readonly cameraId: string;
  readonly borough: string;
  /** Milliseconds since 1970, as the camera's clock has it. */
  readonly clockMs: number;
}

const INK = rgb(255, 255, 255);

/** Writes a dark band at the top of an I420 picture: who on the left, when on the right. */
export function burnLabels(picture: Uint8Array, width: number, height: number, labels: Labels): void {
  const canvas = new Canvas(width, height, picture);
  const when = clockText(labels.clockMs);
  const who = showable(`${labels.cameraId}  ${labels.borough}`);
  const scale = textScale(width, height, who.length + when.length + 4);
  const margin = 3 * scale;
  darken(canvas, GLYPH_HEIGHT * scale + 2 * margin);
  const room = Math.floor((width - 3 * margin) / ((GLYPH_WIDTH + 1) * scale)) - when.length - 1;
  write(canvas, who.slice(0, Math.max(0, room)), margin, margin, scale);
  write(canvas, when, width - margin - when.length * (GLYPH_WIDTH + 1) * scale, margin, scale);
}

/** `2014-05-08 21:14:07.3 UTC`; a clock outside the calendar is shown as such and stops nothing. */
function clockText(clockMs: number): string {
  const date = new Date(Math.floor(clockMs));
  if (Number.isNaN(date.getTime())) return "CLOCK UNKNOWN";
  return `${date.toISOString().slice(0, 21).replace("T", " ")} UTC`;
}

/** The largest whole scale at which the line fits, up to a fortieth of the height. */
function textScale(width: number, height: number, characters: number): number {
  const fitting = Math.floor(width / (characters * (GLYPH_WIDTH + 1)));
  return Math.max(1, Math.min(fitting, Math.round(height / 180)));
}

function darken(canvas: Canvas, rows: number): void {
  const end = Math.min(rows, canvas.height) * canvas.width;
  const { luma, blue, red } = canvas;
  const endOfColour = Math.ceil(Math.min(rows, canvas.height) / 2) * (canvas.width / 2);
  blue.fill(128, 0, endOfColour);
  red.fill(128, 0, endOfColour);
  for (let at = 0; at < end; at += 1) luma[at] = 16 + ((((luma[at] ?? 16) - 16) * 5) >> 4);
}

function write(canvas: Canvas, text: string, left: number, top: number, scale: number): void {
  let x = left;
  for (const character of text) {
    for (const [row, bits] of glyphRows(character).entries()) {
      for (let column = 0; column < GLYPH_WIDTH; column += 1) {
        if ((bits >> (GLYPH_WIDTH - 1 - column)) % 2 === 0) continue;
        canvas.rect(x + column * scale, top + row * scale, scale, scale, INK);
      }
    }
    x += (GLYPH_WIDTH + 1) * scale;
  }
}
