/**
 * The bytes of a hash tile, and hashes of the tree read out of tiles (c2sp.org/tlog-tiles, "Merkle Tree").
 *
 * Guarantees: a tile is accepted only at exactly its width. Reading falls back from a partial tile to the full one
 * that replaced it. Hashes are as stored, not verified: check the root or the proof made of them.
 */
import { LedgerError, refuse, requireCount } from "./error.ts";
import type { Parsed } from "./error.ts";
import { HASH_BYTES } from "./merkle-hash.ts";
import type { Sha256 } from "./merkle-hash.ts";
import { hashPairs } from "./prove.ts";
import type { NodeReader } from "./prove.ts";
import { TILE_HEIGHT, tilePath, TILE_WIDTH, tileWidth } from "./tile-path.ts";
import type { TileCoordinate } from "./tile-path.ts";

/** The stored bytes at a path such as `tile/0/000.p/7`; undefined where there are none. */
export type TileReader = (path: string) => Promise<Uint8Array | undefined>;

/** The concatenation of 1 to 256 hashes. @throws LedgerError `invalid-argument`. */
export function encodeTile(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length < 1 || hashes.length > TILE_WIDTH || hashes.some((hash) => hash.length !== HASH_BYTES)) {
    throw new LedgerError("invalid-argument", "a tile has 1 to 256 hashes of 32 bytes");
  }
  const bytes = new Uint8Array(hashes.length * HASH_BYTES);
  hashes.forEach((hash, at) => {
    bytes.set(hash, at * HASH_BYTES);
  });
  return bytes;
}

/** The hashes of a tile of exactly `width` hashes. The hashes are copies. */
export function decodeTile(bytes: Uint8Array, width: number): Parsed<Uint8Array[]> {
  if (bytes.length !== width * HASH_BYTES) {
    return refuse("malformed-tile", `the tile has ${bytes.length} bytes, not ${width * HASH_BYTES}`);
  }
  const hashes = Array.from({ length: width }, (_, at) =>
    bytes.slice(at * HASH_BYTES, (at + 1) * HASH_BYTES),
  );
  return { ok: true, value: hashes };
}

/**
 * The stored bytes of a tile or entry bundle. Where a partial tile is gone, the full one that contains it is read
 * instead (a log may delete partial tiles then): `full` tells. Undefined where neither is there.
 * @throws LedgerError `tile-unavailable` with its cause where reading fails.
 */
export async function readStoredTile(
  readTile: TileReader,
  tile: TileCoordinate,
): Promise<{ readonly bytes: Uint8Array; readonly full: boolean } | undefined> {
  const exact = await readPath(readTile, tilePath(tile));
  if (exact !== undefined) return { bytes: exact, full: tile.width === TILE_WIDTH };
  if (tile.width === TILE_WIDTH) return undefined;
  const full = await readPath(readTile, tilePath({ ...tile, width: TILE_WIDTH }));
  return full === undefined ? undefined : { bytes: full, full: true };
}

/**
 * The hashes of a tile.
 * @throws LedgerError `tile-unavailable` or `tile-malformed`, naming the path.
 */
export async function readTileHashes(readTile: TileReader, tile: TileCoordinate): Promise<Uint8Array[]> {
  const stored = await readStoredTile(readTile, tile);
  if (stored === undefined) throw new LedgerError("tile-unavailable", `${tilePath(tile)} is missing`);
  const hashes = decodeTile(stored.bytes, stored.full ? TILE_WIDTH : tile.width);
  if (!hashes.ok) throw new LedgerError("tile-malformed", `${tilePath(tile)}: ${hashes.message}`);
  return hashes.value.slice(0, tile.width);
}

/**
 * Reads nodes of a tree of `size` leaves out of its tiles, each tile once for the reader's life: make one reader for
 * the proofs of one request. A node outside the tree is a LedgerError `invalid-argument`.
 */
export function nodesFromTiles(sha256: Sha256, readTile: TileReader, size: number): NodeReader {
  requireCount(size, "the tree size");
  const tiles = new Map<string, Promise<Uint8Array[]>>();
  return async ({ level, index }) => {
    const tileLevel = Math.floor(level / TILE_HEIGHT);
    const span = 2 ** (level % TILE_HEIGHT);
    const tileIndex = Math.floor((index * span) / TILE_WIDTH);
    const from = (index * span) % TILE_WIDTH;
    const tile = { level: tileLevel, index: tileIndex, width: tileWidth(size, tileLevel, tileIndex) };
    if (from + span > tile.width) {
      throw new LedgerError(
        "invalid-argument",
        `there is no node ${index} at level ${level} in a tree of ${size}`,
      );
    }
    const path = tilePath(tile);
    const hashes = tiles.get(path) ?? readTileHashes(readTile, tile);
    tiles.set(path, hashes);
    return rootOfFullRow(sha256, (await hashes).slice(from, from + span));
  };
}

/** The root of a power of two of hashes of the same level; at least one. */
export function rootOfFullRow(sha256: Sha256, hashes: readonly Uint8Array[]): Uint8Array {
  let row = hashes;
  while (row.length > 1) row = hashPairs(sha256, row);
  const [root] = row;
  if (root === undefined) throw new LedgerError("invalid-argument", "an empty row has no root");
  return root;
}

async function readPath(readTile: TileReader, path: string): Promise<Uint8Array | undefined> {
  try {
    return await readTile(path);
  } catch (cause) {
    throw new LedgerError("tile-unavailable", `${path} could not be read`, { cause });
  }
}
