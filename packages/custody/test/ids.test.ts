// Ids (RFC 9562) and the plain operations on bytes.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, equalBytes, formatId, fromHex, newId, parseId, toHex, unshared } from "../src/index.ts";

describe("ids", () => {
  it("go to text and back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (id) => {
        expect(parseId(formatId(id))).toEqual(id);
        expect(parseId(formatId(id).toUpperCase())).toEqual(id);
      }),
    );
    expect(formatId(parseId("f81d4fae-7dec-11d0-a765-00a0c91e6bf6"))).toBe(
      "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    );
  });

  it("are random, of version 4, variant 10", () => {
    expect(formatId(newId())).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(equalBytes(newId(), newId())).toBe(false);
  });

  it("are nothing else", () => {
    const wrong = [
      "",
      "x",
      "f81d4fae7dec11d0a76500a0c91e6bf6",
      "{f81d4fae-7dec-11d0-a765-00a0c91e6bf6}",
      "f81d4fae-7dec-11d0-a765-00a0c91e6bfg",
      "f81d4fae-7dec-11d0-a765-00a0c91e6bf6\n",
      "../".repeat(12),
    ];
    for (const text of wrong)
      expect(() => parseId(text)).toThrow(expect.objectContaining({ code: "id-malformed" }));
    for (const length of [0, 15, 17])
      expect(() => formatId(new Uint8Array(length))).toThrow(
        expect.objectContaining({ code: "id-malformed" }),
      );
  });
});

describe("bytes", () => {
  it("go to hexadecimal and back, and nothing else is hexadecimal", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromHex(toHex(bytes))).toEqual(bytes);
      }),
    );
    for (const wrong of ["0", "0g", " 00", "0x00", "é0"]) expect(fromHex(wrong)).toBeNull();
  });

  it("are equal only if all are", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        expect(equalBytes(a, b)).toBe(toHex(a) === toHex(b));
        expect(equalBytes(a, Uint8Array.from(a))).toBe(true);
        expect(toHex(concatBytes([a, b]))).toBe(toHex(a) + toHex(b));
      }),
    );
  });

  it("over shared memory are copied for WebCrypto", () => {
    const shared = new Uint8Array(new SharedArrayBuffer(3)).fill(7);
    expect(unshared(shared).buffer).toBeInstanceOf(ArrayBuffer);
    expect([...unshared(shared)]).toEqual([7, 7, 7]);
  });
});
