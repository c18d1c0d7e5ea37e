import fc from "fast-check";
import { sign } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import {
  addSignatures,
  cosignCheckpoint,
  createSigner,
  encodeCheckpoint,
  LedgerError,
  parseCheckpoint,
  parseNote,
  signNote,
  verifyCheckpoint,
  verifyNote,
} from "../src/index.ts";
import type { NoteSigner } from "../src/index.ts";
import { newSigner, SPEC_CHECKPOINT, SPEC_COSIGNED } from "./note-fixture.ts";

const ORIGIN = "sworn.example/metropolitan";
const TEXT = encodeCheckpoint({ origin: ORIGIN, size: 7, root: new Uint8Array(32).fill(3), extensions: [] });
const NOW = 1_679_315_147;

let log: NoteSigner;
let first: NoteSigner;
let second: NoteSigner;

beforeAll(async () => {
  log = await newSigner(ORIGIN);
  first = await newSigner("witness.example/1", "cosignature/v1");
  second = await newSigner("witness.example/2", "cosignature/v1");
});

async function cosigned(...witnesses: readonly NoteSigner[]): Promise<string> {
  const note = await signNote(TEXT, [log]);
  return addSignatures(
    note,
    await Promise.all(witnesses.map((witness) => cosignCheckpoint(TEXT, witness, NOW))),
  );
}

describe("checkpoint text", () => {
  it("of the standard's example parses, and encodes to itself", () => {
    const checkpoint = parseCheckpoint(SPEC_CHECKPOINT);
    expect(checkpoint).toMatchObject({
      ok: true,
      value: { origin: "example.com/behind-the-sofa", size: 20_852_163, extensions: [] },
    });
    expect(checkpoint.ok && encodeCheckpoint(checkpoint.value)).toBe(SPEC_CHECKPOINT);
  });

  it("of the Go checksum database parses (sumdb/tlog, TestParseTree)", () => {
    const text = "go.sum database tree\n123456789012\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\n";
    expect(parseCheckpoint(text)).toMatchObject({ ok: true, value: { size: 123_456_789_012 } });
  });

  it("that is malformed is refused", () => {
    const root = "TszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=";
    const bad = [
      "",
      "\n\n\n",
      "o\n",
      `o\n1\n${root}`,
      `\n1\n${root}\n`,
      `o\n0xabcdef\n${root}\n`,
      `o\n01\n${root}\n`,
      `o\n-1\n${root}\n`,
      `o\n+1\n${root}\n`,
      `o\n1 \n${root}\n`,
      `o\n1e3\n${root}\n`,
      `o\n9007199254740992\n${root}\n`,
      `o\n18446744073709551615\n${root}\n`,
      `o\n1\n${root.slice(4)}\n`,
      `o\n1\n${root.replace("=", "")}\n`,
      "o\n1\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBTOOBIG=\n",
      "o\n1\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb1=\n",
      `o\n1\n${root}\n\n`,
      `o\n1\n${root}\n\nextension\n`,
      `o\n1\n${root}\r\n`,
      `o\n1\n${root}\n${"e\n".repeat(62)}`,
      "x".repeat(100_000),
    ];
    for (const text of bad) {
      expect(parseCheckpoint(text), text.slice(0, 80)).toMatchObject({
        ok: false,
        code: "malformed-checkpoint",
      });
    }
  });

  it("round-trips; anything else is refused, never thrown", () => {
    const line = fc
      .string({ minLength: 1, unit: "grapheme" })
      .map((one) => `l${one.replaceAll(/\p{Cc}/gu, "")}`);
    const checkpoint = fc.record({
      origin: line,
      size: fc.maxSafeNat(),
      root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      extensions: fc.array(line, { maxLength: 5 }),
    });
    fc.assert(
      fc.property(checkpoint, (one) => {
        expect(parseCheckpoint(encodeCheckpoint(one))).toEqual({ ok: true, value: one });
      }),
    );
    const mutated = fc.tuple(fc.nat(), fc.string({ maxLength: 3 })).map(([at, put]) => {
      const from = at % TEXT.length;
      return TEXT.slice(0, from) + put + TEXT.slice(from + 1);
    });
    fc.assert(
      fc.property(fc.oneof(fc.string(), mutated), (text) => {
        const parsed = parseCheckpoint(text);
        if (parsed.ok) expect(encodeCheckpoint(parsed.value)).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  it("of impossible parts is refused with the package's error", () => {
    const sound = { origin: "o", size: 1, root: new Uint8Array(32), extensions: [] };
    for (const part of [
      { origin: "" },
      { origin: "a\nb" },
      { size: -1 },
      { root: new Uint8Array(31) },
      { extensions: [""] },
    ]) {
      expect(() => encodeCheckpoint({ ...sound, ...part })).toThrow(LedgerError);
    }
  });
});

describe("cosignatures", () => {
  it("have the form of the standard's example: key id, time, signature", () => {
    const note = parseNote(SPEC_COSIGNED);
    const cosignature = note.ok ? note.value.signatures[1] : undefined;
    expect(cosignature).toMatchObject({ name: "witness.example.com/w1", keyId: 0x8d66cf3f });
    expect(cosignature?.signature).toHaveLength(72);
    const time = Buffer.from(cosignature?.signature ?? []).readBigUInt64BE();
    expect(time).toBe(BigInt(NOW));
  });

  it("sign the standard's message, as another implementation of Ed25519 computes it", async () => {
    const { privateKey, publicKey } = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
    const raw = new Uint8Array(await crypto.subtle.exportKey("raw", publicKey));
    const witness = await createSigner({ name: "w", type: "cosignature/v1", publicKey: raw, privateKey });
    const { signature } = await cosignCheckpoint(SPEC_CHECKPOINT, witness, NOW);
    const message =
      "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    const pkcs8 = Buffer.from(await crypto.subtle.exportKey("pkcs8", privateKey));
    const expected = sign(null, Buffer.from(message), { key: pkcs8, format: "der", type: "pkcs8" });
    expect(Buffer.from(signature.subarray(8)).toString("hex")).toBe(expected.toString("hex"));
    expect([...signature.subarray(0, 8)]).toEqual([0, 0, 0, 0, 0x64, 0x18, 0x50, 0xcb]);
  });

  it("verify with their time, and fail where the time or anything else is changed", async () => {
    const note = await cosigned(first);
    const verdict = await verifyNote(note, [first.verifier]);
    expect(verdict).toMatchObject({ ok: true, signedBy: [{ timestampSeconds: NOW }] });
    const cosignature = await cosignCheckpoint(TEXT, first, NOW);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 72 * 8 - 1 }), async (bit) => {
        const signature = cosignature.signature.slice();
        signature[bit >> 3] = (signature[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const spoilt = addSignatures(note, [{ ...cosignature, signature }]);
        expect(await verifyNote(spoilt, [first.verifier])).toMatchObject({
          ok: false,
          reason: "bad-signature",
        });
      }),
    );
  });

  it("are made of checkpoints only, with cosigning keys only, at times only", async () => {
    for (const attempt of [
      cosignCheckpoint("not a checkpoint\n", first, NOW),
      cosignCheckpoint(TEXT, log, NOW),
      cosignCheckpoint(TEXT, first, -1),
      cosignCheckpoint(TEXT, first, 1.5),
    ]) {
      await expect(attempt).rejects.toMatchObject({ code: "invalid-argument" });
    }
  });

  it("replace an older one of the same witness", async () => {
    const later = await cosignCheckpoint(TEXT, first, NOW + 60);
    const verdict = await verifyNote(addSignatures(await cosigned(first, second), [later]), [
      first.verifier,
      second.verifier,
    ]);
    expect(verdict.ok && verdict.signedBy.map((one) => one.timestampSeconds)).toEqual([NOW, NOW + 60]);
  });
});

describe("verifyCheckpoint", () => {
  const policy = () => ({
    origin: ORIGIN,
    logKeys: [log.verifier],
    witnessKeys: [first.verifier, second.verifier],
    witnessesRequired: 2,
  });

  it("accepts the log's checkpoint with enough witnesses", async () => {
    expect(await verifyCheckpoint(await cosigned(first, second), policy())).toMatchObject({
      ok: true,
      checkpoint: { size: 7 },
      logSignatures: [{}],
      cosignatures: [{ timestampSeconds: NOW }, { timestampSeconds: NOW }],
    });
  });

  it("refuses too few witnesses, and counts a witness with two keys once", async () => {
    expect(await verifyCheckpoint(await cosigned(first), policy())).toMatchObject({
      reason: "too-few-witnesses",
    });
    const again = await newSigner("witness.example/1", "cosignature/v1");
    const witnessKeys = [first.verifier, again.verifier];
    expect(await verifyCheckpoint(await cosigned(first, again), { ...policy(), witnessKeys })).toMatchObject({
      reason: "too-few-witnesses",
    });
  });

  it("does not count a plain signature as a witness's", async () => {
    const plain = await newSigner("witness.example/plain");
    const note = await signNote(TEXT, [log, plain]);
    const witnessKeys = [plain.verifier];
    expect(await verifyCheckpoint(note, { ...policy(), witnessKeys, witnessesRequired: 1 })).toMatchObject({
      reason: "too-few-witnesses",
    });
    expect(await verifyCheckpoint(note, { ...policy(), witnessKeys, witnessesRequired: 0 })).toMatchObject({
      ok: true,
      cosignatures: [],
    });
  });

  it("refuses a witness's word for the log's, another origin, and a note that is no checkpoint", async () => {
    const noLog = addSignatures({ text: TEXT, signatures: [] }, [await cosignCheckpoint(TEXT, first, NOW)]);
    expect(await verifyCheckpoint(noLog, { ...policy(), witnessesRequired: 1 })).toMatchObject({
      reason: "not-signed-by-log",
    });
    const other = { ...policy(), origin: "sworn.example/bedfordshire" };
    expect(await verifyCheckpoint(await cosigned(first, second), other)).toMatchObject({
      reason: "wrong-origin",
    });
    const memo = await signNote("a memo\n", [log]);
    expect(await verifyCheckpoint(memo, policy())).toMatchObject({ reason: "malformed-checkpoint" });
  });
});
