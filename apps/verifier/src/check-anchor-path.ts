// `anchor-path`: each signer's certificate leads to a given anchor of this very force, in the role it acts in.
import { type CertificateRole, type ParsedCertificate, formatId, validatePath } from "@sworn/custody";
import { type Finding, conclude, notChecked } from "./check.ts";
import type { Evidence, Loaded } from "./load-evidence.ts";
import type { Check } from "./report.ts";
import { type Subject, sameId } from "./subject.ts";

export interface PathsResult {
  readonly check: Check;
  /** The anchors that a certificate led to. */
  readonly anchors: readonly ParsedCertificate[];
}

export interface PathOptions {
  readonly anchors: readonly ParsedCertificate[];
  readonly atMs: number;
}

type Signer = Extract<CertificateRole, "camera" | "service" | "ledger">;

export async function checkAnchorPaths(
  evidence: Evidence,
  subject: Subject,
  options: PathOptions,
): Promise<PathsResult> {
  if (options.anchors.length === 0) {
    const detail =
      "No anchor was given: nobody's signature can be trusted. Ask the force, or the court, for its anchor.";
    return { check: notChecked("anchor-path", detail, "untrusted"), anchors: [] };
  }
  const roles: Signer[] = subject.attested ? ["camera", "service", "ledger"] : ["service", "ledger"];
  const findings: Finding[] = [];
  const anchors: ParsedCertificate[] = [];
  for (const role of roles) {
    const loaded = evidence.certificates[role];
    const outcome = await followPath(role, loaded, subject, options);
    if (typeof outcome === "string") findings.push({ fault: "untrusted", text: outcome });
    else anchors.push(outcome);
  }
  const names = [...new Set(anchors.map(({ commonName }) => commonName))].map((name) => `“${name}”`);
  const good = `${list(roles)} are certified by ${names.join(" and ")}.`;
  return { check: conclude("anchor-path", { findings, good: capital(good) }), anchors };
}

/** The anchor that the certificate leads to, or why it leads to none. */
async function followPath(
  role: Signer,
  loaded: Loaded<ParsedCertificate>,
  subject: Subject,
  { anchors, atMs }: PathOptions,
): Promise<ParsedCertificate | string> {
  if (loaded.kind === "absent")
    return `The certificate of the ${role} is missing (certificates/${role}.pem).`;
  if (loaded.kind === "bad") return `The certificate of the ${role}: ${loaded.reason}`;
  const { value: leaf } = loaded;
  const owner = role === "camera" ? subject.camera : subject.force;
  if (owner && !sameId(leaf.subjectId, owner)) {
    return `The certificate of the ${role} is for ${formatId(leaf.subjectId)}, not for ${formatId(owner)}.`;
  }
  let reason = "";
  for (const anchor of anchors) {
    const path = await validatePath(leaf, [anchor.der], { role, atMs });
    if (path.kind === "invalid") {
      reason ||= path.message;
      continue;
    }
    // An anchor vouches for its own force only, though several may be given.
    if (!subject.force || sameId(path.anchor.subjectId, subject.force)) return path.anchor;
    reason = `It leads to “${path.anchor.commonName}”, which is another force's anchor.`;
  }
  return `The certificate of the ${role} is not trusted. ${reason}`;
}

function list(roles: readonly string[]): string {
  return `${roles.slice(0, -1).join(", ")} and ${roles.at(-1) ?? ""}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
