// Stages a ledger entry in the transaction of its act: the two commit together or not at all (invariant 4).
import type { CameraId, ForceId, RecordingId } from "@sworn/contract";
import {
  type PrivateEntry,
  encodeLeafWith,
  entryDetails,
  formatId,
  newOpening,
  parseId,
} from "@sworn/custody";
import type { PersonId } from "@sworn/contract";
import { forceOfTransaction, type ForceTransaction } from "../platform/database/database.ts";
import type { Clock } from "../platform/clock.ts";
import { LedgerFault } from "./ledger-error.ts";
import type { OpeningKeys } from "./opening-keys.ts";
import { sha256 } from "./publish-entries.ts";
import { type NewEntry, insertEntries, insertEntry } from "./store.ts";

/** The private bundle has a two-byte length before each entry. */
const SEALED_MAXIMUM_BYTES = 60_000;
/** Entries of one statement. */
const MOST_AT_ONCE = 500;

/** An entry as a capability states it; force and time come from the transaction and the clock. */
export type EntryToStage = Omit<PrivateEntry, "force" | "atMs"> & { readonly atMs?: number };

/** Refers to an entry from its staging on. */
export interface StagedEntry {
  readonly id: number;
}

const text = (id: Uint8Array | undefined): string | null => (id ? formatId(id) : null);

interface Given {
  readonly clock: Clock;
  readonly keys: OpeningKeys;
}

/** @throws LedgerFault `ledger-entry-too-large`; whatever the database throws, which refuses the act */
export async function stageEntry(
  tx: ForceTransaction,
  entry: EntryToStage,
  given: Given,
): Promise<StagedEntry> {
  const forceId = forceIdOf(tx);
  return { id: await insertEntry(tx, forceId, await sealEntry(parseId(forceId), entry, given)) };
}

/** The same for the entries of one act, in their order and with one statement. */
export async function stageEntries(
  tx: ForceTransaction,
  entries: readonly EntryToStage[],
  given: Given,
): Promise<StagedEntry[]> {
  const forceId = forceIdOf(tx);
  const force = parseId(forceId);
  const staged: StagedEntry[] = [];
  for (let from = 0; from < entries.length; from += MOST_AT_ONCE) {
    const sealed: NewEntry[] = [];
    for (const entry of entries.slice(from, from + MOST_AT_ONCE))
      sealed.push(await sealEntry(force, entry, given));
    for (const id of await insertEntries(tx, forceId, sealed)) staged.push({ id });
  }
  return staged;
}

function forceIdOf(tx: ForceTransaction): ForceId {
  const forceId = forceOfTransaction(tx);
  if (forceId !== undefined) return forceId;
  throw new LedgerFault("ledger-stopped", "This is not a transaction of a force.");
}

async function sealEntry(force: Uint8Array, entry: EntryToStage, given: Given): Promise<NewEntry> {
  const atMs = entry.atMs ?? given.clock.nowMs();
  const opening = newOpening(entryDetails({ ...entry, force, atMs }));
  const leaf = encodeLeafWith(sha256, opening);
  const { keyId, sealed } = await given.keys.seal(force, opening, leaf, atMs);
  if (sealed.length > SEALED_MAXIMUM_BYTES) {
    throw new LedgerFault(
      "ledger-entry-too-large",
      "The entry of this act is larger than the ledger takes (60,000 bytes).",
    );
  }
  return {
    event: entry.event,
    at: new Date(atMs),
    personId: text(entry.actor.person) as PersonId | null,
    deviceId: text(entry.actor.device),
    recordingId: text(entry.recording) as RecordingId | null,
    cameraId: text(entry.camera) as CameraId | null,
    leaf,
    sealedOpening: sealed,
    openingKey: keyId,
  };
}
