// Gives memory back at once. Guarantees nothing to those who still hold it: a view of released bytes has length zero.

/** Frees the memory behind a buffer that owns all of it, whose bytes nobody needs any more: decrypted segments come
 * so fast that memory left to the collector is cold, and costs more than the decryption. Others are left alone. */
export function releaseBytes(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && !buffer.detached && bytes.byteLength === buffer.byteLength) {
    buffer.transfer(0);
  }
}
