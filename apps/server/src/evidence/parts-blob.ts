// The list of a recording's parts as one blob: deterministic CBOR of the rows of evidence format §7.
import {
  type CborValue,
  type PartRow,
  type TimedPart,
  decodeCbor,
  encodeCbor,
  partFromRow,
  partToRow,
} from "@sworn/custody";
import { EvidenceFault } from "./evidence-fault.ts";

export function encodeParts(parts: readonly TimedPart[]): Uint8Array {
  return encodeCbor(parts.map((part): CborValue => partToRow(part)));
}

/** @throws EvidenceFault `parts-damaged` for bytes that are no such list */
export function decodeParts(bytes: Uint8Array): TimedPart[] {
  let rows: unknown;
  try {
    rows = decodeCbor(bytes, "A list of parts");
  } catch (cause) {
    throw new EvidenceFault("parts-damaged", "The list of a recording's parts is damaged.", cause);
  }
  if (!Array.isArray(rows) || !rows.every(isRow)) {
    throw new EvidenceFault("parts-damaged", "The list of a recording's parts is not of this format.");
  }
  return rows.map(partFromRow);
}

/** The parts of a recording's row; none while its journal names none. */
export function partsOf(row: { readonly parts: Uint8Array | null }): TimedPart[] {
  return row.parts === null ? [] : decodeParts(row.parts);
}

function isRow(row: unknown): row is PartRow {
  if (!Array.isArray(row) || row.length !== 6) return false;
  const [lengthBytes, hash, storedBytes, storedHash, startMs, durationMs] = row as unknown[];
  return (
    [lengthBytes, storedBytes, startMs, durationMs].every(isLength) && isHash(hash) && isHash(storedHash)
  );
}

const isLength = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const isHash = (value: unknown): boolean => value instanceof Uint8Array && value.length === 32;
