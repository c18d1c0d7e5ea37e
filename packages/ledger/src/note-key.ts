/**
 * Keys that sign notes: names, key ids, verifier keys (c2sp.org/signed-note, "Signatures" and "Verifier keys").
 *
 * Guarantees: a key's id is always the one computed from its name, type and public key; a verifier key whose id
 * does not match is refused. The table of signature types is the one place that a new type (ML-DSA-44) is added to.
 */
import { concatBytes, decodeBase64, encodeBase64, encodeText } from "./bytes.ts";
import type { Bytes } from "./bytes.ts";
import { LedgerError, refuse } from "./error.ts";
import type { Parsed } from "./error.ts";
import { digest } from "./merkle-hash.ts";

/** What a key does to a note, by its signature type identifier byte. */
export interface SignatureType {
  readonly identifier: number;
  readonly publicKeyBytes: number;
  /** Without the key id. */
  readonly signatureBytes: number;
  /** WebCrypto's name of the algorithm. */
  readonly algorithm: string;
  /** A cosignature begins with 8 bytes of POSIX time in seconds, and signs them too (c2sp.org/tlog-cosignature). */
  readonly timestamped: boolean;
}

/** The assigned types that are supported. ECDSA (0x02) and RFC 6962 (0x05) are other ecosystems'; 0x06 is ML-DSA-44. */
export const SIGNATURE_TYPES = {
  ed25519: {
    identifier: 0x01,
    publicKeyBytes: 32,
    signatureBytes: 64,
    algorithm: "Ed25519",
    timestamped: false,
  },
  "cosignature/v1": {
    identifier: 0x04,
    publicKeyBytes: 32,
    signatureBytes: 72,
    algorithm: "Ed25519",
    timestamped: true,
  },
} as const satisfies Record<string, SignatureType>;

export type SignatureTypeName = keyof typeof SIGNATURE_TYPES;

/** A public key that is trusted for a name. The pair of name and key id is what a signature line states. */
export interface NoteVerifier {
  readonly name: string;
  /** 32 bits, unsigned. */
  readonly keyId: number;
  readonly type: SignatureTypeName;
  readonly publicKey: Uint8Array;
  readonly key: CryptoKey;
}

/** A key that signs notes, or cosigns checkpoints (type `cosignature/v1`). */
export interface NoteSigner {
  readonly verifier: NoteVerifier;
  readonly privateKey: CryptoKey;
}

const MAX_NAME_CHARACTERS = 255;
const MAX_VERIFIER_KEY_CHARACTERS = 8192;
// A control character in a name would let one signature line look like two.

const NAME = /^[^\p{White_Space}+\u0000-\u001f]+$/u;
const VERIFIER_KEY = /^([^+]+)\+([0-9a-fA-F]{8})\+(.+)$/s;

/** Non-empty, at most 255 characters, no Unicode spaces, no plus, no control characters. */
export function isKeyName(name: string): boolean {
  return name.length <= MAX_NAME_CHARACTERS && name.isWellFormed() && NAME.test(name);
}

/** The first 32 bits of SHA-256(name || 0x0A || type || public key), as an unsigned number. */
export async function noteKeyId(
  name: string,
  type: SignatureTypeName,
  publicKey: Uint8Array,
): Promise<number> {
  const type8 = Uint8Array.of(SIGNATURE_TYPES[type].identifier);
  const hash = await digest(concatBytes(encodeText(`${name}\n`), type8, publicKey));
  return new DataView(hash.buffer).getUint32(0);
}

/**
 * A trusted key from its parts: `publicKey` is raw, 32 bytes for Ed25519.
 * @throws LedgerError `invalid-argument` for an impossible name or key.
 */
export async function createVerifier(parts: {
  readonly name: string;
  readonly type: SignatureTypeName;
  readonly publicKey: Uint8Array;
}): Promise<NoteVerifier> {
  const { name, type } = parts;
  if (!isKeyName(name))
    throw new LedgerError("invalid-argument", "a key name has no spaces, plus or control characters");
  const publicKey = concatBytes(parts.publicKey);
  const key = await importPublicKey(type, publicKey);
  if (key === undefined)
    throw new LedgerError("invalid-argument", `this is not a public key of type ${type}`);
  return { name, type, publicKey, key, keyId: await noteKeyId(name, type, publicKey) };
}

/**
 * A signing key from its parts. Signs once to prove that the private key belongs to the public one, because a log
 * that signs with another key than its published one cannot be checked by anybody.
 * @throws LedgerError `unusable-key`, `invalid-argument`.
 */
export async function createSigner(parts: {
  readonly name: string;
  readonly type: SignatureTypeName;
  readonly publicKey: Uint8Array;
  readonly privateKey: CryptoKey;
}): Promise<NoteSigner> {
  const verifier = await createVerifier(parts);
  const { algorithm } = SIGNATURE_TYPES[parts.type];
  // Not a note and not a cosignature, so the trial signature is of no use to anybody.
  const trial = new Uint8Array(1);
  let matches: boolean;
  try {
    const signature = await crypto.subtle.sign(algorithm, parts.privateKey, trial);
    matches = await crypto.subtle.verify(algorithm, verifier.key, signature, trial);
  } catch (cause) {
    throw new LedgerError("unusable-key", `this private key cannot sign with ${algorithm}`, { cause });
  }
  if (!matches) throw new LedgerError("unusable-key", "the private key does not belong to the public key");
  return { verifier, privateKey: parts.privateKey };
}

/** `<name>+<key id in 8 hex digits>+<base64(type || public key)>`. */
export function encodeVerifierKey(
  verifier: Pick<NoteVerifier, "name" | "keyId" | "type" | "publicKey">,
): string {
  const { identifier } = SIGNATURE_TYPES[verifier.type];
  const keyId = verifier.keyId.toString(16).padStart(8, "0");
  return `${verifier.name}+${keyId}+${encodeBase64(concatBytes(Uint8Array.of(identifier), verifier.publicKey))}`;
}

/** The inverse of {@link encodeVerifierKey}; the key id must be the one that the name and key have. */
export async function parseVerifierKey(text: string): Promise<Parsed<NoteVerifier>> {
  const [, name, keyIdText, keyText] =
    (text.length <= MAX_VERIFIER_KEY_CHARACTERS && VERIFIER_KEY.exec(text)) || [];
  if (name === undefined || keyIdText === undefined || keyText === undefined || !isKeyName(name)) {
    return refuse("malformed-verifier-key", "a verifier key looks like name+1a2b3c4d+base64");
  }
  const [identifier, ...publicKeyBytes] = decodeBase64(keyText) ?? [];
  const type = signatureTypeName(identifier);
  if (type === undefined)
    return refuse("malformed-verifier-key", "the key is not base64 of a supported type");
  const publicKey = Uint8Array.from(publicKeyBytes);
  const key = await importPublicKey(type, publicKey);
  if (key === undefined) return refuse("malformed-verifier-key", `this is not a public key of type ${type}`);
  const keyId = await noteKeyId(name, type, publicKey);
  if (keyId !== Number.parseInt(keyIdText, 16)) {
    return refuse(
      "malformed-verifier-key",
      "the key id does not belong to this name and key: one of them was changed",
    );
  }
  return { ok: true, value: { name, type, publicKey, key, keyId } };
}

function signatureTypeName(identifier: number | undefined): SignatureTypeName | undefined {
  if (identifier === SIGNATURE_TYPES.ed25519.identifier) return "ed25519";
  if (identifier === SIGNATURE_TYPES["cosignature/v1"].identifier) return "cosignature/v1";
  return undefined;
}

async function importPublicKey(type: SignatureTypeName, publicKey: Bytes): Promise<CryptoKey | undefined> {
  const { algorithm, publicKeyBytes } = SIGNATURE_TYPES[type];
  if (publicKey.length !== publicKeyBytes) return undefined;
  try {
    return await crypto.subtle.importKey("raw", publicKey, algorithm, true, ["verify"]);
  } catch {
    return undefined;
  }
}
