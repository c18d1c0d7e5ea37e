// The envelope's suite against RFC 9180's own vector, key wrap against RFC 3394's, and what each refuses.
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_P256_HKDF_SHA256 } from "hpke";
import type { KEM, KEMFactory, SenderContext } from "hpke";
import { describe, expect, test } from "vitest";
import { generateIngestKeyPair, openKey, sealKey } from "../src/envelope.ts";
import { VaultError } from "../src/errors.ts";
import { unwrapUnder, wrapUnder } from "../src/key-wrap.ts";

interface HpkeVector {
  readonly info: string;
  readonly ikmR: string;
  readonly skRm: string;
  readonly pkRm: string;
  readonly enc: string;
  readonly encryption: { readonly aad: string; readonly pt: string; readonly ct: string };
  readonly encryptions_accumulated: string;
}

function vector(path: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../../test-vectors/${path}`, import.meta.url), "utf8"));
}

const hex = (text: string): Buffer => Buffer.from(text, "hex");
const known = vector("hpke/base-p256-sha256-aes256gcm.json") as HpkeVector;
const suite = new CipherSuite(KEM_DHKEM_P256_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_256_GCM);

/** The inputs of the accumulated vector: SHAKE128 of nothing, read as a stream. */
class RandomSource {
  #position = 0;
  readonly #bytes = createHash("shake128", { outputLength: 600_000 }).digest();

  draw(): Buffer {
    const length = this.#bytes[this.#position] ?? 0;
    const start = this.#position + 1;
    this.#position = start + length;
    return this.#bytes.subarray(start, this.#position);
  }
}

/** The vector's sender: the ephemeral key is not chosen anew, the shared secret comes from decapsulation. */
async function knownSender(): Promise<SenderContext> {
  const privateKey = await suite.DeserializePrivateKey(hex(known.skRm), true);
  const publicKey = await suite.DeserializePublicKey(hex(known.pkRm));
  const fixedKem: KEMFactory<CryptoKey> = () => {
    const kem = KEM_DHKEM_P256_HKDF_SHA256();
    const enc = hex(known.enc);
    return Object.assign(Object.create(kem) as KEM<CryptoKey>, {
      Encap: async () => ({ enc, shared_secret: await kem.Decap(enc, privateKey, publicKey) }),
    });
  };
  const sending = new CipherSuite(fixedKem, KDF_HKDF_SHA256, AEAD_AES_256_GCM);
  const { ctx } = await sending.SetupSender(publicKey, { info: hex(known.info) });
  return ctx;
}

describe("RFC 9180", () => {
  test("the key pair and the first encryption", async () => {
    const pair = await suite.DeriveKeyPair(hex(known.ikmR), true);
    expect(Buffer.from(await suite.SerializePublicKey(pair.publicKey)).toString("hex")).toBe(known.pkRm);
    expect(Buffer.from(await suite.SerializePrivateKey(pair.privateKey)).toString("hex")).toBe(known.skRm);
    const opened = await suite.Open(pair.privateKey, hex(known.enc), hex(known.encryption.ct), {
      info: hex(known.info),
      aad: hex(known.encryption.aad),
    });
    expect(Buffer.from(opened).toString("hex")).toBe(known.encryption.pt);
  });

  test("a thousand messages in sequence, accumulated", async () => {
    const sender = await knownSender();
    const source = new RandomSource();
    const sink = createHash("shake128", { outputLength: 16 });
    for (let i = 0; i < 1000; i += 1) {
      const aad = source.draw();
      sink.update(await sender.Seal(source.draw(), aad));
    }
    expect(sink.digest("hex")).toBe(known.encryptions_accumulated);
  });

  test("openKey opens what the vector's sender seals", async () => {
    const recordingKey = randomBytes(32);
    const aad = Buffer.from("recording 7");
    const sender = await knownSender();
    const envelope = { enc: hex(known.enc), ciphertext: await sender.Seal(recordingKey, aad) };
    const opened = await openKey({
      ingestKeyPair: { privateKey: hex(known.skRm), publicKey: hex(known.pkRm) },
      envelope,
      info: hex(known.info),
      associatedData: aad,
    });
    expect(Buffer.from(opened).equals(recordingKey)).toBe(true);
  });
});

describe("key envelope", () => {
  const info = Buffer.from("sworn recording key");
  const associatedData = Buffer.from("force/recording/7");

  async function codeOf(act: () => Promise<unknown>): Promise<string> {
    try {
      await act();
      return "accepted";
    } catch (error) {
      return error instanceof VaultError ? error.code : `not a VaultError: ${String(error)}`;
    }
  }

  test("opens for its key, info and recording only", async () => {
    const recordingKey = randomBytes(32);
    const [own, other] = [await generateIngestKeyPair(), await generateIngestKeyPair()];
    const envelope = await sealKey({ ingestPublicKey: own.publicKey, recordingKey, info, associatedData });
    const right = { ingestKeyPair: own, envelope, info, associatedData };
    expect(Buffer.from(await openKey(right)).equals(recordingKey)).toBe(true);
    const wrong = "envelope-authentication";
    expect(await codeOf(() => openKey({ ...right, ingestKeyPair: other }))).toBe(wrong);
    expect(await codeOf(() => openKey({ ...right, info: associatedData }))).toBe(wrong);
    expect(await codeOf(() => openKey({ ...right, associatedData: info }))).toBe(wrong);
  });

  test("each flipped bit and each other length is refused", async () => {
    const own = await generateIngestKeyPair();
    const recordingKey = randomBytes(32);
    const envelope = await sealKey({ ingestPublicKey: own.publicKey, recordingKey, info, associatedData });
    const all = Buffer.concat([envelope.enc, envelope.ciphertext]);
    await fc.assert(
      fc.asyncProperty(fc.nat(all.byteLength * 8 - 1), async (bit) => {
        const altered = Buffer.from(all);
        altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const parts = { enc: altered.subarray(0, 65), ciphertext: altered.subarray(65) };
        const opening = { ingestKeyPair: own, envelope: parts, info, associatedData };
        expect(await codeOf(() => openKey(opening))).toBe("envelope-authentication");
      }),
      { numRuns: 60 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 80 }),
        fc.uint8Array({ maxLength: 60 }),
        async (enc, ciphertext) => {
          const opening = { ingestKeyPair: own, envelope: { enc, ciphertext }, info, associatedData };
          expect(await codeOf(() => openKey(opening))).toBe("envelope-authentication");
        },
      ),
    );
  });

  test("keys that are no keys are named", async () => {
    const zero = { recordingKey: randomBytes(32), info, associatedData };
    expect(await codeOf(() => sealKey({ ...zero, ingestPublicKey: Buffer.alloc(65) }))).toBe("envelope-key");
    expect(await codeOf(() => sealKey({ ...zero, ingestPublicKey: Buffer.alloc(33) }))).toBe("bad-argument");
    const envelope = { enc: hex(known.enc), ciphertext: Buffer.alloc(48) };
    const noKeys = { privateKey: Buffer.alloc(32), publicKey: hex(known.pkRm) };
    const opening = { ingestKeyPair: noKeys, envelope, info, associatedData };
    expect(await codeOf(() => openKey(opening))).toBe("envelope-key");
  });
});

describe("key wrap", () => {
  test("RFC 3394, section 4.6", () => {
    const wrap = vector("aes-kw/rfc3394-4.6.json") as { kek: string; keyData: string; ciphertext: string };
    expect(wrapUnder(hex(wrap.kek), hex(wrap.keyData)).toString("hex")).toBe(wrap.ciphertext);
    expect(unwrapUnder(hex(wrap.kek), hex(wrap.ciphertext)).toString("hex")).toBe(wrap.keyData);
  });

  test("each flipped bit, another key and another length are refused", () => {
    const recordingKey = randomBytes(32);
    const wrapped = wrapUnder(recordingKey, randomBytes(32));
    for (let bit = 0; bit < wrapped.byteLength * 8; bit += 1) {
      const altered = Buffer.from(wrapped);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => unwrapUnder(recordingKey, altered)).toThrow(VaultError);
    }
    expect(() => unwrapUnder(randomBytes(32), wrapped)).toThrow(/does not open/);
    expect(() => unwrapUnder(recordingKey, wrapped.subarray(1))).toThrow(/40 bytes/);
  });
});
