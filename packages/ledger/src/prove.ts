/**
 * Construction of inclusion and consistency proofs (RFC 6962 sections 2.1.1 and 2.1.2) from the nodes of a tree.
 *
 * Guarantees: needs only full-subtree hashes, read through a {@link NodeReader}; the same tree gives the same proof
 * whether its nodes come from tiles or from a list. What is read is not checked here: verify the proof made from it.
 */
import { LedgerError, requireCount } from "./error.ts";
import { hashNode } from "./merkle-hash.ts";
import type { Sha256 } from "./merkle-hash.ts";
import { foldNodes, nodesOfRange, splitPoint } from "./merkle-tree.ts";
import type { NodeCoordinate } from "./merkle-tree.ts";

/** Reads the hash of a full subtree. @throws LedgerError where it cannot. */
export type NodeReader = (node: NodeCoordinate) => Promise<Uint8Array>;

/** D[start:end], whose hash is one element of a proof. */
interface LeafRange {
  readonly start: number;
  readonly end: number;
}

/** The root of the first `size` leaves. */
export async function readRoot(sha256: Sha256, readNode: NodeReader, size: number): Promise<Uint8Array> {
  requireCount(size, "the tree size");
  return hashOfRange(sha256, readNode, { start: 0, end: size });
}

/** PATH(index, D[0:size]), from the leaf's sibling up. RFC 6962 section 2.1.1. */
export async function proveInclusion(
  sha256: Sha256,
  readNode: NodeReader,
  claim: { readonly index: number; readonly size: number },
): Promise<Uint8Array[]> {
  const { index, size } = claim;
  requireCount(size, "the tree size");
  requireCount(index, "the leaf index");
  if (index >= size)
    throw new LedgerError("invalid-argument", `there is no leaf ${index} in a tree of ${size}`);
  const ranges: LeafRange[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      ranges.unshift({ start: middle, end });
      end = middle;
    } else {
      ranges.unshift({ start, end: middle });
      start = middle;
    }
  }
  return hashesOfRanges(sha256, readNode, ranges);
}

/** PROOF(oldSize, D[0:newSize]); empty where the sizes are equal or the old tree is. RFC 6962 section 2.1.2. */
export async function proveConsistency(
  sha256: Sha256,
  readNode: NodeReader,
  claim: { readonly oldSize: number; readonly newSize: number },
): Promise<Uint8Array[]> {
  const { oldSize, newSize } = claim;
  requireCount(oldSize, "the old tree size");
  requireCount(newSize, "the new tree size");
  if (oldSize > newSize) {
    throw new LedgerError("invalid-argument", `a tree cannot grow from ${oldSize} to ${newSize}`);
  }
  const ranges: LeafRange[] = [];
  let [start, end] = [0, newSize];
  while (oldSize > 0 && end !== oldSize) {
    const middle = start + splitPoint(end - start);
    if (oldSize <= middle) {
      ranges.unshift({ start: middle, end });
      end = middle;
    } else {
      ranges.unshift({ start, end: middle });
      start = middle;
    }
  }
  // Where the recursion never went right, the verifier has the old root already (RFC 6962, SUBPROOF with b = true).
  if (oldSize > 0 && start > 0) ranges.unshift({ start, end });
  return hashesOfRanges(sha256, readNode, ranges);
}

/** Nodes of a tree held as a list of leaf hashes: for small trees and for tests. */
export function nodesFromLeafHashes(sha256: Sha256, leafHashes: readonly Uint8Array[]): NodeReader {
  return ({ level, index }) => {
    const width = 2 ** level;
    const covered = leafHashes.slice(index * width, (index + 1) * width);
    if (covered.length < width) {
      return Promise.reject(
        new LedgerError("invalid-argument", `there is no full node ${index} at level ${level} in this tree`),
      );
    }
    let row: Uint8Array[] = covered;
    while (row.length > 1) row = hashPairs(sha256, row);
    return Promise.resolve(foldNodes(sha256, row));
  };
}

/** The next level up of a row of an even number of node hashes. */
export function hashPairs(sha256: Sha256, row: readonly Uint8Array[]): Uint8Array[] {
  const above: Uint8Array[] = [];
  let left: Uint8Array | undefined;
  for (const hash of row) {
    if (left === undefined) {
      left = hash;
    } else {
      above.push(hashNode(sha256, left, hash));
      left = undefined;
    }
  }
  return above;
}

async function hashOfRange(sha256: Sha256, readNode: NodeReader, range: LeafRange): Promise<Uint8Array> {
  return foldNodes(sha256, await Promise.all(nodesOfRange(range.start, range.end).map(readNode)));
}

function hashesOfRanges(
  sha256: Sha256,
  readNode: NodeReader,
  ranges: readonly LeafRange[],
): Promise<Uint8Array[]> {
  return Promise.all(ranges.map((range) => hashOfRange(sha256, readNode, range)));
}
