/**
 * The hashes of RFC 6962 section 2.1 (the same as RFC 9162 section 2.1.1), over SHA-256.
 *
 * Guarantees: leaf and node hashes are domain separated (0x00, 0x01), so no node can pass for a leaf.
 * Trees are built with an injected synchronous SHA-256; verification needs WebCrypto only.
 */
import { concatBytes } from "./bytes.ts";
import type { Bytes } from "./bytes.ts";

/** SHA-256 of `data`, 32 bytes. Synchronous: a tree takes many small hashes, and WebCrypto awaits each. */
export type Sha256 = (data: Uint8Array) => Uint8Array;

export const HASH_BYTES = 32;

const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = 1;

/** SHA-256(0x00 || leaf). RFC 6962 section 2.1. */
export function hashLeaf(sha256: Sha256, leaf: Uint8Array): Uint8Array {
  return sha256(concatBytes(LEAF_PREFIX, leaf));
}

/** SHA-256(0x01 || left || right). RFC 6962 section 2.1. */
export function hashNode(sha256: Sha256, left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(nodeInput(left, right));
}

/** SHA-256 of `data` by WebCrypto. */
export async function digest(data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data));
}

/** {@link hashLeaf} by WebCrypto, for verifiers. */
export function digestLeaf(leaf: Uint8Array): Promise<Bytes> {
  return digest(concatBytes(LEAF_PREFIX, leaf));
}

/** {@link hashNode} by WebCrypto, for verifiers. */
export function digestNode(left: Uint8Array, right: Uint8Array): Promise<Bytes> {
  return digest(nodeInput(left, right));
}

/** Written out, because building trees spends its time here. */
function nodeInput(left: Uint8Array, right: Uint8Array): Bytes {
  const input = new Uint8Array(1 + left.length + right.length);
  input[0] = NODE_PREFIX;
  input.set(left, 1);
  input.set(right, 1 + left.length);
  return input;
}
