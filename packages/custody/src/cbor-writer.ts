// Writes the few types of the format in deterministic CBOR (RFC 8949 §4.2.1): shortest heads, definite lengths, map keys in
// the bytewise order of their encodings. One pass into memory that is kept; what was written is wiped from it at once.
import { Tag } from "cbor2";
import { type Bytes, concatBytes } from "./bytes.ts";

const UNSIGNED = 0x00;
const NEGATIVE = 0x20;
const BYTES = 0x40;
const TEXT = 0x60;
const ARRAY = 0x80;
const MAP = 0xa0;
const TAG = 0xc0;
const FALSE = 0xf4;
const TRUE = 0xf5;
const NULL = 0xf6;
const IN_HEAD = 24;
const FOUR_BYTES = 2 ** 32;
const LONGEST_HEAD_BYTES = 9;
const KEPT_BYTES = 64 * 1024;
/** Up to here a loop over the characters is quicker than the platform's encoder. */
const SHORT_TEXT = 40;

const utf8 = new TextEncoder();
const kept = new Uint8Array(KEPT_BYTES);
let isKeptTaken = false;

/** What holds the bytes while they are written; longer than what was kept, it grows on its own. */
class Target {
  bytes: Uint8Array = isKeptTaken ? new Uint8Array(512) : kept;
  length = 0;

  room(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes.fill(0, 0, this.length);
    this.bytes = larger;
  }
}

function writeHead(target: Target, major: number, value: number): void {
  target.room(LONGEST_HEAD_BYTES);
  const { bytes } = target;
  let at = target.length;
  if (value < IN_HEAD) {
    bytes[at++] = major | value;
  } else if (value < 0x100) {
    bytes[at++] = major | IN_HEAD;
    bytes[at++] = value;
  } else if (value < 0x10000) {
    bytes[at++] = major | (IN_HEAD + 1);
    bytes[at++] = value >>> 8;
    bytes[at++] = value;
  } else {
    const high = Math.floor(value / FOUR_BYTES);
    bytes[at++] = major | (high === 0 ? IN_HEAD + 2 : IN_HEAD + 3);
    if (high > 0) {
      for (let shift = 24; shift >= 0; shift -= 8) bytes[at++] = high >>> shift;
    }
    for (let shift = 24; shift >= 0; shift -= 8) bytes[at++] = value >>> shift;
  }
  target.length = at;
}

function writeText(target: Target, text: string): void {
  if (text.length <= SHORT_TEXT) {
    target.room(LONGEST_HEAD_BYTES + text.length);
    const start = target.length;
    writeHead(target, TEXT, text.length);
    const { bytes } = target;
    let at = target.length;
    let isAscii = true;
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) {
        isAscii = false;
        break;
      }
      bytes[at++] = code;
    }
    if (isAscii) {
      target.length = at;
      return;
    }
    target.length = start;
  }
  const encoded = utf8.encode(text);
  writeBytes(target, TEXT, encoded);
}

function writeBytes(target: Target, major: number, bytes: Uint8Array): void {
  writeHead(target, major, bytes.length);
  target.room(bytes.length);
  target.bytes.set(bytes, target.length);
  target.length += bytes.length;
}

/** A key, encoded, with what belongs to it. */
type Pair = readonly [key: Uint8Array, value: unknown];

function compareBytes([a]: Pair, [b]: Pair): number {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

// The keys of a format are few and come again and again.
const encodedKeys = new Map<string | number, Uint8Array>();
const MOST_KEYS = 1_000;

function encodedKey(key: string | number): Uint8Array {
  const known = encodedKeys.get(key);
  if (known !== undefined) return known;
  const target = new Target();
  target.bytes = new Uint8Array(64);
  writeItem(target, key);
  const encoded = target.bytes.slice(0, target.length);
  if (encodedKeys.size < MOST_KEYS && encoded.length <= 64) encodedKeys.set(key, encoded);
  return encoded;
}

function writePairs(target: Target, entries: readonly (readonly [string | number, unknown])[]): void {
  writeHead(target, MAP, entries.length);
  const pairs = entries.map(([key, value]): Pair => [encodedKey(key), value]).sort(compareBytes);
  for (const [key, value] of pairs) {
    target.room(key.length);
    target.bytes.set(key, target.length);
    target.length += key.length;
    writeItem(target, value);
  }
}

/** `item` is what `storable` gives: nothing else ever comes here. */
function writeItem(target: Target, item: unknown): void {
  if (typeof item === "string") writeText(target, item);
  else if (typeof item === "number") {
    // Negative zero is not below zero, and is written as zero.
    if (item < 0) writeHead(target, NEGATIVE, -1 - item);
    else writeHead(target, UNSIGNED, item);
  } else if (item instanceof Uint8Array) writeBytes(target, BYTES, item);
  else if (item === null || typeof item === "boolean") {
    target.room(1);
    target.bytes[target.length++] = item === null ? NULL : item ? TRUE : FALSE;
  } else if (Array.isArray(item)) {
    writeHead(target, ARRAY, item.length);
    for (const one of item as readonly unknown[]) writeItem(target, one);
  } else if (item instanceof Map) writePairs(target, [...(item as ReadonlyMap<number, unknown>)]);
  else if (item instanceof Tag) {
    writeHead(target, TAG, Number(item.tag));
    writeItem(target, item.contents);
  } else writePairs(target, Object.entries(item as Readonly<Record<string, unknown>>));
}

/** The deterministic encoding of a value that was found storable. */
export function writeCbor(item: unknown): Bytes {
  const target = new Target();
  const own = target.bytes === kept;
  if (own) isKeptTaken = true;
  try {
    writeItem(target, item);
    return concatBytes([target.bytes.subarray(0, target.length)]);
  } finally {
    // What was encrypted afterwards must not stay behind in the clear.
    kept.fill(0, 0, own ? Math.min(target.length, KEPT_BYTES) : 0);
    if (own) isKeptTaken = false;
  }
}
