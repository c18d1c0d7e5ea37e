// Private keys of a force as files of mode 0600, durable before they are used, read back as keys that cannot be exported.
import { readFile } from "node:fs/promises";
import { writeNewDurably } from "../platform/durable-file.ts";
import { AuthorityError } from "./authority-error.ts";

export type KeyAlgorithm = "P-256" | "Ed25519";

const generation = {
  "P-256": { name: "ECDSA", namedCurve: "P-256" },
  Ed25519: { name: "Ed25519" },
} as const;

/** A new pair whose private half can still be written to its file. */
export async function generateKeys(algorithm: KeyAlgorithm): Promise<CryptoKeyPair> {
  const pair = await crypto.subtle.generateKey(generation[algorithm], true, ["sign", "verify"]);
  return pair as CryptoKeyPair;
}

export async function exportSpki(publicKey: CryptoKey): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.exportKey("spki", publicKey));
}

/** Writes the private key (PKCS #8, RFC 5958) to a file that must be new. */
export async function writePrivateKey(path: string, privateKey: CryptoKey): Promise<void> {
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey));
  const written = await writeNewDurably(path, pkcs8, { mode: 0o600 });
  pkcs8.fill(0);
  if (written === "exists")
    throw new AuthorityError("authority-exists", `The key file ${path} exists already.`);
}

/** @throws AuthorityError `authority-missing` or `authority-damaged` */
export async function readPrivateKey(path: string, algorithm: KeyAlgorithm): Promise<CryptoKey> {
  const pkcs8 = await readAuthorityFile(path);
  try {
    return await crypto.subtle.importKey("pkcs8", pkcs8, generation[algorithm], false, ["sign"]);
  } catch (cause) {
    throw new AuthorityError(
      "authority-damaged",
      `The key file ${path} is damaged: restore it from a backup.`,
      cause,
    );
  } finally {
    pkcs8.fill(0);
  }
}

/** A file of the authority's folder. @throws AuthorityError `authority-missing` */
export async function readAuthorityFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    throw new AuthorityError(
      "authority-missing",
      `${path} cannot be read. Restore the authority folder from a backup; without it no receipt can be signed.`,
      cause,
    );
  }
}
