// Finds where the items of a CBOR sequence (RFC 8742) end. What an item holds is read by custody's strict decoder.
import { CustodyError } from "@sworn/custody";

const DEPTH_MAXIMUM = 32;

function malformed(at: number): CustodyError {
  return new CustodyError("cbor-malformed", `The sequence is damaged or cut off at byte ${at}.`);
}

/** The items, as views of `bytes`, at most `maximum`. @throws CustodyError `cbor-malformed` */
export function splitCborSequence(bytes: Uint8Array, maximum: number): Uint8Array[] {
  const items: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (items.length >= maximum) throw malformed(at);
    const end = endOfItem(bytes, at);
    items.push(bytes.subarray(at, end));
    at = end;
  }
  return items;
}

/** Walks one item without recursion: `open` holds how many items each array or map around it still wants. */
function endOfItem(bytes: Uint8Array, from: number): number {
  let at = from;
  const open: number[] = [1];
  while (open.length > 0) {
    const { major, value, next } = readHead(bytes, at);
    at = next;
    open[open.length - 1] = (open.at(-1) ?? 1) - 1;
    if (major === 2 || major === 3) {
      if (value > bytes.length - at) throw malformed(at);
      at += value;
    } else if (major === 4 || major === 5) {
      // Each item has at least one byte, so that a count cannot be larger than what is left.
      const wanted = major === 4 ? value : value * 2;
      if (wanted > bytes.length - at || open.length >= DEPTH_MAXIMUM) throw malformed(at);
      open.push(wanted);
    } else if (major === 6) throw malformed(at);
    while (open.at(-1) === 0) open.pop();
  }
  return at;
}

/** The head of an item (RFC 8949 §3): definite lengths only, values up to 2^32. */
function readHead(bytes: Uint8Array, at: number): { major: number; value: number; next: number } {
  const first = bytes[at];
  if (first === undefined) throw malformed(at);
  const major = first >> 5;
  const size = first & 0x1f;
  if (size < 24) return { major, value: size, next: at + 1 };
  if (size > 27) throw malformed(at);
  const width = 1 << (size - 24);
  if (at + 1 + width > bytes.length) throw malformed(at);
  let value = 0;
  for (let offset = 1; offset <= width; offset++) value = value * 256 + (bytes[at + offset] ?? 0);
  return { major, value, next: at + 1 + width };
}
