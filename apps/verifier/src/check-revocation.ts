// `revocation`: what a certificate signed stays good only if a receipt from before its revocation covers it, because a
// thief who has the key can write any date, but not into the ledger.
import { type ParsedCertificate, type Revocation, readRevocationList } from "@sworn/custody";
import { type Finding, conclude, notChecked } from "./check.ts";
import { type Evidence, attempt } from "./load-evidence.ts";
import type { Check } from "./report.ts";
import type { Subject } from "./subject.ts";
import { showDate } from "./show.ts";

/** A force signs its list anew at least daily; an older one could hide a revocation from before the receipt. */
const LIST_AGE_MS = 86_400_000 + 3_600_000;

export async function checkRevocation(
  evidence: Evidence,
  subject: Subject,
  facts: {
    readonly anchors: readonly ParsedCertificate[];
    /** When the ledger took the receipt's entry; null if no good receipt covers the recording. */
    readonly coveredAtMs: number | null;
  },
): Promise<Check> {
  const { revocationList } = evidence;
  if (facts.anchors.length === 0) {
    return notChecked(
      "revocation",
      "No anchor vouches for the certificates, so none can say they were revoked.",
      "untrusted",
    );
  }
  if (revocationList.kind === "absent") {
    const detail =
      "The list of revoked certificates is missing (certificates/revoked.crl). Ask the force for it.";
    return notChecked("revocation", detail, "untrusted");
  }
  if (revocationList.kind === "bad") {
    return conclude("revocation", {
      findings: [{ fault: "untrusted", text: revocationList.reason }],
      good: "",
    });
  }
  const read = await readList(revocationList.value, facts.anchors);
  if (typeof read === "string") {
    return conclude("revocation", { findings: [{ fault: "untrusted", text: read }], good: "" });
  }
  const findings: Finding[] = [];
  const warnings: string[] = [];
  const { coveredAtMs } = facts;
  if (coveredAtMs !== null && read.issuedAtMs < coveredAtMs - LIST_AGE_MS) {
    const text = `The list of revoked certificates is of ${showDate(read.issuedAtMs)}, older than the receipt: a later revocation may lack. Ask the force for a newer list.`;
    findings.push({ fault: "untrusted", text });
  }
  const roles = subject.attested
    ? (["camera", "service", "ledger"] as const)
    : (["service", "ledger"] as const);
  for (const role of roles) {
    const loaded = evidence.certificates[role];
    if (loaded.kind !== "ok") continue;
    const revoked = read.revocations.find(({ serial }) => sameSerial(serial, loaded.value.serial));
    if (!revoked) continue;
    const what = `The certificate of the ${role} was revoked at ${showDate(revoked.revokedAtMs)}`;
    if (coveredAtMs !== null && coveredAtMs < revoked.revokedAtMs) {
      warnings.push(
        `${what}, after the receipt of ${showDate(coveredAtMs)}: what it signed before stays good.`,
      );
    } else {
      const why =
        coveredAtMs === null
          ? "and no good receipt from before covers the recording"
          : `before the receipt of ${showDate(coveredAtMs)}`;
      findings.push({ fault: "untrusted", text: `${what}, ${why}.` });
    }
  }
  const count = read.revocations.length;
  const others = count === 0 ? "none is revoked" : `${count} revoked, none of them before it signed this`;
  const good = `By the force's list of ${showDate(read.issuedAtMs)}: ${others}.`;
  return conclude("revocation", { findings, good, warnings });
}

/** Leading zeros carry no value in a serial number (RFC 5280 §4.1.2.2). */
function sameSerial(a: string, b: string): boolean {
  return a.replace(/^0+/, "") === b.replace(/^0+/, "");
}

async function readList(
  der: Uint8Array,
  anchors: readonly ParsedCertificate[],
): Promise<{ revocations: readonly Revocation[]; issuedAtMs: number } | string> {
  for (const anchor of anchors) {
    const read = await attempt(() => readRevocationList(der, anchor.der));
    if (read.kind === "bad") return read.reason;
    if (read.value) return read.value;
  }
  return "The list of revoked certificates is not signed by the force's anchor: it was changed, or is another's.";
}
