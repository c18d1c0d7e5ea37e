// Every published known-answer test of FLOE, decrypted three ways, and written again where it can be.
import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  decryptFloe,
  encryptFloe,
  floeLayoutOfCiphertext,
  openFloe,
  segmentBytesOfHeader,
  segmentsForRange,
  startFloeDecryption,
} from "../src/floe/index.ts";
import { newMessage } from "../src/floe/message.ts";

const folder = new URL("../../../test-vectors/floe/", import.meta.url);
const names = readdirSync(folder)
  .filter((name) => name.endsWith("_ct.txt"))
  .map((name) => name.slice(0, -"_ct.txt".length));
const key = new Uint8Array(32);
const associatedData = Buffer.from("This is AAD");

function hex(name: string): Buffer {
  return Buffer.from(readFileSync(new URL(name, folder), "utf8").trim(), "hex");
}

test("all eight published cases are there", () => {
  expect(names).toHaveLength(8);
});

describe.each(names)("%s", (name) => {
  const ciphertext = hex(`${name}_ct.txt`);
  const plaintext = hex(`${name}_pt.txt`);
  const segmentBytes = segmentBytesOfHeader(ciphertext);
  const parameters = { segmentBytes, rotationMaskBits: name.includes("rotation") ? 2 : 20 };

  test("decrypts in one piece and byte by byte", () => {
    const whole = decryptFloe({ key, associatedData, ciphertext, parameters });
    expect(whole.equals(plaintext)).toBe(true);
    const decryptor = startFloeDecryption({ key, associatedData, parameters });
    const pieces: Buffer[] = [];
    for (const byte of ciphertext) pieces.push(...decryptor.update(Uint8Array.of(byte)));
    decryptor.finish();
    expect(Buffer.concat(pieces).equals(plaintext)).toBe(true);
  });

  test("decrypts segment by segment, backwards", () => {
    const layout = floeLayoutOfCiphertext(ciphertext.byteLength, segmentBytes);
    expect(layout.plaintextBytes).toBe(plaintext.byteLength);
    const opened = openFloe(key, associatedData, ciphertext.subarray(0, 74), parameters);
    for (let offset = plaintext.byteLength - 1; offset >= 0; offset -= 7) {
      const length = Math.min(9, plaintext.byteLength - offset);
      const range = segmentsForRange(layout, offset, length);
      const bytes = ciphertext.subarray(
        range.ciphertextOffset,
        range.ciphertextOffset + range.ciphertextBytes,
      );
      const piece = Buffer.concat(opened.decryptRange(range, bytes));
      expect(piece.equals(plaintext.subarray(offset, offset + length))).toBe(true);
    }
  });

  test("our header under the same IV is the published one, byte for byte", () => {
    const iv = ciphertext.subarray(10, 42);
    const message = newMessage(key, associatedData, iv, parameters);
    expect(Buffer.from(message.header).equals(ciphertext.subarray(0, 74))).toBe(true);
  });

  test("what we write has the published length and reads back", () => {
    const ours = encryptFloe({ key, associatedData, plaintext, parameters });
    const emptyTail = name.includes("lastSegEmpty") ? 32 : 0;
    expect(ours.byteLength).toBe(ciphertext.byteLength - emptyTail);
    expect(decryptFloe({ key, associatedData, ciphertext: ours, parameters }).equals(plaintext)).toBe(true);
  });

  test("no other rotation, key or associated data opens it", () => {
    const wrongKey = new Uint8Array(32).fill(1);
    expect(() => decryptFloe({ key: wrongKey, associatedData, ciphertext, parameters })).toThrow(/header/);
    expect(() => decryptFloe({ key, associatedData: key, ciphertext, parameters })).toThrow(/header/);
    if (name.includes("rotation")) {
      const otherRotation = { segmentBytes, rotationMaskBits: 3 };
      expect(() => decryptFloe({ key, associatedData, ciphertext, parameters: otherRotation })).toThrow(
        /segment/,
      );
    }
  });
});
