/**
 * Where tiles and entry bundles are (c2sp.org/tlog-tiles, "Merkle Tree", "Partial Tiles" and "Log entries").
 *
 * Guarantees: a coordinate and its path stand for each other one to one; any other spelling is refused.
 * Says which tiles a tree of a given size has, and which of them are new since a smaller size.
 */
import { parseDecimal } from "./bytes.ts";
import { isCount, LedgerError, refuse, requireCount } from "./error.ts";
import type { Parsed } from "./error.ts";

/** Hashes in a full tile, and entries in a full bundle. */
export const TILE_WIDTH = 256;
/** Tree levels that one tile spans. */
export const TILE_HEIGHT = 8;
const MAX_TILE_LEVEL = 63;
/** Where the note that signs the tree is, beside `tile/`. */
export const CHECKPOINT_PATH = "checkpoint";

export interface TileCoordinate {
  /** 0 to 63, or `entries` for a bundle of log entries. */
  readonly level: number | "entries";
  /** Index of the tile within its level. */
  readonly index: number;
  /** 1 to 256; 256 is a full tile, anything less a partial one. */
  readonly width: number;
}

const LONGEST_PATH = 64;
const PATH = /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/;

/** `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`. @throws LedgerError `invalid-argument`. */
export function tilePath(tile: TileCoordinate): string {
  if (!isTile(tile)) {
    throw new LedgerError(
      "invalid-argument",
      `there is no tile ${tile.index} of width ${tile.width} at level ${tile.level}`,
    );
  }
  const digits = String(tile.index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.{3}/g) ?? [];
  const number = groups.map((group, at) => (at === groups.length - 1 ? group : `x${group}`)).join("/");
  return `tile/${tile.level}/${number}${tile.width === TILE_WIDTH ? "" : `.p/${tile.width}`}`;
}

/** The inverse of {@link tilePath}, for untrusted paths. */
export function parseTilePath(path: string): Parsed<TileCoordinate> {
  const [, levelText, indexText, widthText] = (path.length <= LONGEST_PATH && PATH.exec(path)) || [];
  if (levelText === undefined || indexText === undefined) {
    return refuse("malformed-tile-path", "not a tile path like tile/0/x001/234.p/5");
  }
  const level = levelText === "entries" ? levelText : parseDecimal(levelText);
  const index = Number(indexText.replaceAll(/[x/]/g, ""));
  const width = widthText === undefined ? TILE_WIDTH : parseDecimal(widthText);
  if (level === undefined || width === undefined || !isTile({ level, index, width })) {
    return refuse("malformed-tile-path", "a level, index or width of this tile path is out of range");
  }
  const tile: TileCoordinate = { level, index, width };
  return tilePath(tile) === path
    ? { ok: true, value: tile }
    : refuse("malformed-tile-path", "this tile path has needless zeroes or names a full width");
}

/** Number of hashes at tile level `level` of a tree: floor(size / 256^level). */
export function hashesAtTileLevel(size: number, level: number): number {
  let hashes = size;
  for (let at = 0; at < level; at += 1) hashes = Math.floor(hashes / TILE_WIDTH);
  return hashes;
}

/** The width of a tile or entry bundle in a tree of `size` leaves; 0 where it is not in that tree. */
export function tileWidth(size: number, level: number | "entries", index: number): number {
  const hashes = hashesAtTileLevel(size, level === "entries" ? 0 : level);
  return Math.max(0, Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH));
}

/**
 * The hash tiles that a tree of `newSize` leaves has and one of `oldSize` had not: full ones, and the partial ones
 * of `newSize` itself. By level, then index. {@link changedEntryBundles} says the same of bundles.
 */
export function changedTiles(oldSize: number, newSize: number): TileCoordinate[] {
  requireGrowth(oldSize, newSize);
  const tiles: TileCoordinate[] = [];
  for (let level = 0; hashesAtTileLevel(newSize, level) > 0; level += 1) {
    tiles.push(
      ...changedAtLevel(hashesAtTileLevel(oldSize, level), hashesAtTileLevel(newSize, level), level),
    );
  }
  return tiles;
}

/** The entry bundles that a tree of `newSize` leaves has and one of `oldSize` had not. */
export function changedEntryBundles(oldSize: number, newSize: number): TileCoordinate[] {
  requireGrowth(oldSize, newSize);
  return changedAtLevel(oldSize, newSize, "entries");
}

/** @throws LedgerError `invalid-argument` unless both are sizes and the tree does not shrink. */
export function requireGrowth(oldSize: number, newSize: number): void {
  requireCount(oldSize, "the old tree size");
  requireCount(newSize, "the new tree size");
  if (newSize < oldSize) {
    throw new LedgerError("invalid-argument", `a log cannot shrink from ${oldSize} to ${newSize}`);
  }
}

function changedAtLevel(oldCount: number, newCount: number, level: number | "entries"): TileCoordinate[] {
  const tiles: TileCoordinate[] = [];
  if (newCount === oldCount) return tiles;
  for (let index = Math.floor(oldCount / TILE_WIDTH); index * TILE_WIDTH < newCount; index += 1) {
    tiles.push({ level, index, width: Math.min(TILE_WIDTH, newCount - index * TILE_WIDTH) });
  }
  return tiles;
}

function isTile({ level, index, width }: TileCoordinate): boolean {
  const isLevel = level === "entries" || (isCount(level) && level <= MAX_TILE_LEVEL);
  return isLevel && isCount(index) && isCount(width) && width >= 1 && width <= TILE_WIDTH;
}
