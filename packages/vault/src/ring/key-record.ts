// The file of one key: which root wraps it, and the wrapped key. Guarantees that a record opens only as the key
// it was written for: format, root and key id are authenticated.
//   "SWK1" | root id, 8 bytes | nonce, 12 | ciphertext | tag, 16

import { VaultError } from "../errors.ts";
import type { RootKeys } from "./root-keys.ts";

const MAGIC = Buffer.from("SWK1");
export const LARGEST_SECRET_BYTES = 4096;
export const LARGEST_RECORD_BYTES = 12 + 12 + LARGEST_SECRET_BYTES + 16;

function associatedData(head: Uint8Array, id: string): Buffer {
  return Buffer.concat([head, Buffer.from(id)]);
}

export async function sealRecord(
  roots: RootKeys,
  rootId: string,
  id: string,
  secret: Uint8Array,
): Promise<Buffer> {
  const head = Buffer.concat([MAGIC, Buffer.from(rootId, "hex")]);
  return Buffer.concat([head, await roots.wrap(rootId, secret, associatedData(head, id))]);
}

/** The root that wraps a record. Throws `ring-damaged` for bytes that are no record. */
export function rootOfRecord(record: Uint8Array): string {
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  if (
    bytes.byteLength < 41 ||
    bytes.byteLength > LARGEST_RECORD_BYTES ||
    !bytes.subarray(0, 4).equals(MAGIC)
  ) {
    throw new VaultError("ring-damaged", "a key file is cut short or damaged");
  }
  return bytes.toString("hex", 4, 12);
}

/** Opens the record of `id`. Throws `ring-damaged`, `root-missing` or `wrap-authentication`. */
export async function openRecord(roots: RootKeys, id: string, record: Uint8Array): Promise<Buffer> {
  const rootId = rootOfRecord(record);
  return await roots.unwrap(rootId, record.subarray(12), associatedData(record.subarray(0, 12), id));
}
