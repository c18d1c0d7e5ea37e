/**
 * Appending leaves to a tiled tree (c2sp.org/tlog-tiles).
 *
 * Guarantees: the tiles and the root are those of the whole tree built at once, whatever the batches. The stored
 * right edge is proven against the old root before anything is built on it, so damaged or foreign tiles cannot make
 * the log sign a fork. Reads at most one tile a level; writes nothing itself.
 */
import { equalBytes } from "./bytes.ts";
import type { TileWrite } from "./entry-bundle.ts";
import { LedgerError } from "./error.ts";
import { HASH_BYTES } from "./merkle-hash.ts";
import type { Sha256 } from "./merkle-hash.ts";
import { foldNodes, nodesOfRange } from "./merkle-tree.ts";
import { encodeTile, readTileHashes, rootOfFullRow } from "./tile.ts";
import type { TileReader } from "./tile.ts";
import { hashesAtTileLevel, requireGrowth, tilePath, TILE_WIDTH } from "./tile-path.ts";

export interface TreeGrowth {
  readonly sha256: Sha256;
  readonly oldSize: number;
  /** The root of the tree of `oldSize` leaves, from the last checkpoint. */
  readonly oldRoot: Uint8Array;
  readonly readTile: TileReader;
  readonly leafHashes: readonly Uint8Array[];
}

export interface GrownTree {
  readonly size: number;
  readonly root: Uint8Array;
  /** New and extended tiles, by level, then index. Extended ones have a new path (`.p/<W>`): nothing is overwritten. */
  readonly tiles: readonly TileWrite[];
}

/**
 * The tiles to write and the new root when `leafHashes` are appended.
 * @throws LedgerError `tile-unavailable`, `tile-malformed`, or `root-mismatch` where the stored tiles do not have
 * `oldRoot`; `invalid-argument`.
 */
export async function growTree(growth: TreeGrowth): Promise<GrownTree> {
  const { sha256, oldSize, oldRoot, readTile, leafHashes } = growth;
  const size = oldSize + leafHashes.length;
  requireGrowth(oldSize, size);
  if (leafHashes.some((hash) => hash.length !== HASH_BYTES)) {
    throw new LedgerError("invalid-argument", "a leaf hash is not 32 bytes long");
  }
  const oldEdge = await readEdge(readTile, oldSize);
  if (!equalBytes(rootOfEdge(sha256, oldEdge), oldRoot)) {
    throw new LedgerError(
      "root-mismatch",
      `the stored tiles are not those of the signed tree of ${oldSize} leaves: check the log before appending`,
    );
  }
  const tiles: TileWrite[] = [];
  const edge: Uint8Array[][] = [];
  let added = leafHashes;
  for (let level = 0; hashesAtTileLevel(size, level) > 0; level += 1) {
    const firstIndex = Math.floor(hashesAtTileLevel(oldSize, level) / TILE_WIDTH);
    let row: readonly Uint8Array[] = [...(oldEdge[level] ?? []), ...added];
    const full: Uint8Array[] = [];
    for (let at = 0; added.length > 0 && at < row.length; at += TILE_WIDTH) {
      const hashes = row.slice(at, at + TILE_WIDTH);
      const tile = { level, index: firstIndex + at / TILE_WIDTH, width: hashes.length };
      tiles.push({ tile, path: tilePath(tile), bytes: encodeTile(hashes) });
      if (hashes.length === TILE_WIDTH) full.push(rootOfFullRow(sha256, hashes));
    }
    row = row.slice(full.length * TILE_WIDTH);
    edge.push([...row]);
    added = full;
  }
  return { size, root: rootOfEdge(sha256, edge), tiles };
}

/** The hashes of the rightmost, partial tile of each level; an empty list where a level ends with a full tile. */
function readEdge(readTile: TileReader, size: number): Promise<Uint8Array[][]> {
  const levels: Promise<Uint8Array[]>[] = [];
  for (let level = 0; hashesAtTileLevel(size, level) > 0; level += 1) {
    const hashes = hashesAtTileLevel(size, level);
    const width = hashes % TILE_WIDTH;
    const index = Math.floor(hashes / TILE_WIDTH);
    levels.push(width === 0 ? Promise.resolve([]) : readTileHashes(readTile, { level, index, width }));
  }
  return Promise.all(levels);
}

/** The root of a tree, from the partial tiles of its right edge: every leaf is under exactly one of their hashes. */
export function rootOfEdge(sha256: Sha256, edge: readonly (readonly Uint8Array[])[]): Uint8Array {
  const nodes = edge.toReversed().flatMap((hashes) =>
    nodesOfRange(0, hashes.length).map(({ level, index }) => {
      const width = 2 ** level;
      return rootOfFullRow(sha256, hashes.slice(index * width, (index + 1) * width));
    }),
  );
  return foldNodes(sha256, nodes);
}
