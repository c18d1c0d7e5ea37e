// `manifest` and `receipt`: what the force's service signed about the recording, and whether it agrees with itself.
import {
  type Manifest,
  type ParsedCertificate,
  type Receipt,
  type Sign1,
  equalBytes,
  masterIdentity,
  partFromRow,
  sha256,
  totalBytes,
  verifySign1,
} from "@sworn/custody";
import { type Finding, conclude, notChecked } from "./check.ts";
import type { Evidence, Loaded } from "./load-evidence.ts";
import type { Check } from "./report.ts";
import { type Subject, manifestOf, sameId } from "./subject.ts";
import { showDate } from "./show.ts";

/** Findings about the service's signature over `what`. */
export async function serviceSignature(
  sign1: Sign1,
  service: Loaded<ParsedCertificate>,
  what: string,
): Promise<Finding[]> {
  if (service.kind !== "ok") {
    return [
      { fault: "untrusted", text: `Without the certificate of the service nobody vouches for ${what}.` },
    ];
  }
  if (!equalBytes(sign1.certificateHash, service.value.hash)) {
    const text = `${capital(what)} is signed under another certificate than the one in the export.`;
    return [{ fault: "untrusted", text }];
  }
  if (
    service.value.publicKey.algorithm.name === "ECDSA" &&
    (await verifySign1(sign1, service.value.publicKey))
  )
    return [];
  return [
    {
      fault: "altered",
      text: `The signature of ${what} does not fit: it was altered, or somebody else signed it.`,
    },
  ];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function unusable(
  id: "manifest" | "receipt",
  loaded: { kind: "absent" } | { kind: "bad"; reason: string },
): Check {
  if (loaded.kind === "absent") {
    const use =
      id === "receipt" ? "that the force received the recording, and when" : "what the force stored";
    return notChecked(id, `The ${id} is missing (${id}.cose): nothing shows ${use}.`, "incomplete");
  }
  return conclude(id, { findings: [{ fault: "altered", text: loaded.reason }], good: "" });
}

export async function checkManifest(evidence: Evidence, subject: Subject): Promise<Check> {
  const { manifest } = evidence;
  if (manifest.kind !== "ok") return unusable("manifest", manifest);
  const { value, sign1 } = manifest.value;
  const findings = await serviceSignature(sign1, evidence.certificates.service, "the manifest");
  const differing = (text: string): void => void findings.push({ fault: "altered", text });
  if (!sameId(value.recording, subject.recording)) differing("The manifest is of another recording.");
  const parts = value.parts.map(partFromRow);
  if (!equalBytes(await masterIdentity(parts), value.identity)) {
    differing("The manifest's identity is not that of the parts that it lists.");
  }
  if (subject.attested && (value.camera === null || value.format === "file")) {
    differing("The manifest calls the recording another maker's file, but a camera's journal comes with it.");
  }
  const good = `Signed by the service; received ${showDate(value.receivedAtMs)}.`;
  return conclude("manifest", { findings: [...findings, ...verdictFindings(value.verdict, subject)], good });
}

export async function checkReceipt(evidence: Evidence, subject: Subject): Promise<Check> {
  const { receipt, manifest } = evidence;
  if (receipt.kind !== "ok") return unusable("receipt", receipt);
  const { value, sign1 } = receipt.value;
  const findings = await serviceSignature(sign1, evidence.certificates.service, "the receipt");
  const differing = (text: string): void => void findings.push({ fault: "altered", text });
  if (!sameId(value.recording, subject.recording)) differing("The receipt is of another recording.");
  if (manifest.kind === "ok" && !equalBytes(await sha256(manifest.bytes), value.manifest)) {
    differing("The receipt was given for another manifest than the one in the export.");
  }
  const stated = manifestOf(evidence);
  if (stated)
    for (const field of disagreements(value, stated)) differing(`Receipt and manifest differ in ${field}.`);
  const good = `Signed by the service; received ${showDate(value.receivedAtMs)}.`;
  return conclude("receipt", { findings: [...findings, ...verdictFindings(value.verdict, subject)], good });
}

function disagreements(receipt: Receipt, manifest: Manifest): string[] {
  const sums = totalBytes(manifest.parts.map(partFromRow));
  const pairs: [string, boolean][] = [
    ["the force", sameId(receipt.force, manifest.force)],
    ["the camera", sameId(receipt.camera, manifest.camera)],
    ["the recording", sameId(receipt.recording, manifest.recording)],
    ["the recording's number", receipt.number === manifest.number],
    ["the identity", equalBytes(receipt.identity, manifest.identity)],
    ["the number of parts", receipt.parts === manifest.parts.length],
    ["the length", receipt.lengthBytes === sums.lengthBytes && receipt.storedBytes === sums.storedBytes],
    ["the verdict", receipt.verdict === manifest.verdict],
  ];
  return pairs.filter(([, same]) => !same).map(([field]) => field);
}

/** What the force itself found when it took the recording in. */
function verdictFindings(verdict: Receipt["verdict"], subject: Subject): Finding[] {
  switch (verdict) {
    case "verified":
      return subject.attested
        ? []
        : [
            {
              fault: "altered",
              text: "It says that a camera's signature was verified, but names no camera.",
            },
          ];
    case "altered":
      return [{ fault: "altered", text: "The force itself took the recording in as altered." }];
    case "untrusted":
      return [{ fault: "untrusted", text: "The force itself took the recording in as untrusted." }];
    case "unattested":
      return [
        {
          fault: "unattested",
          text: "Taken in without a camera's signature; signed by the service on arrival.",
        },
      ];
  }
}
