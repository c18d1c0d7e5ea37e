/** Finding boxes inside a parsed level. A box that must stand once does, or a `MediaError` says which does not. */
import { MALFORMED_REMEDY, MediaError } from "./media-error.ts";
import { FieldReader } from "./field-reader.ts";
import { walkBoxes } from "./walk-boxes.ts";
import type { Box } from "./walk-boxes.ts";

export function childrenOf(box: Box): Box[] {
  return walkBoxes(box.payload, { offset: box.payloadOffsetBytes });
}

export function fieldsOf(box: Box): FieldReader {
  return new FieldReader(box.payload, box.type, box.payloadOffsetBytes);
}

/** The one box of this type, or null; two are "box-repeated". */
export function optionalBox(boxes: readonly Box[], type: string): Box | null {
  const [first, second] = boxes.filter((box) => box.type === type);
  if (second !== undefined) {
    throw new MediaError("box-repeated", second.offsetBytes, `A second "${type}" box`, MALFORMED_REMEDY);
  }
  return first ?? null;
}

/** The one box of this type; none is "box-missing", reported at `parentOffsetBytes`. */
export function requiredBox(
  boxes: readonly Box[],
  type: string,
  parent: string,
  parentOffsetBytes: number,
): Box {
  const box = optionalBox(boxes, type);
  if (box === null) {
    throw new MediaError(
      "box-missing",
      parentOffsetBytes,
      `${parent} has no "${type}" box`,
      MALFORMED_REMEDY,
    );
  }
  return box;
}
