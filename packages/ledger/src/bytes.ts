/**
 * Bytes and the text encodings that the C2SP formats use.
 *
 * Guarantees: decoding is strict. A byte string has exactly one accepted base64, number or UTF-8 form,
 * so that no two different notes, proofs or keys mean the same.
 */

export type Bytes = Uint8Array<ArrayBuffer>;

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const DECIMAL = /^(?:0|[1-9][0-9]{0,15})$/;
/** Kept small because spreading a whole note into `String.fromCharCode` would overflow the stack. */
const CHUNK_BYTES = 8192;

export function concatBytes(...parts: readonly Uint8Array[]): Bytes {
  const joined = new Uint8Array(parts.reduce((sizeBytes, part) => sizeBytes + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** RFC 4648 section 4, with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK_BYTES));
  }
  return btoa(binary);
}

/** RFC 4648 section 4: padding required, unused bits zero, no white space. Otherwise undefined. */
export function decodeBase64(text: string): Bytes | undefined {
  if (!BASE64.test(text)) return undefined;
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  // atob drops unused bits; a second spelling of the same bytes is refused here.
  return btoa(binary) === text ? bytes : undefined;
}

/** An ASCII decimal without leading zeroes, up to 2^53 - 1. Otherwise undefined. */
export function parseDecimal(text: string): number | undefined {
  if (!DECIMAL.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

export function encodeText(text: string): Bytes {
  return new Uint8Array(new TextEncoder().encode(text));
}

/** Strict UTF-8; a byte order mark is kept, because it is part of what was signed. Otherwise undefined. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
