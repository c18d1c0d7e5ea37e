// Opens the envelope of each personal detail that belongs to no recording, once, and wraps the key in it anew under the
// camera's key of the month. The envelope goes, and with it the way through the ingest key; the ciphertext of the detail
// stays as the camera made it. The same records and keys give the same bytes, so a repetition changes nothing.
import {
  CustodyError,
  OPENING_KEY_INFO,
  formatId,
  openingKeyAssociatedData,
  type Envelope,
} from "@sworn/custody";
import { VaultError, wrapUnder } from "@sworn/vault";
import { AuthorityError } from "../authority/index.ts";
import { isJournalKeyOf, journalKeyId, makeJournalKey, type JournalKeyRing } from "./journal-keys.ts";
import type { ReadRecord } from "./read-journal.ts";
import { encodeWrapped, readSealedForm } from "./sealed-form.ts";
import { openSealed, type OpeningKeys } from "./sealed-opening.ts";

export interface Wrapping {
  readonly force: Uint8Array;
  /** Of arrival, `yyyy-mm`. */
  readonly month: string;
  readonly ring: JournalKeyRing;
  readonly openEnvelope: OpeningKeys["openEnvelope"];
}

/** A detail that nobody can read, now or later, and why. */
export interface UnreadableOpening {
  readonly sequence: number;
  readonly reason: "malformed" | "ingest-key-unknown" | "does-not-open" | "does-not-fit";
}

export interface WrappedOpenings<T extends ReadRecord> {
  readonly records: readonly T[];
  /** How many were wrapped; more than none: the month has a key. */
  readonly wrapped: number;
  readonly unreadable: readonly UnreadableOpening[];
}

/** Faults that may pass are thrown: then nothing may be accepted. @throws VaultError, AuthorityError, DockingFault */
export async function wrapOpenings<T extends ReadRecord>(
  given: Wrapping,
  records: readonly T[],
): Promise<WrappedOpenings<T>> {
  const kept: T[] = [];
  const unreadable: UnreadableOpening[] = [];
  let wrapped = 0;
  for (const one of records) {
    const result = await wrapOne(given, one);
    if (result.reason !== null) unreadable.push({ sequence: one.entry.sequence, reason: result.reason });
    if (result.opening === null) {
      kept.push(one);
      continue;
    }
    wrapped += 1;
    kept.push({ ...one, record: { ...one.record, opening: result.opening } });
  }
  return { records: kept, wrapped, unreadable };
}

interface Result {
  /** Null: it stays as it is. */
  readonly opening: Uint8Array | null;
  readonly reason: UnreadableOpening["reason"] | null;
}
const unchanged: Result = { opening: null, reason: null };
const unreadableAs = (reason: UnreadableOpening["reason"]): Result => ({ opening: null, reason });

async function wrapOne(given: Wrapping, one: ReadRecord): Promise<Result> {
  const { record, entry } = one;
  if (record.opening === null) return unchanged;
  let form;
  try {
    form = readSealedForm(record.opening);
  } catch (error) {
    if (error instanceof CustodyError) return unreadableAs("malformed");
    throw error;
  }
  if (form.form === "recording") return unchanged;
  const camera = formatId(entry.camera);
  if (form.form === "wrapped")
    return isJournalKeyOf(camera, form.key) ? unchanged : unreadableAs("malformed");
  const key = await openKeyOf(given, entry, form.envelope);
  if (typeof key === "string") return unreadableAs(key);
  const id = journalKeyId(camera, given.month);
  const over = await makeJournalKey(given.ring, id);
  const opening = encodeWrapped({
    form: "wrapped",
    key: id,
    wrapped: wrapUnder(over, key),
    floe: form.floe,
  });
  const none = (): Promise<null> => Promise.resolve(null);
  const keys = { recordingKey: none, openEnvelope: none, journalKey: () => Promise.resolve(over) };
  const opened = await openSealed(given.force, { entry, record: { ...record, opening } }, keys);
  return { opening, reason: opened.kind === "does-not-fit" ? "does-not-fit" : null };
}

async function openKeyOf(
  { force, openEnvelope }: Wrapping,
  { camera, sequence }: ReadRecord["entry"],
  envelope: Envelope,
): Promise<Uint8Array | "ingest-key-unknown" | "does-not-open"> {
  const bound = openingKeyAssociatedData(force, camera, sequence);
  try {
    return (await openEnvelope(envelope, OPENING_KEY_INFO, bound)) ?? "ingest-key-unknown";
  } catch (error) {
    if (error instanceof AuthorityError && error.code === "ingest-key-unknown") return "ingest-key-unknown";
    // What HPKE refuses today it refuses always; everything else may pass.
    if (error instanceof VaultError && error.code === "envelope-authentication") return "does-not-open";
    throw error;
  }
}
