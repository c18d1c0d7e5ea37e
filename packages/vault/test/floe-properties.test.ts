// What must hold for every plaintext, every chunking and every alteration.
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  FLOE_SEGMENT_PLAINTEXT_BYTES,
  ciphertextLengthFor,
  decryptFloe,
  encryptFloe,
  floeLayout,
  floeLayoutOfCiphertext,
  openFloe,
  plaintextLengthFor,
  segmentsForRange,
  startFloe,
  startFloeDecryption,
} from "../src/floe/index.ts";
import { VaultError } from "../src/index.ts";

const key = createHash("sha256").update("key").digest();
const associatedData = Buffer.from("force/recording/7");
const small = { segmentBytes: 48 };
const bytes = fc.uint8Array({ maxLength: 200 });

function cut(data: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let position = 0;
  for (const length of cuts) {
    chunks.push(data.subarray(position, position + length));
    position += length;
  }
  chunks.push(data.subarray(position));
  return chunks;
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return error instanceof VaultError ? error.code : `not a VaultError: ${String(error)}`;
  }
  return "accepted";
}

function decryptChunks(chunks: readonly Uint8Array[]): Buffer {
  const decryptor = startFloeDecryption({ key, associatedData, parameters: small });
  const pieces = chunks.flatMap((chunk) => decryptor.update(chunk));
  decryptor.finish();
  return Buffer.concat(pieces);
}

const cuts = fc.array(fc.nat(60), { maxLength: 12 });

describe("chunking", () => {
  test("any chunking in and out gives the same plaintext and the predicted length", () => {
    fc.assert(
      fc.property(bytes, cuts, cuts, (plaintext, inCuts, outCuts) => {
        const encryptor = startFloe({ key, associatedData, parameters: small });
        const ciphertext = Buffer.concat([
          encryptor.header,
          ...cut(plaintext, inCuts).flatMap((chunk) => encryptor.update(chunk)),
          ...encryptor.finish(),
        ]);
        expect(ciphertext.byteLength).toBe(floeLayout(plaintext.byteLength, 48).ciphertextBytes);
        expect(decryptChunks(cut(ciphertext, outCuts)).equals(plaintext)).toBe(true);
      }),
    );
  });

  test("at the real segment length, around its edges", () => {
    const edge = FLOE_SEGMENT_PLAINTEXT_BYTES;
    for (const size of [0, 1, edge - 1, edge, edge + 1, 2 * edge, 2 * edge + 1]) {
      const plaintext = Buffer.alloc(size, size);
      const ciphertext = encryptFloe({ key, associatedData, plaintext: [plaintext] });
      expect(ciphertext.byteLength).toBe(ciphertextLengthFor(size));
      expect(plaintextLengthFor(ciphertext.byteLength)).toBe(size);
      expect(decryptFloe({ key, associatedData, ciphertext }).equals(plaintext)).toBe(true);
    }
  });

  test("layout by plaintext and by ciphertext agree for every length", () => {
    fc.assert(
      fc.property(fc.nat(2 ** 45), (size) => {
        expect(floeLayoutOfCiphertext(ciphertextLengthFor(size))).toEqual(floeLayout(size));
      }),
    );
  });
});

describe("alteration", () => {
  const plaintext = Buffer.alloc(100, "abcdefg");
  const ciphertext = encryptFloe({ key, associatedData, plaintext, parameters: small });

  test("each single flipped bit is refused, and nothing but a true prefix is released", () => {
    for (let bit = 0; bit < ciphertext.byteLength * 8; bit += 1) {
      const altered = Buffer.from(ciphertext);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const decryptor = startFloeDecryption({ key, associatedData, parameters: small });
      const released: Buffer[] = [];
      const code = codeOf(() => {
        for (const byte of altered) released.push(...decryptor.update(Uint8Array.of(byte)));
        decryptor.finish();
      });
      expect(code).toMatch(/^floe-(header|segment|authentication|truncated|trailing)$/);
      const seen = Buffer.concat(released);
      expect(plaintext.subarray(0, seen.byteLength).equals(seen)).toBe(true);
    }
  });

  test("each truncation is named one, each extension is refused", () => {
    for (let size = 0; size < ciphertext.byteLength; size += 1) {
      expect(codeOf(() => decryptChunks([ciphertext.subarray(0, size)]))).toBe("floe-truncated");
    }
    expect(codeOf(() => decryptChunks([ciphertext, Uint8Array.of(0)]))).toBe("floe-trailing");
    expect(codeOf(() => decryptChunks([ciphertext, ciphertext]))).toBe("floe-trailing");
  });

  test("dropped, doubled and swapped segments are refused", () => {
    const header = ciphertext.subarray(0, 74);
    const segments: Buffer[] = [];
    for (let at = 74; at < ciphertext.byteLength; at += 48) segments.push(ciphertext.subarray(at, at + 48));
    const count = segments.length;
    fc.assert(
      fc.property(fc.array(fc.nat(count - 1), { maxLength: count + 2 }), (order) => {
        fc.pre(order.length !== count || order.some((value, index) => value !== index));
        const mixed = order.flatMap((index) => segments[index] ?? []);
        expect(codeOf(() => decryptChunks([header, ...mixed]))).not.toBe("accepted");
      }),
      { numRuns: 300 },
    );
  });

  test("arbitrary bytes never surface as another error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (noise, afterHeader) => {
        const chunks = afterHeader ? [ciphertext.subarray(0, 74), noise] : [noise];
        expect(codeOf(() => decryptChunks(chunks))).toMatch(/^floe-/);
      }),
    );
  });

  test("after an error and after the end nothing more is taken", () => {
    const decryptor = startFloeDecryption({ key, associatedData, parameters: small });
    expect(codeOf(() => decryptor.update(Buffer.alloc(74)))).toBe("floe-header");
    expect(codeOf(() => decryptor.update(ciphertext))).toBe("floe-closed");
    expect(codeOf(() => decryptor.finish())).toBe("floe-closed");
    const encryptor = startFloe({ key, associatedData });
    encryptor.finish();
    expect(codeOf(() => encryptor.update(plaintext))).toBe("floe-closed");
    expect(codeOf(() => encryptor.finish())).toBe("floe-closed");
  });

  test("keys and parameters of the wrong shape are named", () => {
    expect(codeOf(() => startFloe({ key: Buffer.alloc(16), associatedData }))).toBe("bad-argument");
    expect(codeOf(() => startFloe({ key, associatedData, parameters: { segmentBytes: 32 } }))).toBe(
      "bad-argument",
    );
    expect(codeOf(() => openFloe(key, associatedData, ciphertext.subarray(0, 73), small))).toBe(
      "floe-header",
    );
    expect(codeOf(() => openFloe(key, associatedData, ciphertext.subarray(0, 74)))).toBe("floe-header");
    expect(codeOf(() => plaintextLengthFor(74 + 31))).toBe("floe-truncated");
    expect(codeOf(() => plaintextLengthFor(0.5))).toBe("bad-argument");
  });
});

describe("ranges", () => {
  test("every range equals the slice, and reads only its segments", () => {
    fc.assert(
      fc.property(bytes, fc.nat(210), fc.nat(210), (plaintext, offset, length) => {
        const ciphertext = encryptFloe({ key, associatedData, plaintext, parameters: small });
        const layout = floeLayoutOfCiphertext(ciphertext.byteLength, 48);
        const opened = openFloe(key, associatedData, ciphertext.subarray(0, 74), small);
        if (offset + length > plaintext.byteLength) {
          expect(codeOf(() => segmentsForRange(layout, offset, length))).toBe("bad-argument");
          return;
        }
        const range = segmentsForRange(layout, offset, length);
        expect(range.segmentCount).toBeLessThanOrEqual(Math.ceil(length / 16) + 1);
        const read = ciphertext.subarray(
          range.ciphertextOffset,
          range.ciphertextOffset + range.ciphertextBytes,
        );
        const piece = Buffer.concat(opened.decryptRange(range, read));
        expect(piece.equals(plaintext.subarray(offset, offset + length))).toBe(true);
      }),
    );
  });

  test("an inner segment does not pass for the final one of a cut object", () => {
    const ciphertext = encryptFloe({ key, associatedData, plaintext: Buffer.alloc(64), parameters: small });
    const opened = openFloe(key, associatedData, ciphertext.subarray(0, 74), small);
    const inner = ciphertext.subarray(74, 74 + 48);
    expect(codeOf(() => opened.decryptSegment(0, inner, true))).toBe("floe-segment");
    expect(codeOf(() => opened.decryptSegment(1, inner, false))).toBe("floe-authentication");
    expect(opened.decryptSegment(0, inner, false)).toHaveLength(16);
  });
});
