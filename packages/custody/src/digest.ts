// SHA-256 (FIPS 180-4) through the platform's own WebCrypto.
import { type Bytes, unshared } from "./bytes.ts";

/** The 32-byte SHA-256 of `data`. */
export async function sha256(data: Uint8Array): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", unshared(data)));
}
