/**
 * Verification of inclusion and consistency proofs (RFC 9162 sections 2.1.3.2 and 2.1.4.2; the proofs of RFC 6962).
 *
 * Guarantees: a proof of any other length than the one its sizes imply, or with any changed bit, is refused with a
 * reason. Needs WebCrypto only. Never throws on untrusted input.
 */
import { equalBytes } from "./bytes.ts";
import { isCount } from "./error.ts";
import { digestNode, HASH_BYTES } from "./merkle-hash.ts";

export type ProofFault =
  /** A size or an index is not an integer from 0 to 2^53 - 1, or the index is not in the tree, or the tree shrinks. */
  | "invalid-range"
  /** A hash is not 32 bytes long. */
  | "invalid-hash"
  /** The proof has more or fewer hashes than its sizes imply. */
  | "wrong-length"
  /** The proof leads to another root than the one given. */
  | "root-mismatch";

export type ProofVerdict =
  { readonly ok: true } | { readonly ok: false; readonly reason: ProofFault; readonly message: string };

export interface InclusionClaim {
  /** Zero-based index of the leaf. */
  readonly index: number;
  /** Number of leaves in the tree. */
  readonly size: number;
  readonly leafHash: Uint8Array;
  /** From the leaf's sibling up to the root's child. */
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
}

export interface ConsistencyClaim {
  readonly oldSize: number;
  readonly newSize: number;
  readonly oldRoot: Uint8Array;
  readonly newRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Whether the leaf stands at `index` in the tree of `size` leaves with that root. RFC 9162 section 2.1.3.2. */
export async function verifyInclusion(claim: InclusionClaim): Promise<ProofVerdict> {
  const { index, size, leafHash, proof, root } = claim;
  if (!isCount(index) || !isCount(size) || index >= size) {
    return fault("invalid-range", `there is no leaf ${index} in a tree of ${size}`);
  }
  if (![leafHash, root, ...proof].every(isHash)) return fault("invalid-hash", "a hash is not 32 bytes long");
  let node = index;
  let last = size - 1;
  let hash = leafHash;
  for (const sibling of proof) {
    if (last === 0)
      return fault("wrong-length", `the proof has ${proof.length} hashes, more than the tree is deep`);
    if (node % 2 === 1 || node === last) {
      hash = await digestNode(sibling, hash);
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, half(last)];
    } else {
      hash = await digestNode(hash, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  if (last !== 0) return fault("wrong-length", `the proof has ${proof.length} hashes, too few for its tree`);
  return equalBytes(hash, root) ? { ok: true } : fault("root-mismatch", "the proof leads to another root");
}

/**
 * Whether the tree of `newSize` leaves begins with the tree of `oldSize` leaves. RFC 9162 section 2.1.4.2.
 * Every tree extends the empty one: then the proof must be empty (c2sp.org/tlog-witness), and the roots are not compared.
 */
export async function verifyConsistency(claim: ConsistencyClaim): Promise<ProofVerdict> {
  const { oldSize, newSize, oldRoot, newRoot, proof } = claim;
  if (!isCount(oldSize) || !isCount(newSize) || oldSize > newSize) {
    return fault("invalid-range", `a tree cannot grow from ${oldSize} to ${newSize}`);
  }
  if (![oldRoot, newRoot, ...proof].every(isHash))
    return fault("invalid-hash", "a hash is not 32 bytes long");
  if (oldSize === 0 || oldSize === newSize) {
    if (proof.length !== 0) return fault("wrong-length", "the proof must be empty for these sizes");
    if (oldSize === 0 || equalBytes(oldRoot, newRoot)) return { ok: true };
    return fault("root-mismatch", `two trees of ${newSize} leaves have different roots`);
  }
  let node = oldSize - 1;
  let last = newSize - 1;
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  // An old tree that is one full subtree is itself the first hash of the path, and is not sent.
  const path = node === 0 ? [oldRoot, ...proof] : proof;
  const [seed, ...rest] = path;
  if (seed === undefined || proof.length === 0) return fault("wrong-length", "the proof is empty");
  let oldHash = seed;
  let newHash = seed;
  for (const sibling of rest) {
    if (last === 0)
      return fault("wrong-length", `the proof has ${proof.length} hashes, more than the tree is deep`);
    if (node % 2 === 1 || node === last) {
      oldHash = await digestNode(sibling, oldHash);
      newHash = await digestNode(sibling, newHash);
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, half(last)];
    } else {
      newHash = await digestNode(newHash, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  if (last !== 0) return fault("wrong-length", `the proof has ${proof.length} hashes, too few for its trees`);
  if (!equalBytes(oldHash, oldRoot)) return fault("root-mismatch", "the proof leads to another old root");
  return equalBytes(newHash, newRoot)
    ? { ok: true }
    : fault("root-mismatch", "the proof leads to another new root");
}

function half(value: number): number {
  return Math.floor(value / 2);
}

function isHash(value: Uint8Array): boolean {
  return value.length === HASH_BYTES;
}

function fault(reason: ProofFault, message: string): ProofVerdict {
  return { ok: false, reason, message };
}
