// One entry of a camera's journal: signed, chained to the one before by the hash of its complete bytes.
import * as v from "valibot";
import type { Bytes } from "./bytes.ts";
import { type CborValue, decodeCbor, encodeCbor } from "./cbor.ts";
import { sha256 } from "./digest.ts";
import { type JournalEvent, entryBodies, isEntryKind } from "./entry-kinds.ts";
import { CustodyError } from "./errors.ts";
import { checkShape, hashShape, idShape, intShape, textMapShape, textShape, uintShape } from "./shape.ts";
import { CONTENT_TYPES, type Sign1, type Signer, createSign1, parseSign1 } from "./sign1.ts";

const entryShape = v.strictObject({
  camera: idShape,
  boot: idShape,
  sequence: uintShape,
  previous: hashShape,
  wallMs: intShape,
  monotonicMs: uintShape,
  kind: textShape(40),
  body: textMapShape,
  sealed: v.optional(hashShape),
});

/** Where and when an entry stands. `previous` is 32 zero bytes for sequence 0. */
export interface EntryPlace {
  readonly camera: Uint8Array;
  readonly boot: Uint8Array;
  readonly sequence: number;
  readonly previous: Uint8Array;
  readonly wallMs: number;
  readonly monotonicMs: number;
  /** Commitment to what is personal in the entry, if anything is. */
  readonly sealed?: Uint8Array;
}

export type JournalEntry = EntryPlace & JournalEvent;
/** An entry of one kind. */
export type EntryOf<K extends JournalEvent["kind"]> = EntryPlace & Extract<JournalEvent, { kind: K }>;

/** A parsed entry whose signature is still to be verified. */
export interface ParsedEntry {
  readonly entry: JournalEntry;
  readonly sign1: Sign1;
}

export const FIRST_PREVIOUS: Uint8Array = new Uint8Array(32);
/** No honest entry is larger; positions of a fragment are sealed beside it. */
export const ENTRY_MAXIMUM_BYTES = 4096;

/** Signs `entry`; gives the bytes that go into the journal. */
export async function signEntry(entry: JournalEntry, signer: Signer): Promise<Bytes> {
  const { camera, boot, sequence, previous, wallMs, monotonicMs, kind, body, sealed } = entry;
  const fields = { camera, boot, sequence, previous, wallMs, monotonicMs, kind, body: body as CborValue };
  return createSign1(CONTENT_TYPES.journalEntry, encodeCbor(sealed ? { ...fields, sealed } : fields), signer);
}

/** The hash that the next entry names as `previous`. */
export async function entryHash(bytes: Uint8Array): Promise<Bytes> {
  return sha256(bytes);
}

/** Parses without verifying. @throws CustodyError with a code that says how the bytes are wrong */
export function parseEntry(bytes: Uint8Array): ParsedEntry {
  if (bytes.length > ENTRY_MAXIMUM_BYTES) {
    throw new CustodyError(
      "shape-mismatch",
      `A journal entry has at most ${String(ENTRY_MAXIMUM_BYTES)} bytes.`,
    );
  }
  const sign1 = parseSign1(bytes, CONTENT_TYPES.journalEntry, "A journal entry");
  const fields = checkShape(entryShape, decodeCbor(sign1.payload, "A journal entry"), "A journal entry");
  const what = `Journal entry ${String(fields.sequence)}`;
  if (!isEntryKind(fields.kind)) {
    throw new CustodyError("unknown-entry-kind", `${what} is of an unknown kind, “${fields.kind}”.`);
  }
  const body = checkShape(entryBodies[fields.kind], fields.body, `${what} (${fields.kind})`);
  const { sealed, ...place } = fields;
  const entry = { ...place, ...(sealed ? { sealed } : {}), body } as JournalEntry;
  return { entry, sign1 };
}
