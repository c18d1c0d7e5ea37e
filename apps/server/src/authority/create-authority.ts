// Makes a force's keys once: anchor, service, ledger. Crash at any point: the folder's name appears last, whole.
import { randomBytes } from "node:crypto";
import { rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Authority, formatId, issueAnchor, issueCertificate } from "@sworn/custody";
import { makeFolderDurably, syncFolder, writeDurably } from "../platform/durable-file.ts";
import { AuthorityError } from "./authority-error.ts";
import { exportSpki, generateKeys, writePrivateKey } from "./key-files.ts";

const YEAR_MS = 365.25 * 86_400_000;
/** A recording may be evidence for a lifetime: its anchor must outlive the case. */
const ANCHOR_YEARS = 30;
const LEAF_YEARS = 10;
/** Clocks of verifiers differ; a certificate begins a little before it was made. */
const BACKDATED_MS = 3_600_000;

export interface ForceName {
  /** 16 bytes. */
  readonly id: Uint8Array;
  readonly name: string;
}

/** The log's origin: the name in its checkpoints (C2SP tlog-checkpoint). */
export function ledgerOrigin(force: Uint8Array): string {
  return `sworn/${formatId(force)}`;
}

/** Makes the authority below `folder`. @throws AuthorityError `authority-exists` */
export async function createAuthority(folder: string, force: ForceName, nowMs: number): Promise<void> {
  const parent = dirname(folder);
  const draft = join(parent, `.${basename(folder)}.${randomBytes(6).toString("hex")}`);
  await makeFolderDurably(draft);
  const from = nowMs - BACKDATED_MS;
  const validFor = (years: number) => ({ notBeforeMs: from, notAfterMs: from + years * YEAR_MS });

  const anchorKeys = await generateKeys("P-256");
  const anchor = await issueAnchor(force, anchorKeys, validFor(ANCHOR_YEARS));
  const authority: Authority = { certificate: anchor, privateKey: anchorKeys.privateKey };
  await writePrivateKey(join(draft, "anchor.key"), anchorKeys.privateKey);
  await writeDurably(join(draft, "anchor.crt"), anchor);

  const roles = [
    { role: "service", algorithm: "P-256", commonName: `${force.name}, evidence service` },
    { role: "ledger", algorithm: "Ed25519", commonName: ledgerOrigin(force.id) },
  ] as const;
  for (const { role, algorithm, commonName } of roles) {
    const keys = await generateKeys(algorithm);
    const request = { role, subjectId: force.id, commonName, spki: await exportSpki(keys.publicKey) };
    await writePrivateKey(join(draft, `${role}.key`), keys.privateKey);
    await writeDurably(
      join(draft, `${role}.crt`),
      await issueCertificate(authority, request, validFor(LEAF_YEARS)),
    );
  }
  await makeFolderDurably(join(draft, "ingest"));
  try {
    await rename(draft, folder);
  } catch (cause) {
    throw new AuthorityError("authority-exists", `The force has its keys already, at ${folder}.`, cause);
  }
  await syncFolder(parent);
}
