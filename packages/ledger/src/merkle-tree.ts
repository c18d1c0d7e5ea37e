/**
 * Merkle Tree Hashes, and where their nodes are.
 *
 * Guarantees: node (level, index) stands for MTH(D[index * 2^level : (index + 1) * 2^level]), a full subtree whose
 * hash never changes as the tree grows. Every other hash of RFC 6962 is folded from such nodes.
 */
import { hashNode } from "./merkle-hash.ts";
import type { Sha256 } from "./merkle-hash.ts";

/** A full subtree of 2^level leaves, the index-th from the left. */
export interface NodeCoordinate {
  readonly level: number;
  readonly index: number;
}

/** MTH of the given leaf hashes; of none, SHA-256 of nothing. RFC 6962 section 2.1. */
export function rootOfLeafHashes(sha256: Sha256, leafHashes: readonly Uint8Array[]): Uint8Array {
  const frontier = new Frontier(sha256);
  for (const leafHash of leafHashes) frontier.append(leafHash);
  return frontier.root();
}

/** The hash of a row of full subtrees, largest first and leftmost first: the smaller ones hang on the right. */
export function foldNodes(sha256: Sha256, nodeHashes: readonly Uint8Array[]): Uint8Array {
  const folded = nodeHashes.reduceRight<Uint8Array | undefined>(
    (right, left) => (right === undefined ? left : hashNode(sha256, left, right)),
    undefined,
  );
  return folded ?? sha256(new Uint8Array(0));
}

/**
 * The full subtrees that make up D[start:end], left to right.
 * `start` must be a multiple of the largest power of two below `end - start`, as in every RFC 6962 recursion.
 */
export function nodesOfRange(start: number, end: number): NodeCoordinate[] {
  const nodes: NodeCoordinate[] = [];
  for (let from = start; from < end;) {
    let level = 0;
    let width = 1;
    // Doubling by multiplication: bit operators would cut a size to 32 bits.
    while (from % (width * 2) === 0 && from + width * 2 <= end) {
      width *= 2;
      level += 1;
    }
    nodes.push({ level, index: from / width });
    from += width;
  }
  return nodes;
}

/** The largest power of two smaller than `size`, which is at least 2. RFC 6962 section 2.1. */
export function splitPoint(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/** The right edge of a growing tree: enough to hash any number of leaves in logarithmic memory. */
export class Frontier {
  readonly #sha256: Sha256;
  #subtrees: { level: number; hash: Uint8Array }[] = [];

  constructor(sha256: Sha256) {
    this.#sha256 = sha256;
  }

  append(leafHash: Uint8Array): void {
    let level = 0;
    let hash = leafHash;
    for (let left = this.#subtrees.at(-1); left?.level === level; left = this.#subtrees.at(-1)) {
      hash = hashNode(this.#sha256, left.hash, hash);
      level += 1;
      this.#subtrees.pop();
    }
    this.#subtrees.push({ level, hash });
  }

  root(): Uint8Array {
    return foldNodes(
      this.#sha256,
      this.#subtrees.map((subtree) => subtree.hash),
    );
  }
}
