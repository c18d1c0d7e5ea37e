// Whether what surrounds the signed part of a certificate or CRL is in its one DER encoding (X.690 §10, RFC 3279 §2.2.3).
// The signature does not cover these bytes and parsers are lenient about them, so that a changed one would go unseen.

/** ecdsa-with-SHA256 without parameters (RFC 5758 §3.2): the only algorithm of the profile. */
const ECDSA_SHA256 = Uint8Array.of(0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02);
const SEQUENCE = 0x30;
const BIT_STRING = 0x03;
const INTEGER = 0x02;

interface Element {
  readonly content: Uint8Array;
  /** What follows it. */
  readonly rest: Uint8Array;
}

/** `der` is `SEQUENCE { signed part, ecdsa-with-SHA256, BIT STRING { SEQUENCE { r, s } } }` and nothing more. */
export function hasOneEncoding(der: Uint8Array): boolean {
  const outer = readElement(der, SEQUENCE);
  const signed = outer?.rest.length === 0 ? readElement(outer.content, SEQUENCE) : null;
  if (!signed || !startsWith(signed.rest, ECDSA_SHA256)) return false;
  const bits = readElement(signed.rest.subarray(ECDSA_SHA256.length), BIT_STRING);
  if (bits?.rest.length !== 0 || bits.content[0] !== 0) return false;
  const pair = readElement(bits.content.subarray(1), SEQUENCE);
  const r = pair?.rest.length === 0 ? readElement(pair.content, INTEGER) : null;
  const s = r ? readElement(r.rest, INTEGER) : null;
  return r !== null && s?.rest.length === 0 && isPositive(r.content) && isPositive(s.content);
}

/** The element with `tag` at the start, its length in the shortest form. */
function readElement(bytes: Uint8Array, tag: number): Element | null {
  const first = bytes[1];
  if (bytes[0] !== tag || first === undefined) return null;
  const width = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || width > 4 || bytes.length < 2 + width) return null;
  const length =
    width === 0 ? first : bytes.subarray(2, 2 + width).reduce((sum, byte) => sum * 256 + byte, 0);
  const shortest = width === 0 || (width === 1 ? length >= 0x80 : length >= 256 ** (width - 1));
  const end = 2 + width + length;
  if (!shortest || end > bytes.length) return null;
  return { content: bytes.subarray(2 + width, end), rest: bytes.subarray(end) };
}

/** A positive integer in as few bytes as it needs. */
function isPositive(content: Uint8Array): boolean {
  const [first, second = 0] = content;
  if (first === undefined || first >= 0x80) return false;
  return first !== 0 || (content.length > 1 && second >= 0x80);
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}
