import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createSigner,
  createVerifier,
  encodeVerifierKey,
  isKeyName,
  parseVerifierKey,
} from "../src/index.ts";
import {
  ENOCH_KEY,
  newSigner,
  PETER_KEY,
  privateKeyOfSeed,
  PETER_SEED,
  SPEC_KEY,
  verifier,
} from "./note-fixture.ts";

/** transparency-dev/formats, note/note_cosigv1_test.go (Apache-2.0): a witness's key of type 0x04. */
const WITNESS_KEY = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2";

describe("published verifier keys", () => {
  it("parse, and encode to themselves", async () => {
    for (const key of [PETER_KEY, ENOCH_KEY, SPEC_KEY, WITNESS_KEY]) {
      expect(encodeVerifierKey(await verifier(key))).toBe(key);
    }
    expect(await verifier(SPEC_KEY)).toMatchObject({
      name: "example.com/foo",
      keyId: 0x530d903a,
      type: "ed25519",
    });
    expect(await verifier(WITNESS_KEY)).toMatchObject({ type: "cosignature/v1" });
  });

  it("are refused in every part of themselves and with any character changed (note_test.go)", async () => {
    for (let from = 0; from <= PETER_KEY.length; from += 1) {
      for (let to = from + 1; to <= PETER_KEY.length; to += 1) {
        if (from === 0 && to === PETER_KEY.length) continue;
        const part = await parseVerifierKey(PETER_KEY.slice(from, to));
        expect(part.ok, PETER_KEY.slice(from, to)).toBe(false);
      }
      const next = String.fromCharCode(PETER_KEY.charCodeAt(from) + 1);
      const changed = PETER_KEY.slice(0, from) + next + PETER_KEY.slice(from + 1);
      if (from < PETER_KEY.length) expect((await parseVerifierKey(changed)).ok, changed).toBe(false);
    }
  });

  it("of a wrong length or an unknown type are refused even where the key id fits", async () => {
    for (const key of [
      "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
      "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ]) {
      expect(await parseVerifierKey(key)).toMatchObject({ ok: false, code: "malformed-verifier-key" });
    }
  });
});

describe("parseVerifierKey", () => {
  it("given anything, answers, and only with what encodes to it again", async () => {
    const mutated = fc
      .tuple(
        fc.constantFrom(PETER_KEY, SPEC_KEY, WITNESS_KEY),
        fc.nat(),
        fc.string({ unit: "binary", maxLength: 3 }),
      )
      .map(([key, at, put]) => key.slice(0, at % key.length) + put + key.slice((at % key.length) + 1));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), mutated), async (text) => {
        const parsed = await parseVerifierKey(text);
        if (parsed.ok) expect(encodeVerifierKey(parsed.value).toLowerCase()).toBe(text.toLowerCase());
        else expect(parsed.code).toBe("malformed-verifier-key");
      }),
      { numRuns: 300 },
    );
  });
});

describe("key names", () => {
  it("have no spaces of any script, plus, control characters or broken characters", () => {
    for (const name of [
      "",
      "a b",
      "a+b",
      "a\tb",
      "a\nb",
      "a\u00a0b",
      "a\u2003b",
      "a\u0085b",
      "a\u0001",
      "\ud800",
    ]) {
      expect(isKeyName(name), JSON.stringify(name)).toBe(false);
    }
    for (const name of ["a", "sworn.example/metropolitan", "è", "oid/1.2.3", "—"])
      expect(isKeyName(name)).toBe(true);
  });
});

describe("createSigner", () => {
  it("refuses a private key that does not belong to the public one", async () => {
    const { publicKey } = (await newSigner("someone")).verifier;
    const privateKey = await privateKeyOfSeed(PETER_SEED);
    await expect(createSigner({ name: "x", type: "ed25519", publicKey, privateKey })).rejects.toMatchObject({
      code: "unusable-key",
    });
  });

  it("refuses a key that cannot sign", async () => {
    const { publicKey, key } = await verifier(PETER_KEY);
    await expect(
      createSigner({ name: "PeterNeumann", type: "ed25519", publicKey, privateKey: key }),
    ).rejects.toMatchObject({ code: "unusable-key" });
  });

  it("refuses impossible names and keys", async () => {
    const { publicKey } = await verifier(PETER_KEY);
    for (const parts of [
      { name: "a b", publicKey },
      { name: "a", publicKey: publicKey.subarray(1) },
    ]) {
      await expect(createVerifier({ type: "ed25519", ...parts })).rejects.toMatchObject({
        code: "invalid-argument",
      });
    }
  });
});
