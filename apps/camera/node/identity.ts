// Who a camera is: its key, its certificate, its force's anchor and the key to which it seals.
// Everything that came from outside is checked against the anchor before it is used, each time it is read.
import { createPrivateKey, createPublicKey } from "node:crypto";
import {
  type CertificateRole,
  CustodyError,
  type IngestKey,
  type ParsedCertificate,
  type Sign1,
  type Signer,
  equalBytes,
  keySigner,
  parseCertificate,
  parseIngestKey,
  validatePath,
  verifySign1,
} from "@sworn/custody";
import { CameraError } from "./camera-error.ts";
import type { Disk } from "./store/disk.ts";
import type { FolderLayout } from "./store/folder-layout.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };

/** What a force gives a camera. All DER but the ingest key, which is a COSE_Sign1 (evidence format §5). */
export interface Enrolment {
  readonly certificate: Uint8Array;
  readonly anchor: Uint8Array;
  /** The service certificate under which ingest key and receipts are signed. */
  readonly service: Uint8Array;
  readonly ingestKey: Uint8Array;
}

export interface Identity {
  readonly camera: Uint8Array;
  readonly force: Uint8Array;
  readonly certificate: ParsedCertificate;
  readonly anchor: Uint8Array;
  readonly service: ParsedCertificate;
  readonly ingestKey: IngestKey;
  readonly signer: Signer;
}

/** A new key pair: PKCS#8 for the folder, SubjectPublicKeyInfo for the certificate. */
export async function newKey(): Promise<{ readonly pkcs8: Uint8Array; readonly spki: Uint8Array }> {
  const pair = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  return {
    pkcs8: new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey)),
    spki: new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey)),
  };
}

/** The public key of a stored private key, as SubjectPublicKeyInfo. */
export function publicKeyOf(pkcs8: Uint8Array): Uint8Array {
  const key = createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" });
  return new Uint8Array(createPublicKey(key).export({ format: "der", type: "spki" }));
}

export async function readKey(disk: Disk, layout: FolderLayout): Promise<Uint8Array> {
  const pkcs8 = await disk.readWhole(layout.privateKey);
  if (!pkcs8) {
    throw new CameraError(
      "folder-missing",
      `There is no camera in ${layout.root}. Make one with “sworn camera enrol”.`,
    );
  }
  return pkcs8;
}

/** Checks an enrolment at `atMs` (null: without regard to the time, because a camera's clock may be dead). */
export async function checkEnrolment(
  enrolment: Enrolment,
  pkcs8: Uint8Array,
  atMs: number | null,
): Promise<Identity> {
  try {
    return await check(enrolment, pkcs8, atMs);
  } catch (cause) {
    if (!(cause instanceof CustodyError)) throw cause;
    throw new CameraError("enrolment-invalid", `The enrolment cannot be used. ${cause.message}`, { cause });
  }
}

async function check(enrolment: Enrolment, pkcs8: Uint8Array, atMs: number | null): Promise<Identity> {
  const anchor = await parseCertificate(enrolment.anchor);
  const certificate = await trusted(enrolment.certificate, enrolment.anchor, "camera", atMs);
  const service = await trusted(enrolment.service, enrolment.anchor, "service", atMs);
  if (!equalBytes(certificate.spki, publicKeyOf(pkcs8)))
    throw invalid("the certificate is for another camera's key");
  const { key, sign1 } = parseIngestKey(enrolment.ingestKey);
  if (!equalBytes(sign1.certificateHash, service.hash) || !(await verifySign1(sign1, service.publicKey))) {
    throw invalid("the ingest key is not signed by the force's service");
  }
  if (!equalBytes(key.force, anchor.subjectId)) throw invalid("the ingest key is another force's");
  const privateKey = await crypto.subtle.importKey("pkcs8", new Uint8Array(pkcs8), ALGORITHM, false, [
    "sign",
  ]);
  return {
    ...{ camera: certificate.subjectId, force: anchor.subjectId, certificate, service, ingestKey: key },
    anchor: enrolment.anchor,
    signer: keySigner(privateKey, certificate.hash),
  };
}

async function trusted(
  der: Uint8Array,
  anchor: Uint8Array,
  role: CertificateRole,
  atMs: number | null,
): Promise<ParsedCertificate> {
  const certificate = await parseCertificate(der);
  const path = await validatePath(certificate, [anchor], { role, atMs: atMs ?? certificate.notBeforeMs });
  if (path.kind === "invalid") throw invalid(`the ${role} certificate is not valid. ${path.message}`);
  return certificate;
}

function invalid(reason: string): CameraError {
  return new CameraError("enrolment-invalid", `The enrolment cannot be used: ${reason}.`);
}

/** True if a certificate for `role`, one of `certificates` (DER), leads to the anchor and signed `sign1`. */
export async function signedBelowAnchor(
  sign1: Sign1,
  certificates: readonly Uint8Array[],
  anchor: Uint8Array,
  options: { readonly role: CertificateRole; readonly atMs: number },
): Promise<boolean> {
  for (const der of certificates) {
    const certificate = await parseCertificate(der);
    if (!equalBytes(certificate.hash, sign1.certificateHash)) continue;
    const path = await validatePath(certificate, [anchor], options);
    return path.kind === "valid" && (await verifySign1(sign1, certificate.publicKey));
  }
  return false;
}

/** @throws CameraError `not-enrolled`, `enrolment-invalid` */
export async function readIdentity(disk: Disk, layout: FolderLayout): Promise<Identity> {
  const pkcs8 = await readKey(disk, layout);
  const [certificate, anchor, service, ingestKey] = await Promise.all(
    [layout.certificate, layout.anchor, layout.service, layout.ingestKey].map((path) => disk.readWhole(path)),
  );
  if (!certificate || !anchor || !service || !ingestKey) {
    throw new CameraError(
      "not-enrolled",
      `The camera in ${layout.root} has no certificate yet. Enrol it with “sworn camera enrol”.`,
    );
  }
  return checkEnrolment({ certificate, anchor, service, ingestKey }, pkcs8, null);
}
