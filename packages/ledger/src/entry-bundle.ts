/**
 * Entry bundles: the leaves themselves, 256 at a time (c2sp.org/tlog-tiles, "Log entries").
 *
 * Guarantees: decoding is bounded and exact. A bundle with a byte too many, or an entry that runs past the end,
 * is refused.
 */
import { concatBytes } from "./bytes.ts";
import { LedgerError, refuse } from "./error.ts";
import type { Parsed } from "./error.ts";
import { readStoredTile } from "./tile.ts";
import type { TileReader } from "./tile.ts";
import { changedEntryBundles, requireGrowth, tilePath, TILE_WIDTH } from "./tile-path.ts";
import type { TileCoordinate } from "./tile-path.ts";

/** The length prefix has 16 bits. */
export const MAX_LEAF_BYTES = 65_535;

const PREFIX_BYTES = 2;

/** A file of the log to be written: a hash tile or an entry bundle. */
export interface TileWrite {
  readonly tile: TileCoordinate;
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Each entry after its length in 16 bits, big-endian. @throws LedgerError `invalid-argument`. */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length > TILE_WIDTH) {
    throw new LedgerError(
      "invalid-argument",
      `a bundle has at most ${TILE_WIDTH} entries, not ${entries.length}`,
    );
  }
  return concatBytes(
    ...entries.flatMap((entry) => {
      if (entry.length > MAX_LEAF_BYTES) {
        throw new LedgerError(
          "invalid-argument",
          `an entry has ${entry.length} bytes; ${MAX_LEAF_BYTES} is the most`,
        );
      }
      return [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry];
    }),
  );
}

/** The entries of a bundle of exactly `width` entries. The entries are copies. */
export function decodeEntryBundle(bytes: Uint8Array, width: number): Parsed<Uint8Array[]> {
  const entries: Uint8Array[] = [];
  let offset = 0;
  while (entries.length < width) {
    const [high, low] = bytes.subarray(offset, offset + PREFIX_BYTES);
    if (high === undefined || low === undefined) {
      return refuse("malformed-entry-bundle", `the bundle ends after ${entries.length} of ${width} entries`);
    }
    const end = offset + PREFIX_BYTES + high * 256 + low;
    if (end > bytes.length) {
      return refuse("malformed-entry-bundle", `entry ${entries.length} runs past the end of the bundle`);
    }
    entries.push(bytes.slice(offset + PREFIX_BYTES, end));
    offset = end;
  }
  if (offset !== bytes.length) {
    return refuse("malformed-entry-bundle", `${bytes.length - offset} bytes follow the ${width} entries`);
  }
  return { ok: true, value: entries };
}

/**
 * The entries of one bundle.
 * @throws LedgerError `tile-unavailable` or `tile-malformed`, naming the path.
 */
export async function readEntries(readTile: TileReader, bundle: TileCoordinate): Promise<Uint8Array[]> {
  const stored = await readStoredTile(readTile, bundle);
  if (stored === undefined) throw new LedgerError("tile-unavailable", `${tilePath(bundle)} is missing`);
  const entries = decodeEntryBundle(stored.bytes, stored.full ? TILE_WIDTH : bundle.width);
  if (!entries.ok) throw new LedgerError("tile-malformed", `${tilePath(bundle)}: ${entries.message}`);
  return entries.value.slice(0, bundle.width);
}

/**
 * The entry bundles to write when `entries` are appended to a log of `oldSize`. Reads at most one bundle: the
 * partial one that is extended. @throws LedgerError as {@link readEntries} and {@link encodeEntryBundle} do.
 */
export async function growEntryBundles(growth: {
  readonly oldSize: number;
  readonly readTile: TileReader;
  readonly entries: readonly Uint8Array[];
}): Promise<TileWrite[]> {
  const { oldSize, readTile, entries } = growth;
  const newSize = oldSize + entries.length;
  requireGrowth(oldSize, newSize);
  const present = oldSize % TILE_WIDTH;
  const start = oldSize - present;
  const head =
    present === 0 || entries.length === 0
      ? []
      : await readEntries(readTile, { level: "entries", index: start / TILE_WIDTH, width: present });
  return changedEntryBundles(oldSize, newSize).map((tile) => {
    const from = tile.index * TILE_WIDTH;
    // Positions before oldSize come from the stored bundle, the rest from the new entries.
    const own = entries.slice(Math.max(0, from - oldSize), from + tile.width - oldSize);
    const bytes = encodeEntryBundle(from < oldSize ? [...head, ...own] : own);
    return { tile, path: tilePath(tile), bytes };
  });
}
