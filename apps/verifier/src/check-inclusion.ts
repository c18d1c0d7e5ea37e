// `inclusion`: the force's ledger holds an entry, made when the recording came in, that names just this recording.
import {
  type Opening,
  type ParsedCertificate,
  type PrivateEntry,
  decodeLeaf,
  encodeLeaf,
  equalBytes,
  formatId,
  readPrivateEntry,
  sha256,
} from "@sworn/custody";
import { createVerifier, digestLeaf, verifyTlogProof } from "@sworn/ledger";
import { type Finding, conclude, notChecked } from "./check.ts";
import { type Evidence, type Loaded, attempt } from "./load-evidence.ts";
import type { Check } from "./report.ts";
import { manifestOf, receiptOf, sameId } from "./subject.ts";
import { showCount, showDate } from "./show.ts";

export interface InclusionResult {
  readonly check: Check;
  /** When the ledger's entry says the recording was collected; null if that could not be verified. */
  readonly collectedAtMs: number | null;
}

const ED25519_KEY_BYTES = 32;

export type ProofResult =
  | { readonly kind: "included"; readonly size: number; readonly index: number }
  | { readonly kind: "failed"; readonly finding: Finding };

/** Whether `leaf` is in the log of this force, by the key that the ledger's certificate names. */
export async function verifyProof(
  leaf: Uint8Array,
  proof: string,
  force: Uint8Array,
  ledger: Loaded<ParsedCertificate>,
): Promise<ProofResult> {
  const failed = (fault: Finding["fault"], text: string): ProofResult => ({
    kind: "failed",
    finding: { fault, text },
  });
  if (ledger.kind !== "ok")
    return failed("untrusted", "Without the ledger's certificate its key is not known.");
  const { publicKey, spki, commonName } = ledger.value;
  const origin = `sworn/${formatId(force)}`;
  if (commonName !== origin) {
    return failed(
      "untrusted",
      `The ledger's certificate is for “${commonName.slice(0, 80)}”, not for “${origin}”.`,
    );
  }
  if (publicKey.algorithm.name !== "Ed25519")
    return failed("untrusted", "The ledger's key is not an Ed25519 key.");
  // The key is the end of its SubjectPublicKeyInfo (RFC 8410 §4).
  const raw = spki.subarray(spki.length - ED25519_KEY_BYTES);
  const verifier = await createVerifier({ name: origin, type: "ed25519", publicKey: raw });
  const verdict = await verifyTlogProof(proof, await digestLeaf(leaf), { origin, logKeys: [verifier] });
  if (!verdict.ok) return failed("altered", `The ledger does not hold the entry: ${verdict.message}.`);
  return { kind: "included", size: verdict.checkpoint.size, index: verdict.index };
}

export async function checkInclusion(evidence: Evidence): Promise<InclusionResult> {
  const receipt = receiptOf(evidence);
  if (!receipt) {
    const detail = "Without a receipt there is no proof that the ledger holds this recording.";
    return { check: notChecked("inclusion", detail, "incomplete"), collectedAtMs: null };
  }
  const proof = await verifyProof(receipt.entry, receipt.proof, receipt.force, evidence.certificates.ledger);
  const findings: Finding[] = proof.kind === "failed" ? [proof.finding] : [];
  const { collected } = evidence;
  if (collected.kind !== "ok") {
    const finding: Finding =
      collected.kind === "bad"
        ? { fault: "altered", text: collected.reason }
        : {
            fault: "incomplete",
            text: "The opening of the ledger's entry is missing (collected.cbor): it may be of anything.",
          };
    return {
      check: conclude("inclusion", { findings: [...findings, finding], good: "" }),
      collectedAtMs: null,
    };
  }
  const opened = await openEntry(evidence, collected.value);
  if (typeof opened === "string") findings.push({ fault: "altered", text: opened });
  else findings.push(...(await entryFindings(evidence, opened)));
  if (typeof opened === "string" || proof.kind !== "included" || findings.length > 0) {
    return { check: conclude("inclusion", { findings, good: "" }), collectedAtMs: null };
  }
  const good = `Entry ${proof.index} of ${showCount(proof.size, "entry", "entries")} in the signed ledger, made ${showDate(opened.atMs)}, names this recording.`;
  return { check: conclude("inclusion", { findings, good }), collectedAtMs: opened.atMs };
}

/** The private entry, if its opening makes exactly the leaf in the receipt; else why not. */
async function openEntry(evidence: Evidence, opening: Opening): Promise<PrivateEntry | string> {
  const receipt = receiptOf(evidence);
  if (!receipt) return "There is no receipt.";
  const leaf = await attempt(() => decodeLeaf(receipt.entry));
  if (leaf.kind === "bad") return leaf.reason;
  const again = await attempt(() => encodeLeaf(opening));
  if (again.kind === "bad") return again.reason;
  if (!equalBytes(again.value, receipt.entry)) return "The opening does not fit the entry in the ledger.";
  const entry = await attempt(() => readPrivateEntry(opening.details));
  return entry.kind === "ok" ? entry.value : entry.reason;
}

/** Whether the entry names this recording and nothing else, under every name it has. */
async function entryFindings(evidence: Evidence, entry: PrivateEntry): Promise<Finding[]> {
  const receipt = receiptOf(evidence);
  const manifest = manifestOf(evidence);
  if (!receipt) return [];
  const { data } = entry;
  const isBytes = (value: unknown, expected: Uint8Array | null): boolean =>
    value instanceof Uint8Array ? sameId(value, expected) : (value ?? null) === null && expected === null;
  const pairs: [string, boolean][] = [
    ["the event", entry.event === "recording-collected"],
    ["the force", sameId(entry.force, receipt.force)],
    ["the recording", sameId(entry.recording, receipt.recording)],
    ["the camera", sameId(entry.camera, receipt.camera)],
    ["the identity", isBytes(data["identity"], receipt.identity)],
    ["the number", (data["number"] ?? null) === receipt.number],
    ["the number of parts", data["parts"] === receipt.parts],
    ["the manifest", isBytes(data["manifest"], receipt.manifest)],
    ["the verdict", data["verdict"] === receipt.verdict],
  ];
  if (manifest) pairs.push(["the seal", isBytes(data["seal"], manifest.seal)]);
  if (evidence.manifest.kind === "ok") {
    pairs.push(["the manifest's hash", isBytes(data["manifest"], await sha256(evidence.manifest.bytes))]);
  }
  return pairs
    .filter(([, same]) => !same)
    .map(([field]) => ({ fault: "altered", text: `The ledger's entry and the receipt differ in ${field}.` }));
}
