// The public key that a device brings to its enrolment: P-256, in its one DER form, so that the same key compares equal.
import { fromBase64url } from "@sworn/contract";

const P256 = { name: "ECDSA", namedCurve: "P-256" };

/** SubjectPublicKeyInfo in DER, or null for anything but a P-256 key. */
export async function readDeviceKey(spki: string): Promise<Uint8Array | null> {
  const bytes = fromBase64url(spki);
  if (bytes === null) return null;
  try {
    const key = await crypto.subtle.importKey("spki", bytes, P256, true, ["verify"]);
    return new Uint8Array(await crypto.subtle.exportKey("spki", key));
  } catch {
    // WebCrypto tells of unusable keys with errors of many classes; none of them is a fault of ours.
    return null;
  }
}
