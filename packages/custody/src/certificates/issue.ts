// Issues certificates of the profile: the force's anchor, and what stands below it.
import * as asn1js from "asn1js";
import * as pkijs from "pkijs";
import { type Bytes, unshared } from "../bytes.ts";
import { formatId } from "../ids.ts";
import { readPkiCertificate } from "./parse.ts";
import { type CertificateRole, OID, URI_NAME, roleOid } from "./profile.ts";

const KEY_CERT_SIGN_AND_CRL_SIGN = 0x06;
const DIGITAL_SIGNATURE = 0x80;
const CRL_REASON_UNUSED_BITS = 0;

export interface Validity {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** A force's authority, able to sign: its own certificate and its P-256 private key. */
export interface Authority {
  readonly certificate: Uint8Array;
  readonly privateKey: CryptoKey;
}

/** 127 random bits, positive (RFC 5280 §4.1.2.2). */
function newSerial(): asn1js.Integer {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return new asn1js.Integer({ valueHex: bytes.buffer });
}

function named(commonName: string): pkijs.RelativeDistinguishedNames {
  const pair = new pkijs.AttributeTypeAndValue({
    type: OID.commonName,
    value: new asn1js.Utf8String({ value: commonName }),
  });
  return new pkijs.RelativeDistinguishedNames({ typesAndValues: [pair] });
}

function extension(
  oid: string,
  critical: boolean,
  schema: { toBER(): ArrayBuffer },
  parsedValue?: unknown,
): pkijs.Extension {
  return new pkijs.Extension({
    extnID: oid,
    critical,
    extnValue: schema.toBER(),
    ...(parsedValue === undefined ? {} : { parsedValue }),
  });
}

function keyUsage(bits: number): pkijs.Extension {
  const value = new asn1js.BitString({
    valueHex: new Uint8Array([bits]).buffer,
    unusedBits: CRL_REASON_UNUSED_BITS,
  });
  return extension(OID.keyUsage, true, value);
}

function alternativeName(id: Uint8Array): pkijs.Extension {
  const name = new pkijs.GeneralName({ type: URI_NAME, value: `urn:uuid:${formatId(id)}` });
  return extension(OID.subjectAltName, false, new pkijs.GeneralNames({ names: [name] }).toSchema());
}

/** UTCTime until 2049, GeneralizedTime from 2050 (RFC 5280 §4.1.2.5). */
function certificateTime(ms: number): pkijs.Time {
  const value = new Date(ms);
  return new pkijs.Time({
    value,
    type: value.getUTCFullYear() < 2050 ? pkijs.TimeType.UTCTime : pkijs.TimeType.GeneralizedTime,
  });
}

function draft(commonName: string, validity: Validity): pkijs.Certificate {
  const certificate = new pkijs.Certificate();
  certificate.version = 2;
  certificate.serialNumber = newSerial();
  certificate.subject = named(commonName);
  certificate.notBefore = certificateTime(validity.notBeforeMs);
  certificate.notAfter = certificateTime(validity.notAfterMs);
  return certificate;
}

async function finish(certificate: pkijs.Certificate, key: CryptoKey): Promise<Bytes> {
  await certificate.sign(key, "SHA-256");
  return new Uint8Array(certificate.toSchema(true).toBER());
}

/** A self-signed anchor for a force. `keys` are an ECDSA P-256 pair. */
export async function issueAnchor(
  force: { readonly id: Uint8Array; readonly name: string },
  keys: CryptoKeyPair,
  validity: Validity,
): Promise<Bytes> {
  const certificate = draft(force.name, validity);
  certificate.issuer = named(force.name);
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey);
  const authority = new pkijs.BasicConstraints({ cA: true, pathLenConstraint: 0 });
  certificate.extensions = [
    extension(OID.basicConstraints, true, authority.toSchema(), authority),
    keyUsage(KEY_CERT_SIGN_AND_CRL_SIGN),
    alternativeName(force.id),
  ];
  return finish(certificate, keys.privateKey);
}

export interface LeafRequest {
  readonly role: CertificateRole;
  readonly subjectId: Uint8Array;
  readonly commonName: string;
  /** SubjectPublicKeyInfo, DER: P-256, or Ed25519 for the ledger. */
  readonly spki: Uint8Array;
}

/** A certificate below `authority`. */
export async function issueCertificate(
  authority: Authority,
  request: LeafRequest,
  validity: Validity,
): Promise<Bytes> {
  const issuer = readPkiCertificate(authority.certificate);
  const certificate = draft(request.commonName, validity);
  certificate.issuer = issuer.subject;
  certificate.subjectPublicKeyInfo = pkijs.PublicKeyInfo.fromBER(unshared(request.spki));
  const usage = new pkijs.ExtKeyUsage({ keyPurposes: [roleOid(request.role)] });
  certificate.extensions = [
    extension(OID.basicConstraints, true, new pkijs.BasicConstraints({ cA: false }).toSchema()),
    keyUsage(DIGITAL_SIGNATURE),
    extension(OID.extendedKeyUsage, true, usage.toSchema()),
    alternativeName(request.subjectId),
  ];
  return finish(certificate, authority.privateKey);
}
