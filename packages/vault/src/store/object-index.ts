// The index record of a complete object: which parts, how long, with which hashes. Guarantees that whatever a
// damaged disk returns becomes a typed fault, never a wrong index.

import { VaultError } from "../errors.ts";
import type { StoredPart } from "./object-store.ts";
import { MOST_SPANS } from "./part-digest.ts";

const MOST_PARTS = 10_000;
export const LARGEST_INDEX_BYTES = 16 * 1024 * 1024;

export interface ObjectIndex {
  readonly key: string;
  readonly sizeBytes: number;
  readonly parts: readonly StoredPart[];
}

export function totalBytes(parts: readonly { readonly sizeBytes: number }[]): number {
  return parts.reduce((sum, part) => sum + part.sizeBytes, 0);
}

export function encodeIndex(key: string, parts: readonly StoredPart[]): Buffer {
  const rows = parts.map(({ number, sizeBytes, sha256, spans }) => ({
    ...{ number, sizeBytes, sha256 },
    ...(spans === undefined ? {} : { spans }),
  }));
  return Buffer.from(`${JSON.stringify({ version: 1, key, sizeBytes: totalBytes(parts), parts: rows })}\n`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPart(value: unknown): value is StoredPart {
  return (
    isRecord(value) &&
    isPartNumber(value["number"]) &&
    Number.isSafeInteger(value["sizeBytes"]) &&
    Number(value["sizeBytes"]) >= 0 &&
    typeof value["sha256"] === "string" &&
    /^[0-9a-f]{64}$/.test(value["sha256"]) &&
    (value["spans"] === undefined || areSpans(value["spans"], Number(value["sizeBytes"])))
  );
}

/** Whether these are the lengths of a part's spans, few enough to be recorded. */
export function areSpans(value: unknown, sizeBytes: number): value is readonly number[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_SPANS) return false;
  const lengths: unknown[] = value;
  const whole = lengths.every((length) => Number.isSafeInteger(length) && Number(length) > 0);
  return whole && lengths.reduce<number>((sum, length) => sum + Number(length), 0) === sizeBytes;
}

export function isPartNumber(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MOST_PARTS;
}

export function areAscending(parts: readonly { readonly number: number }[]): boolean {
  return parts.every((part, index) => index === 0 || part.number > (parts[index - 1]?.number ?? 0));
}

/** Reads the index of `key`. Throws `object-damaged` for anything that `encodeIndex` does not write. */
export function decodeIndex(key: string, bytes: Uint8Array): ObjectIndex {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new VaultError("object-damaged", `the index of ${key} is not readable`, { cause });
  }
  if (!isRecord(value) || value["version"] !== 1 || value["key"] !== key || !Array.isArray(value["parts"])) {
    throw new VaultError("object-damaged", `the index of ${key} is damaged or belongs to another object`);
  }
  const rows: unknown[] = value["parts"];
  const parts = rows.filter(isPart);
  const whole = rows.length > 0 && parts.length === rows.length && areAscending(parts);
  if (!whole || totalBytes(parts) !== value["sizeBytes"]) {
    throw new VaultError("object-damaged", `the index of ${key} is damaged`);
  }
  return { key, sizeBytes: totalBytes(parts), parts };
}
