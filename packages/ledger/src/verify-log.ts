/**
 * Checking a whole stored log against its signed root: every tile and every entry bundle.
 *
 * Guarantees: from the root down, each tile is compared with a hash already proven, so a changed bit is blamed on the
 * file it is in. Where a tile is wrong, what is below it vouches for its true content, if it can, and checking goes on.
 * Memory is a few tiles, whatever the size of the log. Reports every fault; throws only for impossible arguments.
 */
import { equalBytes } from "./bytes.ts";
import { decodeEntryBundle } from "./entry-bundle.ts";
import { LedgerError, requireCount } from "./error.ts";
import { rootOfEdge } from "./grow-tree.ts";
import { hashLeaf } from "./merkle-hash.ts";
import type { Sha256 } from "./merkle-hash.ts";
import { decodeTile, readStoredTile, rootOfFullRow } from "./tile.ts";
import type { TileReader } from "./tile.ts";
import { CHECKPOINT_PATH, hashesAtTileLevel, tilePath, TILE_WIDTH } from "./tile-path.ts";
import type { TileCoordinate } from "./tile-path.ts";

export type LogFault =
  | "missing"
  /** Reading failed, as when the disk does. */
  | "unreadable"
  | "malformed"
  /** It has other hashes or entries than the signed tree has. `index` says which is the first. */
  | "altered"
  /** It, or what is below it, could not be checked, because what would prove it is itself lost or wrong. */
  | "unverifiable";

export interface LogFinding {
  readonly path: string;
  readonly fault: LogFault;
  /** Position within the tile or bundle, 0 to 255, where known. */
  readonly position: number | undefined;
  readonly message: string;
}

export interface LogToVerify {
  readonly sha256: Sha256;
  readonly size: number;
  /** The root of the signed checkpoint. */
  readonly root: Uint8Array;
  readonly readTile: TileReader;
  /** Read and check the entry bundles too; otherwise only the hash tiles. */
  readonly entries: boolean;
}

export type LogVerdict =
  { readonly ok: true } | { readonly ok: false; readonly findings: readonly LogFinding[] };

/** Whether the stored files are those of the tree with this root, and if not, which are wrong. */
export async function verifyLog(log: LogToVerify): Promise<LogVerdict> {
  requireCount(log.size, "the tree size");
  const check = new LogCheck(log);
  await check.run();
  return check.findings.length === 0 ? { ok: true } : { ok: false, findings: check.findings };
}

/** A rightmost tile, and its hashes if they could be read. */
interface EdgeTile {
  readonly tile: TileCoordinate;
  readonly stored: Uint8Array[] | undefined;
}

class LogCheck {
  readonly findings: LogFinding[] = [];
  readonly #log: LogToVerify;

  constructor(log: LogToVerify) {
    this.#log = log;
  }

  async run(): Promise<void> {
    const edge = await this.#readEdge();
    const proven = await this.#proveEdge(edge);
    for (const [at, { tile, stored }] of edge.entries()) {
      const hashes = proven?.[at];
      if (hashes !== undefined && tile.width > 0) await this.#checkProven(tile, stored, hashes);
    }
  }

  /** The rightmost tile of each level, of width 0 where the level ends with a full tile. */
  async #readEdge(): Promise<EdgeTile[]> {
    const edge: EdgeTile[] = [];
    for (let level = 0; hashesAtTileLevel(this.#log.size, level) > 0; level += 1) {
      const hashes = hashesAtTileLevel(this.#log.size, level);
      const tile = { level, index: Math.floor(hashes / TILE_WIDTH), width: hashes % TILE_WIDTH };
      edge.push({ tile, stored: tile.width === 0 ? [] : await this.#readHashes(tile) });
    }
    return edge;
  }

  /** The right edge that has the signed root: as stored or, where a tile is wrong, as what is below it says. */
  async #proveEdge(edge: readonly EdgeTile[]): Promise<Uint8Array[][] | undefined> {
    const { sha256, root, size } = this.#log;
    const hasRoot = (hashes: Uint8Array[][]) => equalBytes(rootOfEdge(sha256, hashes), root);
    const asStored = edge.map(({ stored }) => stored).filter((stored) => stored !== undefined);
    if (asStored.length === edge.length && hasRoot(asStored)) return asStored;
    let candidates: Uint8Array[][][] = [[]];
    const suspects: TileCoordinate[] = [];
    for (const { tile, stored } of edge) {
      const derived = tile.width === 0 ? [] : await this.#deriveHashes(tile);
      const choices = [stored, derived].filter((hashes) => hashes !== undefined);
      candidates = candidates.flatMap((hashes) => choices.map((choice) => [...hashes, choice]));
      if (stored === undefined || derived === undefined || !equalHashes(stored, derived)) suspects.push(tile);
    }
    const proven = candidates.find(hasRoot);
    if (proven !== undefined) return proven;
    const message = `the stored log has not the signed root of ${size} leaves`;
    for (const tile of suspects) this.#report(tile, "unverifiable", message);
    // Every file agrees with every other: then it is another tree, or another checkpoint.
    if (suspects.length === 0) this.#reportPath(CHECKPOINT_PATH, "altered", message);
    return undefined;
  }

  /** Compares a stored tile with its proven hashes, then everything below it. */
  async #checkProven(
    tile: TileCoordinate,
    stored: Uint8Array[] | undefined,
    proven: readonly Uint8Array[],
  ): Promise<void> {
    if (stored !== undefined) {
      const wrong = proven.findIndex((hash, at) => !equalBytes(hash, stored[at] ?? new Uint8Array(0)));
      if (wrong >= 0) this.#report(tile, "altered", `hash ${wrong} is not that of the signed tree`, wrong);
    }
    if (tile.level === "entries" || tile.level === 0) {
      if (this.#log.entries) await this.#checkBundle({ ...tile, level: "entries" }, proven);
      return;
    }
    for (const [at, hash] of proven.entries())
      await this.#checkFull(childOf(tile.level, tile.index, at), hash);
  }

  /** A full tile whose root is proven. */
  async #checkFull(tile: TileCoordinate, root: Uint8Array): Promise<void> {
    const { sha256 } = this.#log;
    const isTrue = (hashes: Uint8Array[] | undefined) =>
      hashes !== undefined && equalBytes(rootOfFullRow(sha256, hashes), root);
    const stored = await this.#readHashes(tile);
    if (stored !== undefined && isTrue(stored)) return this.#checkProven(tile, stored, stored);
    const derived = await this.#deriveHashes(tile);
    if (derived !== undefined && isTrue(derived)) return this.#checkProven(tile, stored, derived);
    if (stored !== undefined) this.#report(tile, "altered", "its hashes are not those of the signed tree");
    const isLowest = tile.level === 0 && !this.#log.entries;
    if (!isLowest) this.#report(tile, "unverifiable", "what is below it could not be checked");
  }

  async #checkBundle(bundle: TileCoordinate, proven: readonly Uint8Array[]): Promise<void> {
    const hashes = await this.#readLeafHashes(bundle, true);
    const wrong = hashes?.findIndex((hash, at) => !equalBytes(hash, proven[at] ?? new Uint8Array(0))) ?? -1;
    if (wrong >= 0) this.#report(bundle, "altered", `entry ${wrong} is not that of the signed tree`, wrong);
  }

  /** What the files below a tile say its hashes are; undefined where they cannot. */
  async #deriveHashes(tile: TileCoordinate): Promise<Uint8Array[] | undefined> {
    if (tile.level === "entries" || tile.level === 0) {
      return this.#log.entries ? this.#readLeafHashes({ ...tile, level: "entries" }, false) : undefined;
    }
    const hashes: Uint8Array[] = [];
    for (let at = 0; at < tile.width; at += 1) {
      const child = await this.#readHashes(childOf(tile.level, tile.index, at), false);
      if (child === undefined) return undefined;
      hashes.push(rootOfFullRow(this.#log.sha256, child));
    }
    return hashes;
  }

  async #readLeafHashes(bundle: TileCoordinate, report: boolean): Promise<Uint8Array[] | undefined> {
    const entries = await this.#read(bundle, report, decodeEntryBundle);
    return entries?.map((entry) => hashLeaf(this.#log.sha256, entry));
  }

  #readHashes(tile: TileCoordinate, report = true): Promise<Uint8Array[] | undefined> {
    return this.#read(tile, report, decodeTile);
  }

  async #read(
    tile: TileCoordinate,
    report: boolean,
    decode: typeof decodeTile,
  ): Promise<Uint8Array[] | undefined> {
    try {
      const stored = await readStoredTile(this.#log.readTile, tile);
      if (stored === undefined) {
        if (report) this.#report(tile, "missing", "it is not there");
        return undefined;
      }
      const parts = decode(stored.bytes, stored.full ? TILE_WIDTH : tile.width);
      if (parts.ok) return parts.value.slice(0, tile.width);
      if (report) this.#report(tile, "malformed", parts.message);
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      if (report) this.#report(tile, "unreadable", "reading it failed");
    }
    return undefined;
  }

  #report(tile: TileCoordinate, fault: LogFault, message: string, position?: number): void {
    this.#reportPath(tilePath(tile), fault, message, position);
  }

  #reportPath(path: string, fault: LogFault, message: string, position?: number): void {
    this.findings.push({ path, fault, message, position });
  }
}

function childOf(level: number, index: number, position: number): TileCoordinate {
  return { level: level - 1, index: index * TILE_WIDTH + position, width: TILE_WIDTH };
}

function equalHashes(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((hash, at) => equalBytes(hash, b[at] ?? new Uint8Array(0)));
}
