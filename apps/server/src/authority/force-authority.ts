// A force's keys, loaded: it certifies devices, signs receipts and checkpoints, and opens what cameras seal to it.
import { join } from "node:path";
import {
  type Authority,
  type LeafRequest,
  type ParsedCertificate,
  type Revocation,
  type Signer,
  type Validity,
  equalBytes,
  issueCertificate,
  issueRevocationList,
  keySigner,
  parseCertificate,
} from "@sworn/custody";
import { AuthorityError } from "./authority-error.ts";
import { IngestKeys } from "./ingest-keys.ts";
import { readAuthorityFile, readPrivateKey } from "./key-files.ts";

const DAY_MS = 86_400_000;
const DEVICE_YEARS = 5;
/** A verifier offline with an older list is told how old it is; a week is what a force can be expected to renew in. */
const REVOCATION_LIST_DAYS = 7;
const BACKDATED_MS = 3_600_000;

export class ForceAuthority {
  readonly force: Uint8Array;
  readonly anchor: ParsedCertificate;
  /** Signs receipts, manifests, certificates of destruction and ingest keys. */
  readonly service: { readonly certificate: ParsedCertificate; readonly signer: Signer };
  /** Signs checkpoints, Ed25519. */
  readonly ledger: { readonly certificate: ParsedCertificate; readonly privateKey: CryptoKey };
  readonly ingestKeys: IngestKeys;
  readonly #authority: Authority;

  private constructor(
    force: Uint8Array,
    anchor: ForceAuthority["anchor"],
    service: ForceAuthority["service"],
    ledger: ForceAuthority["ledger"],
    keys: { readonly ingestKeys: IngestKeys; readonly authority: Authority },
  ) {
    this.force = force;
    this.anchor = anchor;
    this.service = service;
    this.ledger = ledger;
    this.ingestKeys = keys.ingestKeys;
    this.#authority = keys.authority;
  }

  /** Loads from `folder`. @throws AuthorityError, CustodyError */
  static async load(folder: string, force: Uint8Array): Promise<ForceAuthority> {
    const certificate = async (name: string): Promise<ParsedCertificate> =>
      parseCertificate(await readAuthorityFile(join(folder, `${name}.crt`)));
    const anchor = await certificate("anchor");
    if (!equalBytes(anchor.subjectId, force)) {
      throw new AuthorityError("authority-damaged", `The keys at ${folder} are another force's.`);
    }
    const serviceCertificate = await certificate("service");
    const signer = keySigner(
      await readPrivateKey(join(folder, "service.key"), "P-256"),
      serviceCertificate.hash,
    );
    const ledger = {
      certificate: await certificate("ledger"),
      privateKey: await readPrivateKey(join(folder, "ledger.key"), "Ed25519"),
    };
    const authority = {
      certificate: anchor.der,
      privateKey: await readPrivateKey(join(folder, "anchor.key"), "P-256"),
    };
    const ingestKeys = new IngestKeys(join(folder, "ingest"), force, signer);
    return new ForceAuthority(force, anchor, { certificate: serviceCertificate, signer }, ledger, {
      ingestKeys,
      authority,
    });
  }

  /** Certifies a camera's or a dock's key for five years. */
  async certifyDevice(request: LeafRequest, nowMs: number): Promise<ParsedCertificate> {
    const validity: Validity = {
      notBeforeMs: nowMs - BACKDATED_MS,
      notAfterMs: nowMs + DEVICE_YEARS * 365 * DAY_MS,
    };
    return parseCertificate(await issueCertificate(this.#authority, request, validity));
  }

  /** The force's CRL, DER. `number` must grow with every issue. */
  async revocationList(
    revocations: readonly Revocation[],
    number: number,
    nowMs: number,
  ): Promise<Uint8Array> {
    const times = { number, issuedAtMs: nowMs, nextAtMs: nowMs + REVOCATION_LIST_DAYS * DAY_MS };
    return issueRevocationList(this.#authority, revocations, times);
  }
}
