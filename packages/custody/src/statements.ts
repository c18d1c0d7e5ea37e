// What the service signs: manifests, receipts and certificates of destruction (evidence format §7, §8).
import * as v from "valibot";
import type { Bytes } from "./bytes.ts";
import { decodeCbor, encodeCbor } from "./cbor.ts";
import { partRowShape } from "./parts.ts";
import { bytesShape, checkShape, hashShape, idShape, intShape, textShape, uintShape } from "./shape.ts";
import {
  CONTENT_TYPES,
  type ContentType,
  type Sign1,
  type Signer,
  createSign1,
  parseSign1,
} from "./sign1.ts";

const PROOF_MAXIMUM_CHARACTERS = 65_536;
const LEAF_MAXIMUM_BYTES = 1024;
/** 24 hours of fragments of two seconds, with room to spare. */
const PARTS_MAXIMUM = 65_536;

const verdictShape = v.picklist(["verified", "altered", "unattested", "untrusted"]);
export type ReceiptVerdict = v.InferOutput<typeof verdictShape>;

const subject = {
  force: idShape,
  camera: v.nullable(idShape),
  recording: idShape,
  number: v.nullable(uintShape),
  identity: hashShape,
};

const manifestShape = v.strictObject({
  ...subject,
  format: v.picklist(["cmaf", "file"]),
  verdict: verdictShape,
  receivedAtMs: uintShape,
  parts: v.pipe(v.array(partRowShape), v.maxLength(PARTS_MAXIMUM)),
  recordedStartMs: v.nullable(intShape),
  recordedEndMs: v.nullable(intShape),
  clock: v.picklist(["dock", "bounded", "unbounded", "stated"]),
  seal: v.nullable(hashShape),
  object: textShape(),
});
export type Manifest = v.InferOutput<typeof manifestShape>;

const receiptShape = v.strictObject({
  ...subject,
  parts: uintShape,
  lengthBytes: uintShape,
  storedBytes: uintShape,
  verdict: verdictShape,
  receivedAtMs: uintShape,
  manifest: hashShape,
  entry: bytesShape(LEAF_MAXIMUM_BYTES),
  proof: textShape(PROOF_MAXIMUM_CHARACTERS),
});
export type Receipt = v.InferOutput<typeof receiptShape>;

const destructionShape = v.strictObject({
  ...subject,
  orderedAtMs: uintShape,
  keyDestroyedAtMs: uintShape,
  objectsDestroyedAtMs: uintShape,
  noBackupAfterMs: uintShape,
  rule: v.strictObject({
    class: textShape(),
    version: uintShape,
    periodDays: uintShape,
    citation: textShape(500),
  }),
  dueAtMs: uintShape,
  entry: bytesShape(LEAF_MAXIMUM_BYTES),
  proof: textShape(PROOF_MAXIMUM_CHARACTERS),
});
export type DestructionCertificate = v.InferOutput<typeof destructionShape>;

/** A parsed statement; its signature is still to be verified with `verifySign1`. */
export interface Parsed<T> {
  readonly value: T;
  readonly sign1: Sign1;
}

function parse<S extends v.GenericSchema>(
  shape: S,
  bytes: Uint8Array,
  type: ContentType,
  what: string,
): Parsed<v.InferOutput<S>> {
  const sign1 = parseSign1(bytes, type, what);
  return { value: checkShape(shape, decodeCbor(sign1.payload, what), what), sign1 };
}

export async function signManifest(manifest: Manifest, signer: Signer): Promise<Bytes> {
  return createSign1(CONTENT_TYPES.manifest, encodeCbor({ ...manifest }), signer);
}
export function parseManifest(bytes: Uint8Array): Parsed<Manifest> {
  return parse(manifestShape, bytes, CONTENT_TYPES.manifest, "The manifest");
}

export async function signReceipt(receipt: Receipt, signer: Signer): Promise<Bytes> {
  return createSign1(CONTENT_TYPES.receipt, encodeCbor({ ...receipt }), signer);
}
export function parseReceipt(bytes: Uint8Array): Parsed<Receipt> {
  return parse(receiptShape, bytes, CONTENT_TYPES.receipt, "The receipt");
}

export async function signDestruction(certificate: DestructionCertificate, signer: Signer): Promise<Bytes> {
  return createSign1(CONTENT_TYPES.destructionCertificate, encodeCbor({ ...certificate }), signer);
}
export function parseDestruction(bytes: Uint8Array): Parsed<DestructionCertificate> {
  return parse(
    destructionShape,
    bytes,
    CONTENT_TYPES.destructionCertificate,
    "The certificate of destruction",
  );
}
