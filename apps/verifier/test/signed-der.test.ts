// What surrounds a signature has one encoding: no bit around the signed part of a certificate or list may change.
import { beforeAll, describe, expect, it } from "vitest";
import { hasOneEncoding } from "@sworn/custody";
import { type Force, NOW_MS, newForce } from "./force-fixture.ts";

let force: Force;
beforeAll(async () => {
  force = await newForce();
});

describe("the encoding around a signature", () => {
  it("is accepted as it is issued", async () => {
    for (let round = 0; round < 20; round++) {
      expect(hasOneEncoding(await force.crl([{ serial: "4a", revokedAtMs: NOW_MS }]))).toBe(true);
    }
    for (const { certificate } of [force.camera, force.service])
      expect(hasOneEncoding(certificate.der)).toBe(true);
    expect(hasOneEncoding(force.ledgerCertificate.der)).toBe(true);
  });

  it("is refused with any bit of its structure flipped, cut, or longer", async () => {
    const der = await force.crl([]);
    // Outer head 3 bytes, signed part 2 + 93; algorithm, bit string, sequence and the head of r follow.
    const structure = [0, 1, 2, 3, 4, ...Array.from({ length: 19 }, (_, at) => 3 + 2 + (der[4] ?? 0) + at)];
    for (const at of structure) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = der.slice();
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
        expect(hasOneEncoding(flipped), `byte ${at}, bit ${bit}`).toBe(false);
      }
    }
    for (let length = 0; length < der.length; length++)
      expect(hasOneEncoding(der.subarray(0, length))).toBe(false);
    expect(hasOneEncoding(Uint8Array.of(...der, 0))).toBe(false);
  });
});
