// Publishes staged entries: gives them indexes, writes tiles and private entries, then the checkpoint that signs them.
// One function for every day and for recovery: whatever a crash left between two steps, the next run completes.
//   1. lock the head row; read the published checkpoint P and the count C of entries with an index
//   2. C < P: the database is behind what was published: refuse everything (invariant 9); likewise where the database
//      saw more published than P: the checkpoint was lost or put back
//   3. give staged entries the indexes C, C+1 … and commit: from now on these entries have these places
//   4. give the rows of the acts to the change log; write tiles, bundles and private entries for P … C', durably; then the checkpoint
import { hash } from "node:crypto";
import type { ForceId } from "@sworn/contract";
import { encodeCbor } from "@sworn/custody";
import {
  type NoteSigner,
  type TileWrite,
  encodeCheckpoint,
  growEntryBundles,
  growTree,
  hashLeaf,
  rootOfLeafHashes,
  signNote,
  verifyCheckpoint,
} from "@sworn/ledger";
import { type Database, type ForceTransaction, withForce } from "../platform/database/database.ts";
import type { Clock } from "../platform/clock.ts";
import { LedgerFault } from "./ledger-error.ts";
import { type LogFolder, privatePath } from "./log-folder.ts";
import {
  type PublishedRow,
  assignIndexes,
  countIndexed,
  lockHead,
  readIndexed,
  updateHead,
} from "./store.ts";

/** Entries of one checkpoint; more wait for the next. */
const BATCH_ENTRIES = 4_096;
const TILE_FULL = 256;

export const sha256 = (data: Uint8Array): Uint8Array => hash("sha256", data, "buffer");

export interface Log {
  readonly forceId: ForceId;
  readonly origin: string;
  readonly signer: NoteSigner;
  readonly folder: LogFolder;
}

export interface PublishedHead {
  readonly size: number;
  readonly root: Uint8Array;
  /** The signed note; null while the log is empty. */
  readonly note: string | null;
}

const emptyRoot = rootOfLeafHashes(sha256, []);

/** The published head, its signature verified. @throws LedgerFault `ledger-damaged` */
export async function readPublished(log: Log): Promise<PublishedHead> {
  const note = await log.folder.readCheckpoint();
  if (note === null) return { size: 0, root: emptyRoot, note: null };
  const verdict = await verifyCheckpoint(note, { origin: log.origin, logKeys: [log.signer.verifier] });
  if (!verdict.ok) {
    throw new LedgerFault(
      "ledger-damaged",
      `The published checkpoint is not this force's: ${verdict.message}`,
    );
  }
  return { size: verdict.checkpoint.size, root: verdict.checkpoint.root, note };
}

/** Publishes what is staged. Gives the head afterwards, and whether more waits. */
export async function publishEntries(
  log: Log,
  given: {
    readonly database: Database;
    readonly clock: Clock;
    /** Makes the rows of what is to be published durable beside the log. */
    readonly flush?: ((tx: ForceTransaction, forceId: ForceId) => Promise<void>) | undefined;
  },
): Promise<{
  readonly head: PublishedHead;
  readonly more: boolean;
  readonly entries: readonly PublishedRow[];
}> {
  const actor = { forceId: log.forceId, personId: null };
  const now = new Date(given.clock.nowMs());
  const begun = await withForce(given.database, actor, async (tx) => {
    const known = await lockHead(tx, log.forceId, { root: emptyRoot, now });
    const before = await readPublished(log);
    const indexed = await countIndexed(tx, log.forceId);
    refuseOlder(known.size, before.size);
    refuseBehind(indexed, before.size);
    const assigned = await assignIndexes(tx, log.forceId, indexed, BATCH_ENTRIES);
    return { before, indexed: indexed + assigned, assigned };
  });
  return withForce(given.database, actor, async (tx) => {
    const known = await lockHead(tx, log.forceId, { root: emptyRoot, now });
    const { before, indexed, assigned } = begun;
    // Nobody else publishes: the data folder's lock keeps other processes out, and this one takes turns. Whoever did
    // all the same has moved the head.
    refuseOlder(known.size, before.size);
    await given.flush?.(tx, log.forceId);
    const until = Math.min(indexed, before.size + 2 * BATCH_ENTRIES);
    const entries = await readIndexed(tx, log.forceId, before.size, until);
    if (entries.length === 0) return { head: before, more: false, entries };
    const head = await writeEntries(log, before, entries);
    await updateHead(tx, log.forceId, { size: head.size, root: head.root, now });
    return { head, more: assigned === BATCH_ENTRIES || indexed > head.size, entries };
  });
}

function refuseBehind(indexed: number, published: number): void {
  if (indexed >= published) return;
  throw new LedgerFault(
    "ledger-behind",
    `The database knows ${String(indexed)} ledger entries, but ${String(published)} are published and signed. ` +
      "It was restored from a backup: run `sworn recover` before anything is recorded, acknowledged or destroyed.",
  );
}

/** The database learns of a checkpoint only after it is durable, so it never knows of a later one than there is. */
function refuseOlder(known: number, published: number): void {
  if (known <= published) return;
  throw new LedgerFault(
    "ledger-damaged",
    `${String(known)} entries were published, but the checkpoint signs ${String(published)}: it was removed, or an older ` +
      "one was put back. Restore the ledger's folder; signing another could fork the log.",
  );
}

async function writeEntries(
  log: Log,
  before: PublishedHead,
  entries: readonly PublishedRow[],
): Promise<PublishedHead> {
  const { folder } = log;
  const leaves = entries.map((entry) => entry.leaf);
  const readTile = (path: string): Promise<Uint8Array | undefined> => folder.read(path);
  const grown = await growTree({
    sha256,
    oldSize: before.size,
    oldRoot: before.root,
    readTile,
    leafHashes: leaves.map((leaf) => hashLeaf(sha256, leaf)),
  }).catch((cause: unknown) => {
    throw new LedgerFault(
      "ledger-damaged",
      "The tiles on disk are not those that the checkpoint signs.",
      cause,
    );
  });
  const bundles = await growEntryBundles({ oldSize: before.size, readTile, entries: leaves });
  const privates = await growEntryBundles({
    oldSize: before.size,
    readTile: (path) => folder.read(privatePath(path)),
    entries: entries.map((entry) => encodeCbor([entry.id, entry.opening_key, entry.sealed_opening])),
  });
  const beside = privates.map((write): TileWrite => ({ ...write, path: privatePath(write.path) }));
  const writes = [...beside, ...bundles, ...grown.tiles];
  await folder.writeTiles(writes);
  const text = encodeCheckpoint({ origin: log.origin, size: grown.size, root: grown.root, extensions: [] });
  const note = await signNote(text, [log.signer]);
  await folder.writeCheckpoint(note);
  await folder.dropPartials(writes.filter((write) => write.tile.width === TILE_FULL));
  return { size: grown.size, root: grown.root, note };
}
