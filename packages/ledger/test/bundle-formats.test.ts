import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeEntryBundle,
  decodeTile,
  encodeEntryBundle,
  encodeTile,
  hashLeaf,
  hashNode,
  digestLeaf,
  digestNode,
  LedgerError,
  rootOfLeafHashes,
} from "../src/index.ts";
import { hex, sha256 } from "./log-fixture.ts";

const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 256 });

describe("hashes of RFC 6962", () => {
  it("are the published ones", async () => {
    const empty = new Uint8Array(0);
    expect(hex(rootOfLeafHashes(sha256, []))).toBe(
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
    expect(hex(hashLeaf(sha256, empty))).toBe(
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    );
    // golang.org/x/mod sumdb/tlog, TestFormatTree: the leaf hash of "hello world".
    const hello = new TextEncoder().encode("hello world");
    expect(Buffer.from(hashLeaf(sha256, hello)).toString("base64")).toBe(
      "TszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=",
    );
    expect(hex(await digestLeaf(hello))).toBe(hex(hashLeaf(sha256, hello)));
    expect(hex(await digestNode(hello, empty))).toBe(hex(hashNode(sha256, hello, empty)));
  });

  it("give the roots of the certificate-transparency test tree", () => {
    // The eight leaves of the transparency-dev/merkle vectors, whose roots those vectors state.
    const inputs = [
      "",
      "00",
      "10",
      "2021",
      "3031",
      "40414243",
      "5051525354555657",
      "606162636465666768696a6b6c6d6e6f",
    ];
    const hashes = inputs.map((input) => hashLeaf(sha256, new Uint8Array(Buffer.from(input, "hex"))));
    const root = (size: number) =>
      Buffer.from(rootOfLeafHashes(sha256, hashes.slice(0, size))).toString("base64");
    expect(root(6)).toBe("duZ9rbzfHhDht03cYIq9L5jfsW+851J3tSMqEn8gh+8=");
    expect(root(8)).toBe("XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=");
  });
});

describe("entry bundles", () => {
  it("prefix each entry with its length in 16 bits, big-endian", () => {
    const long = new Uint8Array(0x0102).fill(7);
    const bundle = encodeEntryBundle([Uint8Array.of(9), new Uint8Array(0), long]);
    expect([...bundle.subarray(0, 8)]).toEqual([0, 1, 9, 0, 0, 1, 2, 7]);
  });

  it("round-trip, up to the largest entry", () => {
    fc.assert(
      fc.property(entries, (list) => {
        const decoded = decodeEntryBundle(encodeEntryBundle(list), list.length);
        expect(decoded.ok && decoded.value.map(hex)).toEqual(list.map(hex));
      }),
    );
    const largest = new Uint8Array(65_535).fill(1);
    expect(decodeEntryBundle(encodeEntryBundle([largest]), 1)).toEqual({ ok: true, value: [largest] });
    expect(() => encodeEntryBundle([new Uint8Array(65_536)])).toThrow(LedgerError);
    expect(() => encodeEntryBundle(new Array<Uint8Array>(257).fill(largest))).toThrow(LedgerError);
  });

  it("are refused at any other width, and cut or lengthened by any amount", () => {
    fc.assert(
      fc.property(entries, fc.nat(), (list, cut) => {
        const bundle = encodeEntryBundle(list);
        expect(decodeEntryBundle(bundle, list.length + 1).ok).toBe(false);
        if (list.length > 0) {
          expect(decodeEntryBundle(bundle, list.length - 1).ok).toBe(false);
          expect(decodeEntryBundle(bundle.subarray(0, cut % bundle.length), list.length).ok).toBe(false);
        }
        expect(decodeEntryBundle(Uint8Array.of(...bundle, 0), list.length).ok).toBe(false);
      }),
    );
  });

  it("say which entry runs past the end", () => {
    expect(decodeEntryBundle(Uint8Array.of(0, 1, 7, 0, 2, 7), 2)).toEqual({
      ok: false,
      code: "malformed-entry-bundle",
      message: "entry 1 runs past the end of the bundle",
    });
  });

  it("given any bytes, answer, and only with what encodes to them again", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.integer({ min: 1, max: 256 }), (bytes, width) => {
        const decoded = decodeEntryBundle(bytes, width);
        if (decoded.ok) expect(hex(encodeEntryBundle(decoded.value))).toBe(hex(bytes));
        else expect(decoded.code).toBe("malformed-entry-bundle");
      }),
      { numRuns: 300 },
    );
  });
});

describe("tiles", () => {
  const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });

  it("round-trip, and are refused at any other width", () => {
    fc.assert(
      fc.property(fc.array(hash, { minLength: 1, maxLength: 256 }), (hashes) => {
        const bytes = encodeTile(hashes);
        const decoded = decodeTile(bytes, hashes.length);
        expect(decoded.ok && decoded.value.map(hex)).toEqual(hashes.map(hex));
        expect(decodeTile(bytes, hashes.length + 1)).toMatchObject({ ok: false, code: "malformed-tile" });
        expect(decodeTile(bytes.subarray(1), hashes.length).ok).toBe(false);
      }),
    );
    expect(() => encodeTile([])).toThrow(LedgerError);
    expect(() => encodeTile([new Uint8Array(31)])).toThrow(LedgerError);
  });
});
