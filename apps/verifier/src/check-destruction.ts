// `destruction`: the master behind this copy was destroyed, by whose order and under which rule, as the ledger shows.
import { attempt } from "./load-evidence.ts";
import { decodeLeaf } from "@sworn/custody";
import { type Finding, conclude } from "./check.ts";
import { verifyProof } from "./check-inclusion.ts";
import { serviceSignature } from "./check-statements.ts";
import type { Evidence } from "./load-evidence.ts";
import type { Check } from "./report.ts";
import { type Subject, receiptOf, sameId } from "./subject.ts";
import { showDate } from "./show.ts";

/** Null if the export has no certificate of destruction. */
export async function checkDestruction(evidence: Evidence, subject: Subject): Promise<Check | null> {
  const { destruction } = evidence;
  if (destruction.kind === "absent") return null;
  if (destruction.kind === "bad") {
    return conclude("destruction", { findings: [{ fault: "altered", text: destruction.reason }], good: "" });
  }
  const { value, sign1 } = destruction.value;
  const what = "the certificate of destruction";
  const findings: Finding[] = await serviceSignature(sign1, evidence.certificates.service, what);
  const receipt = receiptOf(evidence);
  const same =
    sameId(value.recording, subject.recording) &&
    (!receipt || (sameId(value.identity, receipt.identity) && sameId(value.force, receipt.force)));
  if (!same)
    findings.push({ fault: "altered", text: "The certificate of destruction is of another recording." });
  const proof = await verifyProof(value.entry, value.proof, value.force, evidence.certificates.ledger);
  if (proof.kind === "failed") findings.push(proof.finding);
  const leaf = await attempt(() => decodeLeaf(value.entry));
  if (leaf.kind === "bad") findings.push({ fault: "altered", text: leaf.reason });
  const { class: name, periodDays, citation } = value.rule;
  const good = `The force destroyed its master at ${showDate(value.keyDestroyedAtMs)} under “${name}” (${periodDays} days; ${citation}). This copy is not affected.`;
  return conclude("destruction", { findings, good });
}
