// Opens what travels sealed beside a journal entry (evidence format §6): under the recording's key within a recording,
// else under a key of its own. What opens must fit the commitment that the camera signed.
import {
  COMMITMENT_LABELS,
  CustodyError,
  OPENING_KEY_INFO,
  decodeOpening,
  formatId,
  opensCommitment,
  openingAssociatedData,
  openingKeyAssociatedData,
  type Envelope,
  type Opening,
} from "@sworn/custody";
import { VaultError, decryptFloe, unwrapUnder } from "@sworn/vault";
import { AuthorityError } from "../authority/index.ts";
import { isJournalKeyOf } from "./journal-keys.ts";
import type { ReadRecord } from "./read-journal.ts";
import { readSealedForm, type SealedForm } from "./sealed-form.ts";

/** Where keys come from. Null: the key is not here yet, or was destroyed. */
export interface OpeningKeys {
  recordingKey(recording: Uint8Array): Promise<Uint8Array | null>;
  /** The camera's key of a month, by its id in the key ring. */
  journalKey(id: string): Promise<Uint8Array | null>;
  /** Opens an envelope sealed to the force's ingest key. @throws AuthorityError `ingest-key-unknown`, VaultError */
  openEnvelope(envelope: Envelope, info: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array | null>;
}

export type OpenedEntry =
  | { readonly kind: "opened"; readonly opening: Opening }
  /** Nothing personal stands in the entry. */
  | { readonly kind: "nothing" }
  /** It was shredded, or never sent. */
  | { readonly kind: "absent" }
  /** Its key is not here, or was destroyed. */
  | { readonly kind: "no-key" }
  /** It is not what the camera committed to. */
  | { readonly kind: "does-not-fit"; readonly reason: string };

/** Never throws for what an opening holds. */
export async function openSealed(
  force: Uint8Array,
  { record, entry }: ReadRecord,
  keys: OpeningKeys,
): Promise<OpenedEntry> {
  if (!entry.sealed) return { kind: "nothing" };
  if (record.opening === null) return { kind: "absent" };
  try {
    const sealed = readSealedForm(record.opening);
    const found = await findKey(force, entry, sealed, keys);
    if (found === null) return { kind: "no-key" };
    const plaintext = decryptFloe({ ...found, ciphertext: sealed.floe });
    const opening = decodeOpening(plaintext);
    const fits = await opensCommitment(COMMITMENT_LABELS.journal, opening, entry.sealed);
    return fits
      ? { kind: "opened", opening }
      : { kind: "does-not-fit", reason: "It opens another commitment." };
  } catch (error) {
    if (error instanceof AuthorityError && error.code === "ingest-key-unknown") return { kind: "no-key" };
    if (error instanceof CustodyError || error instanceof VaultError) {
      return { kind: "does-not-fit", reason: error.message };
    }
    throw error;
  }
}

async function findKey(
  force: Uint8Array,
  { camera, sequence }: ReadRecord["entry"],
  sealed: SealedForm,
  keys: OpeningKeys,
): Promise<{ key: Uint8Array; associatedData: Uint8Array } | null> {
  if (sealed.form === "recording") {
    const key = await keys.recordingKey(sealed.recording);
    return key && { key, associatedData: openingAssociatedData(force, sealed.recording, sequence) };
  }
  const associatedData = openingAssociatedData(force, camera, sequence);
  if (sealed.form === "envelope") {
    const bound = openingKeyAssociatedData(force, camera, sequence);
    const key = await keys.openEnvelope(sealed.envelope, OPENING_KEY_INFO, bound);
    return key && { key, associatedData };
  }
  // A camera writes these bytes: no other key of the ring may be asked for with them.
  if (!isJournalKeyOf(formatId(camera), sealed.key)) return null;
  const over = await keys.journalKey(sealed.key);
  return over && { key: unwrapUnder(over, sealed.wrapped), associatedData };
}
