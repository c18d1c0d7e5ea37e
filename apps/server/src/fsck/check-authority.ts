// The force's keys and certificates: they can be read, belong together, and lead to the anchor.
import { CustodyError, validatePath, type ParsedCertificate } from "@sworn/custody";
import { AuthorityError, ledgerOrigin, type ForceAuthority } from "../authority/index.ts";
import { createSigner, createVerifier, LedgerError, type NoteVerifier } from "@sworn/ledger";
import { equalBytes } from "@sworn/custody";
import type { FsckPorts, ForceCheck, Tally } from "./ports.ts";
import { messageOf } from "./subjects.ts";

/** Null: it cannot be read, which was told. */
export async function readAuthority(
  ports: Pick<FsckPorts, "authorityOf">,
  force: { readonly bytes: Uint8Array; readonly name: string },
  tally: Tally,
): Promise<ForceAuthority | null> {
  try {
    return await ports.authorityOf(force.bytes);
  } catch (error) {
    if (!(error instanceof AuthorityError) && !(error instanceof CustodyError)) throw error;
    const subject = { type: "file", id: `authority/${force.name}` } as const;
    tally.tell({
      kind: "authority-damaged",
      subject,
      message: `The keys of force ${force.name}: ${messageOf(error)}`,
    });
    return null;
  }
}

export async function checkAuthority(check: ForceCheck): Promise<void> {
  const { authority, forceId } = check;
  if (authority === null) return;
  const tell = (name: string, message: string): void => {
    check.tell({
      kind: "certificate-invalid",
      subject: { type: "file", id: `authority/${forceId}/${name}` },
      message,
    });
  };
  const leaves: readonly [name: "service" | "ledger", certificate: ParsedCertificate][] = [
    ["service", authority.service.certificate],
    ["ledger", authority.ledger.certificate],
  ];
  for (const [role, certificate] of leaves) {
    check.looked("certificates");
    const path = await validatePath(certificate, [authority.anchor.der], {
      role,
      atMs: check.ports.clock.nowMs(),
    });
    if (path.kind === "invalid") tell(`${role}.crt`, `The ${role}'s certificate: ${path.message}`);
    else if (!equalBytes(certificate.subjectId, check.force))
      tell(`${role}.crt`, `The ${role}'s certificate is another force's.`);
  }
  const trial = new Uint8Array(1);
  const signature = await authority.service.signer.sign(trial);
  const { publicKey } = authority.service.certificate;
  const isOwn = await crypto.subtle.verify(
    { name: "ECDSA", hash: "SHA-256" },
    publicKey,
    new Uint8Array(signature),
    trial,
  );
  if (!isOwn) tell("service.key", "The service's private key does not belong to its certificate.");
  try {
    const name = ledgerOrigin(check.force);
    await createSigner({
      name,
      type: "ed25519",
      publicKey: await rawKey(authority),
      privateKey: authority.ledger.privateKey,
    });
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    tell("ledger.key", `The log's private key: ${error.message}.`);
  }
}

/** What verifies checkpoints of the force's log. */
export async function logVerifier(authority: ForceAuthority, force: Uint8Array): Promise<NoteVerifier> {
  return createVerifier({ name: ledgerOrigin(force), type: "ed25519", publicKey: await rawKey(authority) });
}

async function rawKey(authority: ForceAuthority): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.exportKey("raw", authority.ledger.certificate.publicKey));
}
