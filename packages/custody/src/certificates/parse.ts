// Reads X.509 certificates of the profile. Parsing is not trusting: see validate-path.ts.
import * as pkijs from "pkijs";
import { type Bytes, toHex, unshared } from "../bytes.ts";
import { sha256 } from "../digest.ts";
import { CustodyError } from "../errors.ts";
import { parseId } from "../ids.ts";
import { type CertificateRole, OID, URI_NAME, roleOfOid } from "./profile.ts";
import { hasOneEncoding } from "./signed-der.ts";

const CERTIFICATE_MAXIMUM_BYTES = 16 * 1024;
const URN = "urn:uuid:";

/** A certificate as it was read; nothing about it is verified yet. */
export interface ParsedCertificate {
  readonly der: Bytes;
  /** SHA-256 of `der`: what `x5t` names. */
  readonly hash: Bytes;
  readonly commonName: string;
  /** From `extendedKeyUsage`; null for an authority. */
  readonly role: CertificateRole | null;
  readonly isAuthority: boolean;
  /** The UUID in `subjectAltName`: the force's, camera's or dock's id. */
  readonly subjectId: Bytes;
  /** Hex of the serial number, which revocation names. */
  readonly serial: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** P-256 or Ed25519, ready for WebCrypto `verify`. */
  readonly publicKey: CryptoKey;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Bytes;
}

function malformed(reason: string, cause?: unknown): CustodyError {
  return new CustodyError("certificate-malformed", `The certificate cannot be used: ${reason}.`, { cause });
}

/** The library's own object, for path validation. @throws CustodyError `certificate-malformed` */
export function readPkiCertificate(der: Uint8Array): pkijs.Certificate {
  if (der.length > CERTIFICATE_MAXIMUM_BYTES) throw malformed("it is larger than 16 KiB");
  // The parser is lenient about what surrounds the signed part; one certificate must have one encoding.
  if (!hasOneEncoding(der)) throw malformed("it is not in DER under ECDSA with SHA-256");
  try {
    return pkijs.Certificate.fromBER(unshared(der));
  } catch (cause) {
    throw malformed("it is not an X.509 certificate", cause);
  }
}

/** @throws CustodyError `certificate-malformed` for anything outside the profile */
export async function parseCertificate(der: Uint8Array): Promise<ParsedCertificate> {
  const certificate = readPkiCertificate(der);
  let spki: Bytes;
  let publicKey: CryptoKey;
  try {
    spki = new Uint8Array(certificate.subjectPublicKeyInfo.toSchema().toBER());
    publicKey = await importPublicKey(spki, certificate.subjectPublicKeyInfo.algorithm.algorithmId);
  } catch (cause) {
    throw cause instanceof CustodyError
      ? cause
      : malformed("its public key is neither P-256 nor Ed25519", cause);
  }
  return {
    der: new Uint8Array(der),
    hash: await sha256(der),
    commonName: commonNameOf(certificate),
    role: roleOf(certificate),
    isAuthority: isAuthority(certificate),
    subjectId: subjectIdOf(certificate),
    serial: toHex(certificate.serialNumber.valueBlock.valueHexView),
    notBeforeMs: certificate.notBefore.value.getTime(),
    notAfterMs: certificate.notAfter.value.getTime(),
    publicKey,
    spki,
  };
}

/** Imports SubjectPublicKeyInfo for verification. `algorithmId` 1.2.840.10045.2.1 is EC, 1.3.101.112 Ed25519 (RFC 8410). */
async function importPublicKey(spki: Bytes, algorithmId: string): Promise<CryptoKey> {
  const algorithm =
    algorithmId === "1.3.101.112" ? { name: "Ed25519" } : { name: "ECDSA", namedCurve: "P-256" };
  return crypto.subtle.importKey("spki", spki, algorithm, true, ["verify"]);
}

function extension(certificate: pkijs.Certificate, oid: string): unknown {
  return certificate.extensions?.find((candidate) => candidate.extnID === oid)?.parsedValue;
}

function commonNameOf(certificate: pkijs.Certificate): string {
  const name = certificate.subject.typesAndValues.find((pair) => pair.type === OID.commonName);
  const value: unknown = name?.value.valueBlock.value;
  return typeof value === "string" ? value : "";
}

function isAuthority(certificate: pkijs.Certificate): boolean {
  const constraints = extension(certificate, OID.basicConstraints);
  return constraints instanceof pkijs.BasicConstraints && constraints.cA;
}

function roleOf(certificate: pkijs.Certificate): CertificateRole | null {
  const usage = extension(certificate, OID.extendedKeyUsage);
  if (!(usage instanceof pkijs.ExtKeyUsage)) return null;
  const roles = usage.keyPurposes.map(roleOfOid).filter((role) => role !== null);
  return roles.length === 1 ? (roles[0] ?? null) : null;
}

function subjectIdOf(certificate: pkijs.Certificate): Bytes {
  const names = extension(certificate, OID.subjectAltName);
  const uri =
    names instanceof pkijs.AltName
      ? names.altNames.find((name) => name.type === URI_NAME && String(name.value).startsWith(URN))
      : undefined;
  if (!uri) throw malformed("its subjectAltName holds no urn:uuid");
  return parseId(String(uri.value).slice(URN.length));
}
