// HPKE envelopes (RFC 9180, base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM): a recording's
// key, readable only with the force's ingest key. WebCrypto underneath, so a camera in a browser can seal.

import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_P256_HKDF_SHA256 } from "hpke";
import type { KeyPair } from "hpke";
import { VaultError, requireLength } from "./errors.ts";

const suite = new CipherSuite(KEM_DHKEM_P256_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_256_GCM);

export const INGEST_PUBLIC_KEY_BYTES = 65;
export const INGEST_PRIVATE_KEY_BYTES = 32;
/** An envelope's ciphertext: the 32-byte key and a 16-byte tag. */
export const ENVELOPE_CIPHERTEXT_BYTES = 48;

/** A sealed recording key. */
export interface KeyEnvelope {
  /** The encapsulated secret: an uncompressed P-256 point, 65 bytes. */
  readonly enc: Uint8Array;
  /** 48 bytes. */
  readonly ciphertext: Uint8Array;
}

/** A force's ingest key pair, raw: public an uncompressed point (65 bytes), private a scalar (32 bytes). */
export interface IngestKeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

export async function generateIngestKeyPair(): Promise<IngestKeyPair> {
  const pair = await suite.GenerateKeyPair(true);
  return {
    publicKey: await suite.SerializePublicKey(pair.publicKey),
    privateKey: await suite.SerializePrivateKey(pair.privateKey),
  };
}

/** Seals a 32-byte recording key to an ingest public key. `info` names the use and `associatedData` the
 * recording; opening needs the same. Throws `envelope-key` where the public key is no P-256 point. */
export async function sealKey(input: {
  readonly ingestPublicKey: Uint8Array;
  readonly recordingKey: Uint8Array;
  readonly info: Uint8Array;
  readonly associatedData: Uint8Array;
}): Promise<KeyEnvelope> {
  requireLength(input.ingestPublicKey, INGEST_PUBLIC_KEY_BYTES, "an ingest public key");
  requireLength(input.recordingKey, 32, "a recording key");
  try {
    const publicKey = await suite.DeserializePublicKey(input.ingestPublicKey);
    const sealed = await suite.Seal(publicKey, input.recordingKey, {
      info: input.info,
      aad: input.associatedData,
    });
    return { enc: sealed.encapsulatedSecret, ciphertext: sealed.ciphertext };
  } catch (cause) {
    throw new VaultError("envelope-key", "the ingest public key is not a valid P-256 key", { cause });
  }
}

/** Opens an envelope and returns the 32-byte recording key. Throws `envelope-key` where a key of the pair is
 * no P-256 key, and `envelope-authentication` where the envelope was altered or belongs elsewhere. */
export async function openKey(input: {
  readonly ingestKeyPair: IngestKeyPair;
  readonly envelope: KeyEnvelope;
  readonly info: Uint8Array;
  readonly associatedData: Uint8Array;
}): Promise<Uint8Array> {
  requireLength(input.ingestKeyPair.privateKey, INGEST_PRIVATE_KEY_BYTES, "an ingest private key");
  requireLength(input.ingestKeyPair.publicKey, INGEST_PUBLIC_KEY_BYTES, "an ingest public key");
  const { enc, ciphertext } = input.envelope;
  if (enc.byteLength !== INGEST_PUBLIC_KEY_BYTES || ciphertext.byteLength !== ENVELOPE_CIPHERTEXT_BYTES) {
    throw new VaultError("envelope-authentication", "the key envelope has the wrong length: it was altered");
  }
  const keyPair = await importKeyPair(input.ingestKeyPair);
  try {
    return await suite.Open(keyPair, enc, ciphertext, { info: input.info, aad: input.associatedData });
  } catch (cause) {
    throw new VaultError(
      "envelope-authentication",
      "the key envelope does not open: it was altered, or sealed for another key or recording",
      { cause },
    );
  }
}

async function importKeyPair(pair: IngestKeyPair): Promise<KeyPair<CryptoKey>> {
  try {
    const publicKey = await suite.DeserializePublicKey(pair.publicKey);
    return { publicKey, privateKey: await suite.DeserializePrivateKey(pair.privateKey, false) };
  } catch (cause) {
    throw new VaultError("envelope-key", "the ingest key pair is not a valid P-256 key pair", { cause });
  }
}
