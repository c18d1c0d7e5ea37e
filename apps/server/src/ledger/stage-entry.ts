// Stages a ledger entry in the transaction of its act: the two commit together or not at all (invariant 4).
import type { CameraId, RecordingId } from "@sworn/contract";
import { type PrivateEntry, encodeLeaf, entryDetails, formatId, newOpening, parseId } from "@sworn/custody";
import type { PersonId } from "@sworn/contract";
import { forceOfTransaction, type ForceTransaction } from "../platform/database/database.ts";
import type { Clock } from "../platform/clock.ts";
import { LedgerFault } from "./ledger-error.ts";
import type { OpeningKeys } from "./opening-keys.ts";
import { insertEntry } from "./store.ts";

/** The private bundle has a two-byte length before each entry. */
const SEALED_MAXIMUM_BYTES = 60_000;

/** An entry as a capability states it; force and time come from the transaction and the clock. */
export type EntryToStage = Omit<PrivateEntry, "force" | "atMs"> & { readonly atMs?: number };

/** Refers to an entry from its staging on. */
export interface StagedEntry {
  readonly id: number;
}

const text = (id: Uint8Array | undefined): string | null => (id ? formatId(id) : null);

/** @throws LedgerFault `ledger-entry-too-large`; whatever the database throws, which refuses the act */
export async function stageEntry(
  tx: ForceTransaction,
  entry: EntryToStage,
  given: { readonly clock: Clock; readonly keys: OpeningKeys },
): Promise<StagedEntry> {
  const forceId = forceOfTransaction(tx);
  if (forceId === undefined) throw new LedgerFault("ledger-stopped", "This is not a transaction of a force.");
  const force = parseId(forceId);
  const atMs = entry.atMs ?? given.clock.nowMs();
  const opening = newOpening(entryDetails({ ...entry, force, atMs }));
  const leaf = await encodeLeaf(opening);
  const { keyId, sealed } = await given.keys.seal(force, opening, leaf, atMs);
  if (sealed.length > SEALED_MAXIMUM_BYTES) {
    throw new LedgerFault(
      "ledger-entry-too-large",
      "The entry of this act is larger than the ledger takes (60,000 bytes).",
    );
  }
  const id = await insertEntry(tx, forceId, {
    event: entry.event,
    at: new Date(atMs),
    personId: text(entry.actor.person) as PersonId | null,
    deviceId: text(entry.actor.device),
    recordingId: text(entry.recording) as RecordingId | null,
    cameraId: text(entry.camera) as CameraId | null,
    leaf,
    sealedOpening: sealed,
    openingKey: keyId,
  });
  return { id };
}
