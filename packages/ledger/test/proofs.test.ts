import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  nodesFromLeafHashes,
  nodesFromTiles,
  proveConsistency,
  proveInclusion,
  readRoot,
  rootOfLeafHashes,
  verifyConsistency,
  verifyInclusion,
} from "../src/index.ts";
import { flipBit, hex, leafHashes, logOf, sha256 } from "./log-fixture.ts";

const ALL = leafHashes(1200);
const NODES = nodesFromLeafHashes(sha256, ALL);
const rootAt = (size: number) => rootOfLeafHashes(sha256, ALL.slice(0, size));
const leafAt = (index: number) => ALL[index] ?? new Uint8Array();

const indexInTree = fc
  .integer({ min: 1, max: ALL.length })
  .chain((size) => fc.record({ size: fc.constant(size), index: fc.integer({ min: 0, max: size - 1 }) }));
const twoSizes = fc
  .tuple(fc.integer({ min: 0, max: ALL.length }), fc.integer({ min: 0, max: ALL.length }))
  .map(([a, b]) => ({ oldSize: Math.min(a, b), newSize: Math.max(a, b) }));

async function inclusionOf(index: number, size: number) {
  const proof = await proveInclusion(sha256, NODES, { index, size });
  return { index, size, leafHash: leafAt(index), proof, root: rootAt(size) };
}

async function consistencyOf(oldSize: number, newSize: number) {
  const proof = await proveConsistency(sha256, NODES, { oldSize, newSize });
  return { oldSize, newSize, proof, oldRoot: rootAt(oldSize), newRoot: rootAt(newSize) };
}

describe("inclusion proofs", () => {
  it("verify for every leaf of every small tree", async () => {
    for (let size = 1; size <= 40; size += 1) {
      for (let index = 0; index < size; index += 1) {
        expect(await verifyInclusion(await inclusionOf(index, size))).toEqual({ ok: true });
      }
    }
  });

  it("verify, and fail with any bit flipped, any other index, size or length", async () => {
    await fc.assert(
      fc.asyncProperty(indexInTree, fc.nat(), fc.nat(), async ({ index, size }, pick, bit) => {
        const claim = await inclusionOf(index, size);
        expect(await verifyInclusion(claim)).toEqual({ ok: true });
        const at = pick % (claim.proof.length + 1);
        const flipped = claim.proof.map((hash, position) => (position === at ? flipBit(hash, bit) : hash));
        const spoilt = [
          at < claim.proof.length
            ? { ...claim, proof: flipped }
            : { ...claim, root: flipBit(claim.root, bit) },
          { ...claim, leafHash: flipBit(claim.leafHash, bit) },
          {
            ...claim,
            index: (index + 1 + (pick % Math.max(1, size - 1))) % size,
            ...(size === 1 && { index: 1 }),
          },
          { ...claim, proof: [...claim.proof, leafAt(0)] },
          { ...claim, proof: [leafAt(0), ...claim.proof] },
          { ...claim, proof: claim.proof.slice(1), ...(claim.proof.length === 0 && { size: 2 }) },
        ];
        for (const wrong of spoilt) expect((await verifyInclusion(wrong)).ok).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it("are the same from tiles as from the list, and tiles give every root", async () => {
    const log = await logOf(700, 500);
    await fc.assert(
      fc.asyncProperty(indexInTree, twoSizes, async ({ index, size }, sizes) => {
        const fromTiles = nodesFromTiles(sha256, log.readTile, log.size);
        const inclusion = await proveInclusion(sha256, fromTiles, { index, size });
        expect(inclusion.map(hex)).toEqual((await inclusionOf(index, size)).proof.map(hex));
        const consistency = await proveConsistency(sha256, fromTiles, sizes);
        expect(consistency.map(hex)).toEqual(
          (await consistencyOf(sizes.oldSize, sizes.newSize)).proof.map(hex),
        );
        expect(hex(await readRoot(sha256, fromTiles, size))).toBe(hex(rootAt(size)));
      }),
      { numRuns: 60 },
    );
  });

  it("read each tile once for one reader", async () => {
    const log = await logOf(1000);
    const reads: string[] = [];
    const reader = nodesFromTiles(sha256, (path) => (reads.push(path), log.readTile(path)), log.size);
    for (let index = 0; index < 256; index += 1) await proveInclusion(sha256, reader, { index, size: 1000 });
    expect(reads.length).toBe(new Set(reads).size);
    expect(reads.length).toBeLessThanOrEqual(5);
  });

  it("outside the tree are refused with the package's error", async () => {
    for (const [index, size] of [
      [0, 0],
      [5, 5],
      [-1, 4],
      [0.5, 4],
      [0, -1],
      [0, 2 ** 53],
    ] as const) {
      await expect((async () => proveInclusion(sha256, NODES, { index, size }))()).rejects.toMatchObject({
        code: "invalid-argument",
      });
    }
    await expect(proveInclusion(sha256, NODES, { index: 0, size: ALL.length + 1 })).rejects.toMatchObject({
      code: "invalid-argument",
    });
  });
});

describe("consistency proofs", () => {
  it("verify between all sizes of small trees", async () => {
    for (let newSize = 0; newSize <= 33; newSize += 1) {
      for (let oldSize = 0; oldSize <= newSize; oldSize += 1) {
        expect(await verifyConsistency(await consistencyOf(oldSize, newSize))).toEqual({ ok: true });
      }
    }
  });

  it("verify, and fail with any bit flipped, other sizes or length", async () => {
    await fc.assert(
      fc.asyncProperty(twoSizes, fc.nat(), fc.nat(), async (sizes, pick, bit) => {
        const claim = await consistencyOf(sizes.oldSize, sizes.newSize);
        expect(await verifyConsistency(claim)).toEqual({ ok: true });
        fc.pre(claim.oldSize > 0);
        const at = pick % Math.max(1, claim.proof.length);
        const flipped = claim.proof.map((hash, position) => (position === at ? flipBit(hash, bit) : hash));
        const spoilt = [
          { ...claim, oldRoot: flipBit(claim.oldRoot, bit) },
          { ...claim, newRoot: flipBit(claim.newRoot, bit) },
          { ...claim, proof: [...claim.proof, leafAt(0)] },
          { ...claim, oldSize: claim.newSize + 1 },
          ...(claim.proof.length === 0
            ? []
            : [
                { ...claim, proof: flipped },
                { ...claim, proof: claim.proof.slice(1) },
              ]),
          ...(claim.oldSize === claim.newSize ? [] : [{ ...claim, oldRoot: claim.newRoot }]),
        ];
        for (const wrong of spoilt) expect((await verifyConsistency(wrong)).ok).toBe(false);
      }),
      { numRuns: 60 },
    );
  });
});

describe("verifiers given anything", () => {
  const anyHash = fc.oneof(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ maxLength: 40 }));
  const anyNumber = fc.oneof(fc.nat({ max: 20 }), fc.double(), fc.maxSafeInteger());

  it("answer, and never throw", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyNumber,
        anyNumber,
        anyHash,
        anyHash,
        fc.array(anyHash),
        async (a, b, left, right, proof) => {
          const inclusion = await verifyInclusion({ index: a, size: b, leafHash: left, root: right, proof });
          const consistency = await verifyConsistency({
            oldSize: a,
            newSize: b,
            oldRoot: left,
            newRoot: right,
            proof,
          });
          expect(typeof inclusion.ok).toBe("boolean");
          expect(typeof consistency.ok).toBe("boolean");
        },
      ),
    );
  });
});
