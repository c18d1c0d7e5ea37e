// The certificate profile (evidence format §3): object identifiers and what each role's certificate must carry.
import * as asn1js from "asn1js";
import { toHex } from "../bytes.ts";

export const ROLES = ["camera", "service", "ledger", "dock"] as const;
export type CertificateRole = (typeof ROLES)[number];

/** A UUID arc (ITU-T X.667) needs no registrar. */
const ARC = "2.25.88146103352024721192316989872497561105";
const ROLE_OIDS: Readonly<Record<CertificateRole, string>> = {
  camera: `${ARC}.1`,
  service: `${ARC}.2`,
  ledger: `${ARC}.3`,
  dock: `${ARC}.4`,
};

export const OID = {
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  keyUsage: "2.5.29.15",
  extendedKeyUsage: "2.5.29.37",
  subjectKeyIdentifier: "2.5.29.14",
  crlNumber: "2.5.29.20",
  commonName: "2.5.4.3",
} as const;

export const URI_NAME = 6;

export function roleOid(role: CertificateRole): string {
  return ROLE_OIDS[role];
}

// asn1js prints large arcs in a form of its own: identifiers are compared by their encoding.
const encoded = (oid: string): string =>
  toHex(new Uint8Array(new asn1js.ObjectIdentifier({ value: oid }).toBER()));
const byEncoding = new Map(
  ROLES.flatMap((role) => {
    const wire = encoded(ROLE_OIDS[role]);
    const read = asn1js.fromBER(new asn1js.ObjectIdentifier({ value: ROLE_OIDS[role] }).toBER()).result;
    const printed = read instanceof asn1js.ObjectIdentifier ? read.valueBlock.toString() : "";
    return [
      [wire, role],
      [printed, role],
      [ROLE_OIDS[role], role],
    ] as const;
  }),
);

/** The role that an extended-key-usage identifier, as the parser prints it, stands for. */
export function roleOfOid(printed: string): CertificateRole | null {
  return byEncoding.get(printed) ?? null;
}
