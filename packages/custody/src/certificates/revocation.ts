// Certificate revocation lists (RFC 5280 §5): issued by the anchor, read by every verifier.
import * as asn1js from "asn1js";
import * as pkijs from "pkijs";
import { type Bytes, fromHex, toHex, unshared } from "../bytes.ts";
import { CustodyError } from "../errors.ts";
import type { Authority } from "./issue.ts";
import { readPkiCertificate } from "./parse.ts";
import { OID } from "./profile.ts";
import { hasOneEncoding } from "./signed-der.ts";

const CRL_MAXIMUM_BYTES = 4 * 1024 * 1024;

export interface Revocation {
  /** Hex of the certificate's serial number. */
  readonly serial: string;
  readonly revokedAtMs: number;
}

/** A CRL that lists `revocations`. `number` must grow with each issue (RFC 5280 §5.2.3). */
export async function issueRevocationList(
  authority: Authority,
  revocations: readonly Revocation[],
  times: { readonly number: number; readonly issuedAtMs: number; readonly nextAtMs: number },
): Promise<Bytes> {
  const list = new pkijs.CertificateRevocationList();
  list.version = 1;
  list.issuer = readPkiCertificate(authority.certificate).subject;
  list.thisUpdate = new pkijs.Time({ value: new Date(times.issuedAtMs) });
  list.nextUpdate = new pkijs.Time({ value: new Date(times.nextAtMs) });
  if (revocations.length > 0) list.revokedCertificates = revocations.map(toRevoked);
  const number = new asn1js.Integer({ value: times.number });
  list.crlExtensions = new pkijs.Extensions({
    extensions: [new pkijs.Extension({ extnID: OID.crlNumber, critical: false, extnValue: number.toBER() })],
  });
  await list.sign(authority.privateKey, "SHA-256");
  const schema = list.toSchema(true) as { toBER(): ArrayBuffer };
  return new Uint8Array(schema.toBER());
}

function toRevoked(revocation: Revocation): pkijs.RevokedCertificate {
  const serial = fromHex(revocation.serial);
  if (!serial)
    throw new CustodyError("certificate-malformed", "A serial number in a revocation is not hexadecimal.");
  return new pkijs.RevokedCertificate({
    userCertificate: new asn1js.Integer({ valueHex: serial.buffer }),
    revocationDate: new pkijs.Time({ value: new Date(revocation.revokedAtMs) }),
  });
}

/** What a CRL says, if `anchor` signed it; null if it did not. @throws CustodyError for bytes that are no CRL */
export async function readRevocationList(
  der: Uint8Array,
  anchor: Uint8Array,
): Promise<{ readonly revocations: readonly Revocation[]; readonly issuedAtMs: number } | null> {
  if (der.length > CRL_MAXIMUM_BYTES) {
    throw new CustodyError("certificate-malformed", "The revocation list is larger than 4 MiB.");
  }
  if (!hasOneEncoding(der)) {
    throw new CustodyError(
      "certificate-malformed",
      "The revocation list is not in DER under ECDSA with SHA-256.",
    );
  }
  let list: pkijs.CertificateRevocationList;
  try {
    list = pkijs.CertificateRevocationList.fromBER(unshared(der));
  } catch (cause) {
    throw new CustodyError("certificate-malformed", "The revocation list is not an X.509 CRL in DER.", {
      cause,
    });
  }
  const issuerCertificate = readPkiCertificate(anchor);
  if (!(await list.verify({ issuerCertificate }).catch(() => false))) return null;
  const revocations = (list.revokedCertificates ?? []).map((revoked) => ({
    serial: toHex(revoked.userCertificate.valueBlock.valueHexView),
    revokedAtMs: revoked.revocationDate.value.getTime(),
  }));
  return { revocations, issuedAtMs: list.thisUpdate.value.getTime() };
}
