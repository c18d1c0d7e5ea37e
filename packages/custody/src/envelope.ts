// The envelope in which a recording's key leaves the camera (RFC 9180, evidence format §5), and the key it is sealed to.
import * as v from "valibot";
import type { Bytes } from "./bytes.ts";
import { decodeCbor, encodeCbor } from "./cbor.ts";
import { checkShape, exactBytesShape, idShape, uintShape } from "./shape.ts";
import { CONTENT_TYPES, type Sign1, type Signer, createSign1, parseSign1 } from "./sign1.ts";

const envelopeShape = v.strictObject({
  keyId: idShape,
  enc: exactBytesShape(65),
  ciphertext: exactBytesShape(48),
});

/** A 32-byte key, sealed with HPKE to the ingest key `keyId`. */
export type Envelope = v.InferOutput<typeof envelopeShape>;

export function encodeEnvelope(envelope: Envelope): Bytes {
  return encodeCbor({ ...envelope });
}

/** @throws CustodyError for anything else */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  return checkShape(envelopeShape, decodeCbor(bytes, "A key envelope"), "A key envelope");
}

const ingestKeyShape = v.strictObject({
  force: idShape,
  keyId: idShape,
  publicKey: exactBytesShape(65),
  notBeforeMs: uintShape,
  notAfterMs: uintShape,
});

/** The force's public key for envelopes: an uncompressed P-256 point, and when it may be used. */
export type IngestKey = v.InferOutput<typeof ingestKeyShape>;

export async function signIngestKey(key: IngestKey, signer: Signer): Promise<Bytes> {
  return createSign1(CONTENT_TYPES.ingestKey, encodeCbor({ ...key }), signer);
}

/** Parses without verifying the signature. */
export function parseIngestKey(bytes: Uint8Array): { key: IngestKey; sign1: Sign1 } {
  const sign1 = parseSign1(bytes, CONTENT_TYPES.ingestKey, "An ingest key");
  return {
    key: checkShape(ingestKeyShape, decodeCbor(sign1.payload, "An ingest key"), "An ingest key"),
    sign1,
  };
}
