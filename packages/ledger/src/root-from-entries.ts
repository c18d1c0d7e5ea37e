/**
 * The root of a log from its entries alone, without trusting a single stored hash.
 *
 * Guarantees: reads the bundles one after the other, in memory that grows with the logarithm of the log's size.
 */
import { readEntries } from "./entry-bundle.ts";
import { LedgerError, requireCount } from "./error.ts";
import type { LedgerErrorCode } from "./error.ts";
import { hashLeaf } from "./merkle-hash.ts";
import type { Sha256 } from "./merkle-hash.ts";
import { Frontier } from "./merkle-tree.ts";
import type { TileReader } from "./tile.ts";
import { changedEntryBundles } from "./tile-path.ts";

export type EntriesVerdict =
  | { readonly ok: true; readonly root: Uint8Array }
  | { readonly ok: false; readonly reason: LedgerErrorCode; readonly message: string };

/** The root of the first `size` entries, or which bundle is missing or malformed. */
export async function rootFromEntryBundles(log: {
  readonly sha256: Sha256;
  readonly size: number;
  readonly readTile: TileReader;
}): Promise<EntriesVerdict> {
  requireCount(log.size, "the tree size");
  const frontier = new Frontier(log.sha256);
  try {
    for (const bundle of changedEntryBundles(0, log.size)) {
      for (const entry of await readEntries(log.readTile, bundle))
        frontier.append(hashLeaf(log.sha256, entry));
    }
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    return { ok: false, reason: error.code, message: error.message };
  }
  return { ok: true, root: frontier.root() };
}
