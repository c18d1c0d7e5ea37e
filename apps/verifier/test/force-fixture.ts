// A force for tests: its anchor and what the anchor certifies, with real keys.
import {
  type Authority,
  type CertificateRole,
  type ParsedCertificate,
  type Revocation,
  type Signer,
  formatId,
  issueAnchor,
  issueCertificate,
  issueRevocationList,
  keySigner,
  newId,
  parseCertificate,
} from "@sworn/custody";
import { type NoteSigner, createSigner } from "@sworn/ledger";

export const DAY_MS = 86_400_000;
export const NOW_MS = Date.UTC(2026, 10, 20, 9, 30);

export interface Signing {
  readonly certificate: ParsedCertificate;
  readonly signer: Signer;
}

export interface Force {
  readonly id: Uint8Array;
  readonly anchor: Uint8Array;
  readonly authority: Authority;
  readonly cameraId: Uint8Array;
  readonly camera: Signing;
  readonly service: Signing;
  readonly ledgerCertificate: ParsedCertificate;
  readonly ledger: NoteSigner;
  readonly crl: (revocations: readonly Revocation[], issuedAtMs?: number) => Promise<Uint8Array>;
}

const P256 = { name: "ECDSA", namedCurve: "P-256" };
const VALIDITY = { notBeforeMs: NOW_MS - 100 * DAY_MS, notAfterMs: NOW_MS + 200 * DAY_MS };

async function certify(
  authority: Authority,
  role: CertificateRole,
  subjectId: Uint8Array,
  commonName: string,
): Promise<{ certificate: ParsedCertificate; keys: CryptoKeyPair }> {
  const algorithm = role === "ledger" ? { name: "Ed25519" } : P256;
  const keys = (await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as CryptoKeyPair;
  const spki = new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey));
  const der = await issueCertificate(authority, { role, subjectId, commonName, spki }, VALIDITY);
  return { certificate: await parseCertificate(der), keys };
}

async function certifySigner(
  authority: Authority,
  role: CertificateRole,
  subjectId: Uint8Array,
  commonName: string,
): Promise<Signing> {
  const { certificate, keys } = await certify(authority, role, subjectId, commonName);
  return { certificate, signer: keySigner(keys.privateKey, certificate.hash) };
}

export async function newForce(name = "Metropolitan Police"): Promise<Force> {
  const keys = await crypto.subtle.generateKey(P256, true, ["sign", "verify"]);
  const id = newId();
  const anchor = await issueAnchor({ id, name }, keys, {
    notBeforeMs: VALIDITY.notBeforeMs - DAY_MS,
    notAfterMs: VALIDITY.notAfterMs + 3650 * DAY_MS,
  });
  const authority = { certificate: anchor, privateKey: keys.privateKey };
  const cameraId = newId();
  const origin = `sworn/${formatId(id)}`;
  const ledger = await certify(authority, "ledger", id, origin);
  return {
    id,
    anchor,
    authority,
    cameraId,
    camera: await certifySigner(authority, "camera", cameraId, "Camera 0001"),
    service: await certifySigner(authority, "service", id, `${name}, evidence service`),
    ledgerCertificate: ledger.certificate,
    ledger: await createSigner({
      name: origin,
      type: "ed25519",
      publicKey: new Uint8Array(await crypto.subtle.exportKey("raw", ledger.keys.publicKey)),
      privateKey: ledger.keys.privateKey,
    }),
    crl: (revocations, issuedAtMs = NOW_MS + 3_600_000) =>
      issueRevocationList(authority, revocations, {
        number: 1,
        issuedAtMs,
        nextAtMs: issuedAtMs + 7 * DAY_MS,
      }),
  };
}
