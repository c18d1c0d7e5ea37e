// Opens what travels sealed beside a journal entry (evidence format §6): under the recording's key within a recording,
// else under a key of its own in an envelope. What opens must fit the commitment that the camera signed.
import {
  COMMITMENT_LABELS,
  CustodyError,
  OPENING_KEY_INFO,
  decodeCbor,
  decodeEnvelope,
  decodeOpening,
  encodeCbor,
  opensCommitment,
  openingAssociatedData,
  openingKeyAssociatedData,
  type CborValue,
  type Envelope,
  type Opening,
} from "@sworn/custody";
import { VaultError, decryptFloe } from "@sworn/vault";
import { AuthorityError } from "../authority/index.ts";
import type { ReadRecord } from "./read-journal.ts";

/** Where keys come from. */
export interface OpeningKeys {
  /** A recording's key; null: not here yet, or destroyed. */
  recordingKey(recording: Uint8Array): Promise<Uint8Array | null>;
  /** Opens an envelope sealed to the force's ingest key. @throws AuthorityError `ingest-key-unknown`, VaultError */
  openEnvelope(envelope: Envelope, info: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array>;
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
    const sealed = readSealed(record.opening);
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

type Sealed =
  | { readonly recording: Uint8Array; readonly floe: Uint8Array }
  | { readonly envelope: Envelope; readonly floe: Uint8Array };

async function findKey(
  force: Uint8Array,
  { camera, sequence }: ReadRecord["entry"],
  sealed: Sealed,
  keys: OpeningKeys,
): Promise<{ key: Uint8Array; associatedData: Uint8Array } | null> {
  if ("recording" in sealed) {
    const key = await keys.recordingKey(sealed.recording);
    return key && { key, associatedData: openingAssociatedData(force, sealed.recording, sequence) };
  }
  const bound = openingKeyAssociatedData(force, camera, sequence);
  const key = await keys.openEnvelope(sealed.envelope, OPENING_KEY_INFO, bound);
  return { key, associatedData: openingAssociatedData(force, camera, sequence) };
}

function malformed(): CustodyError {
  return new CustodyError("shape-mismatch", "A sealed opening is neither of the two forms of the format.");
}

/** @throws CustodyError for anything else than the two forms */
function readSealed(bytes: Uint8Array): Sealed {
  const value = decodeCbor(bytes, "A sealed opening");
  if (typeof value !== "object" || value === null || !("floe" in value)) throw malformed();
  const { floe } = value;
  if (!(floe instanceof Uint8Array) || Object.keys(value).length !== 2) throw malformed();
  if ("recording" in value && value.recording instanceof Uint8Array && value.recording.length === 16) {
    return { recording: value.recording, floe };
  }
  if ("envelope" in value) return { envelope: decodeEnvelope(encodeCbor(value.envelope as CborValue)), floe };
  throw malformed();
}
