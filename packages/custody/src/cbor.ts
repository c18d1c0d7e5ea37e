// Deterministic CBOR (RFC 8949 §4.2.1): one value has exactly one encoding, and no other is read.
import { type DecodeOptions, Tag, cdeDecodeOptions, cdeEncodeOptions, decode, encode } from "cbor2";
import { type Bytes, equalBytes } from "./bytes.ts";
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
const DECODE_OPTIONS: DecodeOptions = { ...cdeDecodeOptions, maxDepth: MAXIMUM_DEPTH };

/** The deterministic encoding of `value`. */
export function encodeCbor(value: CborValue | Tag): Bytes {
  return new Uint8Array(encode(value, cdeEncodeOptions));
}

/**
 * Decodes exactly one deterministic CBOR item.
 * @throws CustodyError `cbor-malformed` or `cbor-not-deterministic`
 */
export function decodeCbor(bytes: Uint8Array, what: string): unknown {
  let value: unknown;
  let again: Uint8Array;
  try {
    value = decode(bytes, DECODE_OPTIONS);
    again = encode(value, cdeEncodeOptions);
  } catch (cause) {
    throw new CustodyError("cbor-malformed", `${what} is not CBOR: it was cut off or damaged.`, { cause });
  }
  // The decoder lets long floats pass as integers: only the comparison proves the encoding.
  if (!equalBytes(again, bytes)) {
    throw new CustodyError("cbor-not-deterministic", `${what} is not in deterministic CBOR (RFC 8949 §4.2.1).`);
  }
  return value;
}

export { Tag };
