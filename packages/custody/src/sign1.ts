// COSE_Sign1 with ES256 (RFC 9052 §4.2, RFC 9053 §2.1): the one way in which anything is signed here.
import { Tag, decodeCbor, encodeCbor } from "./cbor.ts";
import { type Bytes, unshared } from "./bytes.ts";
import { CustodyError } from "./errors.ts";

/** Registered COSE numbers: RFC 9052 §3.1, RFC 9053 §2.1, RFC 9360 §2. */
const TAG_SIGN1 = 18;
const HEADER_ALGORITHM = 1;
const HEADER_CONTENT_TYPE = 3;
const HEADER_X5T = 34;
const ALGORITHM_ES256 = -7;
const ALGORITHM_SHA256 = -16;

const EMPTY = new Uint8Array(0);
const ES256 = { name: "ECDSA", hash: "SHA-256" };

export const CONTENT_TYPES = {
  journalEntry: "application/vnd.sworn.journal-entry+cbor",
  receipt: "application/vnd.sworn.receipt+cbor",
  manifest: "application/vnd.sworn.manifest+cbor",
  destructionCertificate: "application/vnd.sworn.destruction-certificate+cbor",
  ingestKey: "application/vnd.sworn.ingest-key+cbor",
} as const;
export type ContentType = (typeof CONTENT_TYPES)[keyof typeof CONTENT_TYPES];

/** Something that signs, be it a key in memory or a secure element. `sign` gives r‖s, 64 bytes. */
export interface Signer {
  /** SHA-256 of the signer's DER certificate. */
  readonly certificateHash: Uint8Array;
  sign(data: Uint8Array): Promise<Uint8Array>;
}

/** A parsed, not yet verified, COSE_Sign1. `bytes` is the whole structure as it was read. */
export interface Sign1 {
  readonly bytes: Uint8Array;
  readonly contentType: ContentType;
  readonly certificateHash: Uint8Array;
  readonly protectedHeader: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

/** A signer over a WebCrypto P-256 private key. */
export function keySigner(privateKey: CryptoKey, certificateHash: Uint8Array): Signer {
  return {
    certificateHash,
    async sign(data) {
      return new Uint8Array(await crypto.subtle.sign(ES256, privateKey, unshared(data)));
    },
  };
}

function toBeSigned(protectedHeader: Uint8Array, payload: Uint8Array): Bytes {
  return encodeCbor(["Signature1", protectedHeader, EMPTY, payload]);
}

/** Signs `payload` as `contentType`; gives the complete tagged structure. */
export async function createSign1(
  contentType: ContentType,
  payload: Uint8Array,
  signer: Signer,
): Promise<Bytes> {
  const protectedHeader = encodeCbor(
    new Map<number, number | string | (number | Uint8Array)[]>([
      [HEADER_ALGORITHM, ALGORITHM_ES256],
      [HEADER_CONTENT_TYPE, contentType],
      [HEADER_X5T, [ALGORITHM_SHA256, signer.certificateHash]],
    ]),
  );
  const signature = await signer.sign(toBeSigned(protectedHeader, payload));
  return encodeCbor(new Tag(TAG_SIGN1, [protectedHeader, {}, payload, signature]));
}

function malformed(what: string, reason: string): CustodyError {
  return new CustodyError("cose-malformed", `${what} is not a COSE_Sign1 of this format: ${reason}.`);
}

/** Parses without verifying. @throws CustodyError `cbor-…`, `cose-malformed`, `cose-content-type` */
export function parseSign1(bytes: Uint8Array, expected: ContentType, what: string): Sign1 {
  const outer = decodeCbor(bytes, what);
  if (!(outer instanceof Tag) || Number(outer.tag) !== TAG_SIGN1) throw malformed(what, "tag 18 is missing");
  const parts: unknown = outer.contents;
  if (!Array.isArray(parts) || parts.length !== 4) throw malformed(what, "it has not four parts");
  const [protectedHeader, unprotected, payload, signature] = parts as unknown[];
  if (
    !(protectedHeader instanceof Uint8Array) ||
    !(payload instanceof Uint8Array) ||
    !(signature instanceof Uint8Array)
  ) {
    throw malformed(what, "a part is not a byte string");
  }
  if (signature.length !== 64) throw malformed(what, "the signature has not 64 bytes");
  if (!isEmptyMap(unprotected)) throw malformed(what, "the unprotected header is not empty");
  const { contentType, certificateHash } = readProtected(protectedHeader, what);
  if (contentType !== expected) {
    throw new CustodyError(
      "cose-content-type",
      `${what} is signed as “${contentType.slice(0, 80)}”, not as “${expected}”.`,
    );
  }
  return { bytes, contentType: expected, certificateHash, protectedHeader, payload, signature };
}

/** An empty array or byte string would do as well to JavaScript, and be outside the signature. */
function isEmptyMap(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return false;
  return Object.keys(value).length === 0;
}

function readProtected(
  header: Uint8Array,
  what: string,
): { contentType: string; certificateHash: Uint8Array } {
  const map = decodeCbor(header, `${what}, protected header,`, "integer");
  if (!(map instanceof Map) || map.size !== 3)
    throw malformed(what, "the protected header is not the three expected fields");
  if (map.get(HEADER_ALGORITHM) !== ALGORITHM_ES256) throw malformed(what, "the algorithm is not ES256");
  const contentType: unknown = map.get(HEADER_CONTENT_TYPE);
  const x5t: unknown = map.get(HEADER_X5T);
  if (typeof contentType !== "string") throw malformed(what, "the content type is missing");
  if (!Array.isArray(x5t) || x5t.length !== 2 || x5t[0] !== ALGORITHM_SHA256)
    throw malformed(what, "x5t is missing");
  const certificateHash: unknown = x5t[1];
  if (!(certificateHash instanceof Uint8Array) || certificateHash.length !== 32)
    throw malformed(what, "x5t is not a SHA-256");
  return { contentType, certificateHash };
}

/** True if the signature is `publicKey`'s over exactly these bytes. */
export async function verifySign1(sign1: Sign1, publicKey: CryptoKey): Promise<boolean> {
  const data = toBeSigned(sign1.protectedHeader, sign1.payload);
  return crypto.subtle.verify(ES256, publicKey, unshared(sign1.signature), data);
}
