import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  encodeCheckpoint,
  encodeTlogProof,
  hashLeaf,
  nodesFromTiles,
  parseTlogProof,
  proveInclusion,
  signNote,
  verifyTlogProof,
} from "../src/index.ts";
import type { CheckpointPolicy } from "../src/index.ts";
import { leaf, logOf, sha256 } from "./log-fixture.ts";
import type { MemoryLog } from "./log-fixture.ts";
import { newSigner } from "./note-fixture.ts";

const ORIGIN = "sworn.example/metropolitan";

let log: MemoryLog;
let checkpoint: string;
let policy: CheckpointPolicy;

beforeAll(async () => {
  log = await logOf(300, 500);
  const signer = await newSigner(ORIGIN);
  policy = { origin: ORIGIN, logKeys: [signer.verifier] };
  checkpoint = await signNote(
    encodeCheckpoint({ origin: ORIGIN, size: log.size, root: log.root, extensions: [] }),
    [signer],
  );
});

async function proofOf(index: number, extra?: Uint8Array): Promise<string> {
  const hashes = await proveInclusion(sha256, nodesFromTiles(sha256, log.readTile, log.size), {
    index,
    size: log.size,
  });
  return encodeTlogProof({ index, hashes, checkpoint, ...(extra && { extra }) });
}

const leafHash = (index: number) => hashLeaf(sha256, leaf(index));

describe("tlog proofs", () => {
  it("have the form of c2sp.org/tlog-proof", async () => {
    const lines = (await proofOf(5, Uint8Array.of(1, 2, 3))).split("\n");
    expect(lines.slice(0, 3)).toEqual(["c2sp.org/tlog-proof@v1", "extra AQID", "index 5"]);
    expect(lines.slice(3, 13).every((line) => line.length === 44)).toBe(true);
    expect(lines.slice(13).join("\n")).toBe(`\n${checkpoint}`);
  });

  it("verify for any leaf, and for no other", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 799 }),
        fc.option(fc.uint8Array(), { nil: undefined }),
        async (index, extra) => {
          const proof = await proofOf(index, extra);
          expect(await verifyTlogProof(proof, leafHash(index), policy)).toMatchObject({
            ok: true,
            index,
            extra,
          });
          const other = await verifyTlogProof(proof, leafHash((index + 1) % 800), policy);
          expect(other).toMatchObject({ ok: false, reason: "root-mismatch" });
        },
      ),
      { numRuns: 40 },
    );
  });

  it("fail with any one bit flipped, but for the extra data that nothing vouches for", async () => {
    const proof = new TextEncoder().encode(await proofOf(123));
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: proof.length * 8 - 1 }), async (bit) => {
        const flipped = proof.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect((await verifyTlogProof(flipped, leafHash(123), policy)).ok).toBe(false);
      }),
      { numRuns: 400 },
    );
  });

  it("of a log that is not trusted, or of another origin, fail", async () => {
    const proof = await proofOf(0);
    const stranger = await newSigner(ORIGIN);
    expect(
      await verifyTlogProof(proof, leafHash(0), { ...policy, logKeys: [stranger.verifier] }),
    ).toMatchObject({
      reason: "unsigned",
    });
    expect(await verifyTlogProof(proof, leafHash(0), { ...policy, origin: "x" })).toMatchObject({
      reason: "wrong-origin",
    });
  });

  it("that are malformed are refused", async () => {
    const sound = await proofOf(7, Uint8Array.of(9));
    const bad = [
      "",
      sound.replace("@v1", "@v2"),
      sound.replace("extra CQ==", "extra CR=="),
      sound.replace("extra CQ==", "extra  CQ=="),
      sound.replace("extra CQ==", "other CQ=="),
      sound.replace("index 7", "index 07"),
      sound.replace("index 7", "index -7"),
      sound.replace("index 7\n", ""),
      sound.replace("index 7\n", "index 7\nindex 7\n"),
      sound.replace("index 7\n", `index 7\n${"A".repeat(43)}=\n`.repeat(60)),
      sound.replace("\n\n", "\n"),
      sound.replace("index 7\n", "index 7\nAAAA\n"),
      sound.slice(0, -1),
      sound.replaceAll("\n", "\r\n"),
    ];
    for (const text of bad) {
      expect(await verifyTlogProof(text, leafHash(7), policy), text.slice(0, 60)).toMatchObject({
        ok: false,
        reason: "malformed-proof",
      });
    }
  });

  it("given anything, parse or are refused, and parse only to what encodes to them again", async () => {
    const real = new TextEncoder().encode(await proofOf(1, Uint8Array.of(1)));
    const mutated = fc
      .tuple(fc.nat(), fc.uint8Array({ maxLength: 4 }), fc.nat({ max: 4 }))
      .map(([at, put, drop]) => {
        const from = at % real.length;
        return Uint8Array.of(...real.subarray(0, from), ...put, ...real.subarray(from + drop));
      });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated), async (bytes) => {
        const proof = parseTlogProof(bytes);
        if (proof.ok) expect(new TextEncoder().encode(encodeTlogProof(proof.value))).toEqual(bytes);
        const verdict = await verifyTlogProof(bytes, leafHash(1), policy);
        expect(typeof verdict.ok).toBe("boolean");
      }),
      { numRuns: 500 },
    );
  });

  it("of impossible parts are refused with the package's error", () => {
    for (const part of [
      { index: -1 },
      { hashes: [new Uint8Array(31)] },
      { checkpoint: "no note" },
      { extra: new Uint8Array(65_537) },
    ]) {
      expect(() => encodeTlogProof({ index: 0, hashes: [], checkpoint, ...part })).toThrow(
        expect.objectContaining({ code: "invalid-argument" }) as Error,
      );
    }
  });
});
