import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type Authority,
  CustodyError,
  decodePem,
  encodePem,
  issueAnchor,
  issueCertificate,
  issueRevocationList,
  newId,
  parseCertificate,
  readRevocationList,
  validatePath,
} from "../../src/index.ts";

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 10, 1);
const validity = { notBeforeMs: NOW_MS, notAfterMs: NOW_MS + 100 * DAY_MS };

async function makeAuthority(name: string): Promise<Authority & { id: Uint8Array }> {
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ]);
  const id = newId();
  return { id, certificate: await issueAnchor({ id, name }, keys, validity), privateKey: keys.privateKey };
}

async function spkiOf(algorithm: EcKeyGenParams | { name: string }): Promise<Uint8Array> {
  const keys = (await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as CryptoKeyPair;
  return new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey));
}

describe("certificates", () => {
  let authority: Authority & { id: Uint8Array };
  let camera: Uint8Array;
  const cameraId = newId();

  beforeAll(async () => {
    authority = await makeAuthority("Metropolitan Police");
    const spki = await spkiOf({ name: "ECDSA", namedCurve: "P-256" });
    camera = await issueCertificate(
      authority,
      { role: "camera", subjectId: cameraId, commonName: "Camera 0001", spki },
      validity,
    );
  });

  it("issues a camera certificate that leads to its anchor", async () => {
    const leaf = await parseCertificate(camera);
    expect(leaf).toMatchObject({
      role: "camera",
      isAuthority: false,
      commonName: "Camera 0001",
      ...validity,
    });
    expect(leaf.subjectId).toEqual(cameraId);
    const path = await validatePath(leaf, [authority.certificate], { role: "camera", atMs: NOW_MS + 1 });
    expect(path.kind).toBe("valid");
  });

  it("certifies an Ed25519 key for the ledger", async () => {
    const spki = await spkiOf({ name: "Ed25519" });
    const der = await issueCertificate(
      authority,
      { role: "ledger", subjectId: authority.id, commonName: "sworn/x", spki },
      validity,
    );
    const leaf = await parseCertificate(der);
    expect(leaf.publicKey.algorithm.name).toBe("Ed25519");
    const path = await validatePath(leaf, [authority.certificate], { role: "ledger", atMs: NOW_MS + 1 });
    expect(path.kind).toBe("valid");
  });

  it.each([
    ["no-anchors", async () => [] as Uint8Array[], NOW_MS + 1, "camera"],
    ["no-path", async () => [(await makeAuthority("Metropolitan Police")).certificate], NOW_MS + 1, "camera"],
    ["wrong-role", async () => [authority.certificate], NOW_MS + 1, "service"],
    ["expired", async () => [authority.certificate], NOW_MS + 101 * DAY_MS, "camera"],
    ["not-yet-valid", async () => [authority.certificate], NOW_MS - DAY_MS, "camera"],
  ] as const)("refuses a path: %s", async (reason, anchors, atMs, role) => {
    const leaf = await parseCertificate(camera);
    const path = await validatePath(leaf, await anchors(), { role, atMs });
    expect(path).toMatchObject({ kind: "invalid", reason });
  });

  it("does not let one camera vouch for another", async () => {
    const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
      "sign",
      "verify",
    ]);
    const spki = new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey));
    const issuer = await issueCertificate(
      authority,
      { role: "camera", subjectId: newId(), commonName: "Issuer", spki },
      validity,
    );
    const forged = await issueCertificate(
      { certificate: issuer, privateKey: keys.privateKey },
      { role: "camera", subjectId: newId(), commonName: "Forged", spki },
      validity,
    );
    const leaf = await parseCertificate(forged);
    const path = await validatePath(leaf, [authority.certificate], { role: "camera", atMs: NOW_MS + 1 });
    expect(path).toMatchObject({ kind: "invalid", reason: "no-path" });
  });

  it("refuses a certificate with any bit of its signed part flipped, or does not find its path", async () => {
    for (let index = 0; index < camera.length; index += 3) {
      const altered = new Uint8Array(camera);
      altered[index] = (altered[index] ?? 0) ^ 0x10;
      let valid = false;
      try {
        const path = await validatePath(await parseCertificate(altered), [authority.certificate], {
          role: "camera",
          atMs: NOW_MS + 1,
        });
        valid = path.kind === "valid";
      } catch (error) {
        expect(error).toBeInstanceOf(CustodyError);
      }
      expect(valid, `byte ${String(index)}`).toBe(false);
    }
  });

  it("lists revocations under the anchor's signature only", async () => {
    const leaf = await parseCertificate(camera);
    const times = { number: 7, issuedAtMs: NOW_MS, nextAtMs: NOW_MS + DAY_MS };
    const revocations = [{ serial: leaf.serial, revokedAtMs: NOW_MS + 5000 }];
    const list = await issueRevocationList(authority, revocations, times);
    expect(await readRevocationList(list, authority.certificate)).toEqual({
      revocations,
      issuedAtMs: NOW_MS,
    });
    const stranger = await makeAuthority("Metropolitan Police");
    expect(await readRevocationList(list, stranger.certificate)).toBeNull();
    const empty = await issueRevocationList(authority, [], times);
    expect((await readRevocationList(empty, authority.certificate))?.revocations).toEqual([]);
  });

  it("reads a revocation list in its one encoding only", async () => {
    const times = { number: 1, issuedAtMs: NOW_MS, nextAtMs: NOW_MS + DAY_MS };
    const revocations = [{ serial: "41".repeat(16), revokedAtMs: NOW_MS }];
    const list = await issueRevocationList(authority, revocations, times);
    for (let bit = 0; bit < list.length * 8; bit += 5) {
      const altered = new Uint8Array(list);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const read = await readRevocationList(altered, authority.certificate).catch((error: unknown) => {
        expect(error).toBeInstanceOf(CustodyError);
        return null;
      });
      expect(read, `bit ${String(bit)}`).toBeNull();
    }
  });

  it("round-trips PEM and ignores text around it", () => {
    const text = `note\n${encodePem("CERTIFICATE", camera)}${encodePem("CERTIFICATE", authority.certificate)}`;
    expect(decodePem("CERTIFICATE", text)).toEqual([camera, authority.certificate]);
    expect(decodePem("X509 CRL", text)).toEqual([]);
  });

  it("answers arbitrary bytes with its own error only", async () => {
    const mutated = fc
      .tuple(fc.nat(camera.length - 1), fc.uint8Array({ minLength: 1, maxLength: 8 }))
      .map(([at, bytes]) => {
        const copy = new Uint8Array(camera);
        copy.set(bytes.subarray(0, copy.length - at), at);
        return copy;
      });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 300 }), mutated), async (bytes) => {
        for (const read of [
          parseCertificate,
          (der: Uint8Array) => readRevocationList(der, authority.certificate),
        ]) {
          try {
            await read(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(CustodyError);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
