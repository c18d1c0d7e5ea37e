// How journals travel and are stored: a CBOR sequence (RFC 8742) of records [entry: bstr, opening: bstr / null].
// Read by hand, because a crash may cut the last record and the reader must say exactly where the whole ones end.
import { type Bytes, concatBytes } from "./bytes.ts";
import { encodeCbor } from "./cbor.ts";
import { ENTRY_MAXIMUM_BYTES } from "./journal-entry.ts";
import { CustodyError } from "./errors.ts";

/** The entry's bytes as signed, and its sealed opening, which may be shredded without harm to the chain. */
export interface JournalRecord {
  readonly entry: Uint8Array;
  readonly opening: Uint8Array | null;
}

export const SEGMENT_MAXIMUM_BYTES = 4 * 1024 * 1024;
export const OPENING_MAXIMUM_BYTES = 256 * 1024;

const ARRAY_OF_TWO = 0x82;
const NULL = 0xf6;
const BYTE_STRING = 2;

export function encodeRecord(record: JournalRecord): Bytes {
  return encodeCbor([record.entry, record.opening]);
}

export function encodeSegment(records: readonly JournalRecord[]): Bytes {
  return concatBytes(records.map(encodeRecord));
}

type Head =
  { readonly kind: "ok"; readonly length: number; readonly next: number } | { readonly kind: "cut" };

/** The head of a definite byte string in its shortest form (RFC 8949 §3, §4.2.1). */
function readByteStringHead(bytes: Uint8Array, offset: number): Head {
  const first = bytes[offset];
  if (first === undefined) return { kind: "cut" };
  const size = first & 0x1f;
  if (first >> 5 !== BYTE_STRING || size > 26) throw malformed(offset);
  if (size < 24) return { kind: "ok", length: size, next: offset + 1 };
  const width = 1 << (size - 24);
  if (offset + 1 + width > bytes.length) return { kind: "cut" };
  let length = 0;
  for (let index = 0; index < width; index++) length = length * 256 + (bytes[offset + 1 + index] ?? 0);
  const shortest = width === 1 ? 24 : 2 ** (4 * width);
  if (length < shortest) throw malformed(offset);
  return { kind: "ok", length, next: offset + 1 + width };
}

function malformed(offset: number): CustodyError {
  return new CustodyError(
    "cbor-malformed",
    `The journal is damaged at byte ${String(offset)}: no record begins there.`,
  );
}

type Field =
  { readonly kind: "ok"; readonly bytes: Uint8Array; readonly next: number } | { readonly kind: "cut" };

function readByteString(bytes: Uint8Array, offset: number, maximumBytes: number): Field {
  const head = readByteStringHead(bytes, offset);
  if (head.kind === "cut") return head;
  if (head.length > maximumBytes) {
    throw new CustodyError(
      "segment-too-large",
      `A field of ${String(head.length)} bytes at byte ${String(offset)}; at most ${String(maximumBytes)} are allowed.`,
    );
  }
  const end = head.next + head.length;
  if (end > bytes.length) return { kind: "cut" };
  return { kind: "ok", bytes: bytes.subarray(head.next, end), next: end };
}

/** The record at `offset`; `cut` if the bytes end within it. @throws CustodyError for damage */
function readRecord(
  bytes: Uint8Array,
  offset: number,
): { kind: "ok"; record: JournalRecord; next: number } | { kind: "cut" } {
  if (bytes[offset] !== ARRAY_OF_TWO) throw malformed(offset);
  const entry = readByteString(bytes, offset + 1, ENTRY_MAXIMUM_BYTES);
  if (entry.kind === "cut") return entry;
  if (entry.next >= bytes.length) return { kind: "cut" };
  if (bytes[entry.next] === NULL) {
    return { kind: "ok", record: { entry: entry.bytes, opening: null }, next: entry.next + 1 };
  }
  const opening = readByteString(bytes, entry.next, OPENING_MAXIMUM_BYTES);
  if (opening.kind === "cut") return opening;
  return { kind: "ok", record: { entry: entry.bytes, opening: opening.bytes }, next: opening.next };
}

/** What a file on the camera holds after a crash: whole records, and where they end. */
export interface ReadSegment {
  readonly records: readonly JournalRecord[];
  /** Bytes of whole records; anything behind was cut by a crash. */
  readonly wholeBytes: number;
}

/** Reads records up to the end or to where the last was cut. @throws CustodyError for damage in between */
export function readSegment(bytes: Uint8Array): ReadSegment {
  const records: JournalRecord[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const read = readRecord(bytes, offset);
    if (read.kind === "cut") break;
    records.push(read.record);
    offset = read.next;
  }
  return { records, wholeBytes: offset };
}

/** Reads a segment that must be whole. @throws CustodyError `segment-too-large`, `segment-truncated`, `cbor-malformed` */
export function decodeSegment(bytes: Uint8Array): readonly JournalRecord[] {
  if (bytes.length > SEGMENT_MAXIMUM_BYTES) {
    throw new CustodyError(
      "segment-too-large",
      `A journal segment has at most ${String(SEGMENT_MAXIMUM_BYTES)} bytes.`,
    );
  }
  const { records, wholeBytes } = readSegment(bytes);
  if (wholeBytes !== bytes.length) {
    throw new CustodyError(
      "segment-truncated",
      `The journal segment ends within a record, at byte ${String(wholeBytes)}.`,
    );
  }
  return records;
}
