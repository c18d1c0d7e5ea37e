// COSE_Sign1 of the format's one profile, and that its Sig_structure is the one of RFC 9052.
import { beforeAll, describe, expect, it } from "vitest";
import {
  type CborValue,
  type Sign1,
  CONTENT_TYPES,
  createSign1,
  encodeCbor,
  fromHex,
  parseSign1,
  verifySign1,
} from "../src/index.ts";
import { Tag } from "../src/cbor.ts";
import vector from "../../../test-vectors/cose/rfc9052-sign1-es256.json" with { type: "json" };
import { type TestKeys, hashOf, newKeys } from "./journal-fixture.ts";

let keys: TestKeys;
let bytes: Uint8Array;
const payload = encodeCbor({ hello: 1 });
const TYPE = CONTENT_TYPES.receipt;

beforeAll(async () => {
  keys = await newKeys();
  bytes = await createSign1(TYPE, payload, keys.signer);
});

const header = (...pairs: [number, CborValue][]) => encodeCbor(new Map(pairs));
const GOOD: [number, CborValue][] = [
  [1, -7],
  [3, TYPE],
  [34, [-16, hashOf(1)]],
];
const build = (parts: CborValue[]) => encodeCbor(new Tag(18, parts));
const signature = new Uint8Array(64);
const refuse = (wrong: Uint8Array) => () => parseSign1(wrong, TYPE, "It");

describe("COSE_Sign1", () => {
  it("verifies what was signed, and keeps payload and certificate hash", async () => {
    const parsed = parseSign1(bytes, TYPE, "It");
    expect(parsed.payload).toEqual(payload);
    expect(parsed.certificateHash).toEqual(keys.signer.certificateHash);
    expect(await verifySign1(parsed, keys.publicKey)).toBe(true);
    expect(await verifySign1(parsed, (await newKeys()).publicKey)).toBe(false);
  });

  it("finds every flipped bit", async () => {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Uint8Array.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      let parsed: Sign1;
      try {
        parsed = parseSign1(flipped, TYPE, "It");
      } catch (error) {
        expect(error).toMatchObject({ name: "CustodyError" });
        continue;
      }
      expect(await verifySign1(parsed, keys.publicKey)).toBe(false);
    }
  });

  it("passes for nothing that it was not signed as", () => {
    expect(() => parseSign1(bytes, CONTENT_TYPES.manifest, "It")).toThrow(/is signed as/);
  });

  it.each<[string, Uint8Array]>([
    ["no tag", encodeCbor([header(...GOOD), {}, payload, signature])],
    ["three parts", build([header(...GOOD), {}, payload])],
    ["five parts", build([header(...GOOD), {}, payload, signature, 1])],
    ["a map instead of parts", encodeCbor(new Tag(18, { a: 1 }))],
    ["an unprotected header", build([header(...GOOD), { a: 1 }, payload, signature])],
    ["an array for the unprotected header", build([header(...GOOD), [], payload, signature])],
    [
      "a byte string for the unprotected header",
      build([header(...GOOD), new Uint8Array(), payload, signature]),
    ],
    ["a detached payload", build([header(...GOOD), {}, null, signature])],
    ["a short signature", build([header(...GOOD), {}, payload, signature.subarray(1)])],
    ["another algorithm", build([header([1, -8], ...GOOD.slice(1)), {}, payload, signature])],
    ["one more header", build([header(...GOOD, [4, new Uint8Array(1)]), {}, payload, signature])],
    ["no content type", build([header([1, -7], [34, [-16, hashOf(1)]], [4, 1]), {}, payload, signature])],
    [
      "a short x5t",
      build([header([1, -7], [3, TYPE], [34, [-16, new Uint8Array(8)]]), {}, payload, signature]),
    ],
    [
      "x5t of another hash",
      build([header([1, -7], [3, TYPE], [34, [-15, hashOf(1)]]), {}, payload, signature]),
    ],
    ["a header with text keys", build([encodeCbor({ alg: -7, typ: TYPE, x5t: 1 }), {}, payload, signature])],
    ["an empty header", build([new Uint8Array(), {}, payload, signature])],
  ])("is refused with %s", (_, wrong) => {
    expect(refuse(wrong)).toThrow(expect.objectContaining({ name: "CustodyError" }));
  });
});

describe("the example of RFC 9052, appendix C.2.1", () => {
  const unhex = (hex: string) => fromHex(hex) ?? new Uint8Array();
  const protectedHeader = unhex(vector.protected);
  const published: Sign1 = {
    bytes: unhex(vector.sign1),
    contentType: TYPE,
    certificateHash: hashOf(0),
    protectedHeader,
    payload: unhex(vector.payload),
    signature: unhex(vector.signature),
  };

  it("verifies under this Sig_structure, though its header is not of this profile", async () => {
    const curve = { name: "ECDSA", namedCurve: "P-256" };
    const publicKey = await crypto.subtle.importKey("jwk", vector.publicKey, curve, false, ["verify"]);
    const structure = encodeCbor(["Signature1", protectedHeader, new Uint8Array(), published.payload]);
    expect(structure).toEqual(unhex(vector.sigStructure));
    expect(await verifySign1(published, publicKey)).toBe(true);
    expect(await verifySign1({ ...published, payload: published.payload.subarray(1) }, publicKey)).toBe(
      false,
    );
  });

  it("is refused by the parser, which reads this profile only", () => {
    expect(refuse(published.bytes)).toThrow(/keys are not text/);
  });
});
