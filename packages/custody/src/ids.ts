// Ids are UUIDs (RFC 9562): 16 bytes in evidence, lower-case text in paths and JSON.
import { fromHex, toHex, type Bytes } from "./bytes.ts";
import { CustodyError } from "./errors.ts";

/** A new random id, version 4. */
export function newId(): Bytes {
  return parseId(crypto.randomUUID());
}

/** The text `8-4-4-4-12` of a 16-byte id. */
export function formatId(id: Uint8Array): string {
  if (id.length !== 16)
    throw new CustodyError("id-malformed", `An id has 16 bytes, not ${String(id.length)}.`);
  const hex = toHex(id);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** The 16 bytes of a UUID text. @throws CustodyError `id-malformed` */
export function parseId(text: string): Bytes {
  const wellFormed = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
  const bytes = wellFormed ? fromHex(text.replaceAll("-", "")) : null;
  if (!bytes) throw new CustodyError("id-malformed", `“${text.slice(0, 60)}” is not an id (a UUID).`);
  return bytes;
}
