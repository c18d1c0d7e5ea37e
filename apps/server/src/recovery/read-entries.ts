// The entries of a published log with their private sides, as rows. Guarantees: the leaves are those of the tree that the
// signed checkpoint names, and a private side belongs to its leaf; one that cannot be opened any more keeps its place.
import { hash } from "node:crypto";
import type { ForceId } from "@sworn/contract";
import { CustodyError, decodeCbor, decodeLeaf, formatId, parseId, readPrivateEntry } from "@sworn/custody";
import {
  LedgerError,
  createVerifier,
  decodeEntryBundle,
  readEntries,
  rootFromEntryBundles,
  tilePath,
  verifyCheckpoint,
} from "@sworn/ledger";
import { VaultError } from "@sworn/vault";
import { ledgerOrigin, type ForceAuthority } from "../authority/index.ts";
import { LedgerFault, privatePath, type LogFolder, type OpeningKeys } from "../ledger/index.ts";
import type { UnpublishedEntry } from "./change-frame.ts";
import { RecoveryFault } from "./recovery-fault.ts";
import type { ReplayedEntry } from "./replay-store.ts";

const bundleEntries = 256;
const sha256 = (data: Uint8Array): Uint8Array => hash("sha256", data, "buffer");

export interface PublishedTree {
  readonly size: number;
  readonly root: Uint8Array;
}

/** The published tree, its signature and every leaf verified; null where nothing was published. */
export async function readTree(
  forceId: ForceId,
  folder: LogFolder,
  authority: Pick<ForceAuthority, "ledger">,
): Promise<PublishedTree | null> {
  const note = await folder.readCheckpoint();
  if (note === null) return null;
  const damaged = (why: string): RecoveryFault =>
    new RecoveryFault(
      "ledger-damaged",
      `The log of force ${forceId} cannot be recovered from: ${why}. Restore the ledger's folder from its backup.`,
    );
  const name = ledgerOrigin(parseId(forceId));
  const publicKey = new Uint8Array(
    await crypto.subtle.exportKey("raw", authority.ledger.certificate.publicKey),
  );
  const logKeys = [await createVerifier({ name, type: "ed25519", publicKey })];
  const verdict = await verifyCheckpoint(note, { origin: name, logKeys });
  if (!verdict.ok) throw damaged(verdict.message);
  const { size, root } = verdict.checkpoint;
  const built = await rootFromEntryBundles({ sha256, size, readTile: (path) => folder.read(path) });
  if (!built.ok) throw damaged(built.message);
  if (!Buffer.from(built.root).equals(root))
    throw damaged("its entries are not those that the checkpoint signs");
  return { size, root };
}

/** Entries from `from` on, a bundle at a time. */
export async function* readPublishedEntries(
  given: { readonly forceId: ForceId; readonly folder: LogFolder; readonly openings: OpeningKeys },
  tree: PublishedTree,
  from: number,
): AsyncGenerator<ReplayedEntry[], void, undefined> {
  const { folder } = given;
  for (let index = Math.floor(from / bundleEntries); index * bundleEntries < tree.size; index += 1) {
    const first = index * bundleEntries;
    const bundle = { level: "entries", index, width: Math.min(bundleEntries, tree.size - first) } as const;
    const leaves = await readEntries((path) => folder.read(path), bundle);
    const beside = await readPrivates(folder, bundle);
    const entries: ReplayedEntry[] = [];
    for (const [at, leaf] of leaves.entries()) {
      const side = beside[at] ?? null;
      // Without its private side the entry's number is unknown; the log keeps its place all the same.
      if (side === null) throw new RecoveryFault("ledger-damaged", noPrivate(given.forceId, first + at));
      entries.push(await entryOf(given, [side[0], leaf, side[1], side[2]], first + at));
    }
    yield entries;
  }
}

const noPrivate = (forceId: ForceId, index: number): string =>
  `The private side of entry ${index.toString()} of force ${forceId} is missing or damaged. ` +
  "Restore the ledger's folder from its backup.";

/** An entry as a row. Its opening says who and what; without the month's key only the hour is known. */
export async function entryOf(
  given: { readonly forceId: ForceId; readonly openings: OpeningKeys },
  [id, leaf, openingKey, sealed]: UnpublishedEntry,
  index: number | null,
): Promise<ReplayedEntry> {
  const text = (bytes: Uint8Array | undefined): string | null => (bytes ? formatId(bytes) : null);
  const stored = { id, index, leaf, openingKey, sealed };
  try {
    const opening = await given.openings.open(parseId(given.forceId), leaf, { keyId: openingKey, sealed });
    const { event, atMs, actor, recording, camera } = readPrivateEntry(opening.details);
    return {
      ...{ ...stored, event, atMs, person: text(actor.person), device: text(actor.device) },
      ...{ recording: text(recording), camera: text(camera) },
    };
  } catch (error) {
    const isUnreadable =
      error instanceof VaultError ||
      error instanceof CustodyError ||
      (error instanceof LedgerFault && error.code === "ledger-entry-unknown");
    if (!isUnreadable) throw error;
    const atMs = decodeLeaf(leaf).hour * 3_600_000;
    return {
      ...stored,
      event: "unreadable",
      atMs,
      person: null,
      device: null,
      recording: null,
      camera: null,
    };
  }
}

type PrivateSide = readonly [id: number, keyId: string, sealed: Uint8Array];

async function readPrivates(
  folder: LogFolder,
  bundle: { readonly level: "entries"; readonly index: number; readonly width: number },
): Promise<(PrivateSide | null)[]> {
  for (const width of [bundle.width, bundleEntries]) {
    const bytes = await folder.read(privatePath(tilePath({ ...bundle, width })));
    if (bytes === undefined) continue;
    const decoded = decodeEntryBundle(bytes, width);
    if (decoded.ok) return decoded.value.slice(0, bundle.width).map(sideOf);
  }
  return [];
}

function sideOf(bytes: Uint8Array): PrivateSide | null {
  try {
    const value = decodeCbor(bytes, "A private entry");
    if (!Array.isArray(value) || value.length !== 3) return null;
    const [id, keyId, sealed] = value as unknown[];
    if (!Number.isSafeInteger(id) || typeof keyId !== "string" || !(sealed instanceof Uint8Array))
      return null;
    return [Number(id), keyId, sealed];
  } catch (error) {
    if (error instanceof CustodyError || error instanceof LedgerError) return null;
    throw error;
  }
}
