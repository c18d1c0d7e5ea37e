/** A small log in memory: what the tests build, damage and read. */
import { createHash } from "node:crypto";
import { growEntryBundles, growTree, hashLeaf, rootOfLeafHashes } from "../src/index.ts";
import type { Sha256, TileReader } from "../src/index.ts";

export const sha256: Sha256 = (data) => new Uint8Array(createHash("sha256").update(data).digest());

export function leaf(index: number): Uint8Array {
  return new TextEncoder().encode(`leaf ${index}`);
}

export function leaves(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => leaf(index));
}

export function leafHashes(count: number): Uint8Array[] {
  return leaves(count).map((bytes) => hashLeaf(sha256, bytes));
}

export interface MemoryLog {
  readonly files: Map<string, Uint8Array>;
  readonly readTile: TileReader;
  size: number;
  root: Uint8Array;
}

export function emptyLog(): MemoryLog {
  const files = new Map<string, Uint8Array>();
  return {
    files,
    readTile: (path) => Promise.resolve(files.get(path)),
    size: 0,
    root: rootOfLeafHashes(sha256, []),
  };
}

/** Appends `count` leaves, in one batch, and keeps every file written. */
export async function append(log: MemoryLog, count: number): Promise<void> {
  const entries = leaves(log.size + count).slice(log.size);
  const { readTile, size: oldSize, root: oldRoot } = log;
  const bundles = await growEntryBundles({ oldSize, readTile, entries });
  const hashes = entries.map((entry) => hashLeaf(sha256, entry));
  const grown = await growTree({ sha256, oldSize, oldRoot, readTile, leafHashes: hashes });
  for (const { path, bytes } of [...bundles, ...grown.tiles]) log.files.set(path, bytes);
  log.size = grown.size;
  log.root = grown.root;
}

export async function logOf(...batches: readonly number[]): Promise<MemoryLog> {
  const log = emptyLog();
  for (const count of batches) await append(log, count);
  return log;
}

export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = bytes.slice();
  const at = Math.floor(bit / 8) % bytes.length;
  flipped[at] = (flipped[at] ?? 0) ^ (1 << (bit % 8));
  return flipped;
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
