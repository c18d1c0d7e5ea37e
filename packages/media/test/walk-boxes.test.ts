import { describe, expect, test } from "vitest";
import { MediaError, walkBoxes } from "../src/index.ts";
import { box, bytesOf, longBox, u32, u64, zeros } from "./mp4-writer.ts";

/** Code and offset of the fault. */
function faultOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof MediaError) return `${error.code}@${error.offsetBytes}`;
    throw error;
  }
  return "no error";
}

describe("walkBoxes", () => {
  test("reads 32-bit, 64-bit, uuid and open-ended boxes, with offsets in the stream", () => {
    const uuid = Uint8Array.from({ length: 16 }, (_, index) => index * 17);
    const bytes = bytesOf(
      box("free", zeros(4)),
      longBox("mdat", zeros(5)),
      box("uuid", uuid, [1, 2]),
      [0, 0, 0, 0],
      "mdat",
      zeros(7),
    );
    const boxes = walkBoxes(bytes, { offset: 1000 });
    expect(boxes.map((b) => [b.type, b.offsetBytes, b.headerBytes, b.sizeBytes, b.payload.length])).toEqual([
      ["free", 1000, 8, 12, 4],
      ["mdat", 1012, 16, 21, 5],
      ["uuid", 1033, 24, 26, 2],
      ["mdat", 1059, 8, 15, 7],
    ]);
    expect(boxes[2]?.uuid).toBe("00112233445566778899aabbccddeeff");
    expect(boxes[2]?.payloadOffsetBytes).toBe(1057);
  });

  test("payloads are views: nothing is copied", () => {
    const bytes = box("free", [1, 2, 3]);
    const [first] = walkBoxes(bytes);
    expect(first?.payload.buffer).toBe(bytes.buffer);
  });

  test.each([
    ["a header cut short", zeros(7), "truncated@0"],
    ["a 64-bit size cut short", bytesOf(u32(1), "mdat", [0, 0, 0]), "truncated@0"],
    ["a payload cut short", bytesOf(box("free"), u32(100), "mdat", zeros(3)), "truncated@8"],
    ["a size below the header", bytesOf(u32(7), "free"), "box-size-invalid@0"],
    ["a 64-bit size below the header", bytesOf(u32(1), "mdat", u64(15)), "box-size-invalid@0"],
    ["a uuid box without room for its uuid", bytesOf(u32(20), "uuid", zeros(16)), "box-size-invalid@0"],
    ["a size beyond 2^53", bytesOf(u32(1), "mdat", u64(2n ** 60n)), "number-too-large@0"],
  ])("%s", (_, bytes, expected) => {
    expect(faultOf(() => walkBoxes(bytes))).toBe(expected);
  });

  test("limits hold on count and size", () => {
    const many = bytesOf(box("free"), box("free"), box("free"));
    expect(faultOf(() => walkBoxes(many, { limits: { maxBoxes: 2 } }))).toBe("limit-exceeded@16");
    expect(faultOf(() => walkBoxes(box("free", zeros(9)), { limits: { maxBoxBytes: 16 } }))).toBe(
      "limit-exceeded@0",
    );
    expect(walkBoxes(many, { limits: { maxBoxes: 3 } })).toHaveLength(3);
  });

  test("a type that is not printable is shown as question marks", () => {
    const bytes = bytesOf(u32(100), [0x1b, 0x5b, 0x41, 0xff]);
    expect(() => walkBoxes(bytes)).toThrow(/"\?\[A\?"/);
  });
});
