// Deterministic CBOR (RFC 8949 §4.2.1) of the format's own few types: one value has exactly one encoding, no other is read.
import { type DecodeOptions, Tag, cdeDecodeOptions, decode } from "cbor2";
import { type Bytes, equalBytes } from "./bytes.ts";
import { writeCbor } from "./cbor-writer.ts";
import { CustodyError } from "./errors.ts";

export type CborValue =
  | number
  | string
  | boolean
  | null
  | Uint8Array
  | readonly CborValue[]
  | { readonly [key: string]: CborValue }
  | ReadonlyMap<number, CborValue>;

/** Depth bounds recursion on hostile input; no structure of the format nests deeper than 8. */
const MAXIMUM_DEPTH = 32;
/** The one tag of the format, and only outermost (RFC 9052 §4.2). */
const TAG_SIGN1 = 18;
const DECODE_OPTIONS: DecodeOptions = {
  ...cdeDecodeOptions,
  maxDepth: MAXIMUM_DEPTH,
  rejectSimple: true,
  rejectUndefined: true,
  // Without this, tags turn into dates, sets and the like before they can be refused.
  ignoreGlobalTags: true,
};

/**
 * The deterministic encoding of `value`. Negative zero is written as zero.
 * @throws CustodyError `cbor-malformed` for what the format cannot hold: fractions, undefined, unpaired surrogates
 */
export function encodeCbor(value: CborValue | Tag): Bytes {
  return writeCbor(storable(value, "A value to be written", 0));
}

/**
 * Decodes exactly one deterministic CBOR item. Maps have text keys and come as plain objects; with
 * `keys: "integer"`, which only COSE headers use, they have integers and come as `Map`.
 * @throws CustodyError `cbor-malformed` or `cbor-not-deterministic`
 */
export function decodeCbor(bytes: Uint8Array, what: string, keys: "text" | "integer" = "text"): unknown {
  let value: unknown;
  try {
    value = decode(bytes, DECODE_OPTIONS);
  } catch (cause) {
    throw new CustodyError("cbor-malformed", `${what} is not CBOR: it was cut off or damaged.`, { cause });
  }
  if (keys === "text" && holdsMap(value)) throw refused(what, "a map whose keys are not text");
  const again = writeCbor(storable(value, what, 0));
  // The decoder lets long floats pass as integers: only the comparison proves the encoding.
  if (!equalBytes(again, bytes)) {
    throw new CustodyError(
      "cbor-not-deterministic",
      `${what} is not in deterministic CBOR (RFC 8949 §4.2.1).`,
    );
  }
  return value;
}

function refused(what: string, found: string): CustodyError {
  return new CustodyError("cbor-malformed", `${what} is not of this format: it holds ${found}.`);
}

/** `value` with every byte string plain, and nothing that the writer does not know. */
function storable(value: unknown, what: string, depth: number): unknown {
  if (depth > MAXIMUM_DEPTH) throw refused(what, "structures nested too deep");
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "number") {
    if (Number.isSafeInteger(value)) return value;
    throw refused(what, "a number that is no integer within 2^53");
  }
  if (typeof value === "string") {
    if (value.isWellFormed()) return value;
    throw refused(what, "a text that is not Unicode");
  }
  if (value instanceof Uint8Array) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (Array.isArray(value)) return value.map((item: unknown) => storable(item, what, depth + 1));
  if (value instanceof Map) return storableMap(value, what, depth);
  if (value instanceof Tag) {
    if (Number(value.tag) !== TAG_SIGN1 || depth > 0) throw refused(what, `tag ${String(value.tag)}`);
    return new Tag(value.tag, storable(value.contents, what, depth + 1));
  }
  if (typeof value === "object" && isPlain(value)) return storableObject(value, what, depth);
  throw refused(what, `a value of type ${typeof value}`);
}

/** True if a map that is not all text keys is anywhere within. Depth is bounded by the decoder. */
function holdsMap(value: unknown): boolean {
  if (value instanceof Map) return true;
  if (value instanceof Tag) return holdsMap(value.contents);
  if (Array.isArray(value)) return value.some(holdsMap);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return false;
  return Object.values(value).some(holdsMap);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function storableMap(map: ReadonlyMap<unknown, unknown>, what: string, depth: number): unknown {
  const copy = new Map<number, unknown>();
  for (const [key, item] of map) {
    if (typeof key !== "number" || !Number.isSafeInteger(key))
      throw refused(what, "a map with mixed or strange keys");
    copy.set(key, storable(item, what, depth + 1));
  }
  return copy;
}

function storableObject(value: object, what: string, depth: number): unknown {
  const pairs = Object.entries(value).map(([key, item]): [string, unknown] => {
    // `__proto__`, `constructor` and their kind mean something else to JavaScript, and nothing to the format.
    if (key in Object.prototype) throw refused(what, `a field named “${key}”`);
    if (!key.isWellFormed()) throw refused(what, "a text that is not Unicode");
    return [key, storable(item, what, depth + 1)];
  });
  return Object.fromEntries(pairs);
}

export { Tag };
