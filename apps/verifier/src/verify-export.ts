// Verifies an exported folder offline (evidence format §12): makes every check and reports each, whatever came before.
import { type ParsedCertificate, collectRecording, parseCertificate, toHex } from "@sworn/custody";
import { assessRanges } from "./assess-ranges.ts";
import { checkAnchorPaths } from "./check-anchor-path.ts";
import { checkDestruction } from "./check-destruction.ts";
import { checkInclusion } from "./check-inclusion.ts";
import { checkJournal } from "./check-journal.ts";
import { checkOpenings } from "./check-openings.ts";
import { type NamedIdentity, checkIdentity, checkParts } from "./check-parts.ts";
import { checkRevocation } from "./check-revocation.ts";
import { checkSeal, journaledOf } from "./check-seal.ts";
import { checkManifest, checkReceipt } from "./check-statements.ts";
import { type Comparison, compareParts } from "./compare-parts.ts";
import { overallOf, sentenceOf } from "./conclude-report.ts";
import { describeRecording } from "./describe-recording.ts";
import { VerifierError } from "./errors.ts";
import { EvidenceFolder } from "./evidence-folder.ts";
import { type Expectation, expectParts } from "./expected-parts.ts";
import type { Progress } from "./hash-parts.ts";
import { EXPORT_FILES, type Evidence, attempt, loadEvidence } from "./load-evidence.ts";
import { type JournalReading, readJournal } from "./read-journal.ts";
import type { Check, Report } from "./report.ts";
import { type Subject, findSubject, manifestOf, receiptOf } from "./subject.ts";

export interface VerifyOptions {
  /** DER of the anchors that the verifying person trusts. None: nothing can be *intact*. */
  readonly anchors: readonly Uint8Array[];
  /** Judge certificates as of this moment, ms since 1970; else as of the receipt, else now. */
  readonly atMs?: number;
  /** The present, ms since 1970; given by tests. */
  readonly nowMs?: number;
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * Verifies the folder of one recording. What is wrong with the evidence is in the report and never thrown.
 * @throws VerifierError if there is no such folder, it cannot be read, or an anchor is no certificate
 */
export async function verifyExport(folderPath: string, options: VerifyOptions): Promise<Report> {
  const anchors = await readAnchors(options.anchors);
  const folder = await EvidenceFolder.open(folderPath);
  const evidence = await loadEvidence(folder);
  const { camera } = evidence.certificates;
  const reading =
    evidence.journal.kind === "ok"
      ? await readJournal(evidence.journal.value, camera.kind === "ok" ? camera.value : null)
      : null;
  const subject = findSubject(evidence, reading);
  const collected = reading && subject.recording ? await collectEntries(reading, subject.recording) : null;
  const journaled = journaledOf(collected);
  const manifest = manifestOf(evidence);
  const expectation = expectParts(journaled?.parts ?? [], manifest, collected?.kind === "sealed");
  const { comparison, fileProblem } = await compareFile(folder, expectation, subject, options);

  const judged = judgingMoment(evidence, options);
  const paths = await checkAnchorPaths(evidence, subject, { anchors, atMs: judged.atMs });
  const inclusion = await checkInclusion(evidence);
  const receiptCheck = await checkReceipt(evidence, subject);
  const partsCheck = checkParts(comparison, expectation, {
    fileProblem,
    against: sources(reading, manifest),
  });
  const checks: Check[] = [
    paths.check,
    ...checkJournal(subject, evidence.journal, camera, reading),
    checkSeal(subject, evidence.journal, {
      reading,
      collected,
      manifestSeal: manifest?.seal,
      number: manifest?.number,
    }),
    partsCheck,
    await checkIdentity(comparison, identitiesOf(evidence, journaled?.seal?.body.identity), {
      partsFault: partsCheck.fault,
    }),
    await checkManifest(evidence, subject),
    receiptCheck,
    inclusion.check,
    await checkRevocation(evidence, subject, {
      anchors: paths.anchors,
      coveredAtMs: coveredAt(evidence, receiptCheck, inclusion.collectedAtMs),
    }),
    await checkOpenings(evidence.openings, reading),
  ];
  const destruction = await checkDestruction(evidence, subject);
  if (destruction) checks.push(destruction);

  const overall = overallOf(checks);
  const ranges = assessRanges(comparison, expectation, {
    attested: subject.attested,
    brokenAt: reading?.brokenAt ?? null,
  });
  const recording = describeRecording(evidence, subject, {
    journaled,
    expectation,
    forceName: paths.anchors[0]?.commonName ?? null,
  });
  return {
    overall,
    sentence: sentenceOf(overall, checks, recording, ranges),
    judgedAtMs: judged.atMs,
    judgedBy: judged.by,
    anchors: anchors.map(({ commonName, hash }) => ({ name: commonName, sha256: toHex(hash) })),
    checks,
    recording,
    alteredRanges: ranges.altered,
    missingRanges: ranges.missing,
    authenticUntilMs: checks.some(({ fault }) => fault === "untrusted") ? null : ranges.authenticUntilMs,
    otherFiles: folder.names.filter((name) => !EXPORT_FILES.has(name) && !name.startsWith("recording.")),
  };
}

async function readAnchors(ders: readonly Uint8Array[]): Promise<ParsedCertificate[]> {
  const anchors: ParsedCertificate[] = [];
  for (const der of ders) {
    const parsed = await attempt(() => parseCertificate(der));
    if (parsed.kind === "bad" || !parsed.value.isAuthority) {
      const why = parsed.kind === "bad" ? parsed.reason : "It is not an authority's certificate.";
      throw new VerifierError(
        "anchors-unusable",
        `A given anchor cannot be used. ${why} Get it from the force again.`,
      );
    }
    anchors.push(parsed.value);
  }
  return anchors;
}

/** Signed entries only, unless there is no certificate to tell which are: then all, and the checks say so. */
async function collectEntries(reading: JournalReading, recording: Uint8Array) {
  const anySigned = reading.entries.some(({ signed }) => signed);
  const usable = reading.entries.filter(({ signed }) => signed || !anySigned).map(({ entry }) => entry);
  return collectRecording(
    usable.sort((a, b) => a.sequence - b.sequence),
    recording,
  );
}

async function compareFile(
  folder: EvidenceFolder,
  expectation: Expectation,
  subject: Subject,
  options: VerifyOptions,
): Promise<{ comparison: Comparison | null; fileProblem: string | null }> {
  const file = await folder.openRecording();
  if (file.kind === "absent") return { comparison: null, fileProblem: null };
  if (file.kind === "refused") return { comparison: null, fileProblem: file.reason };
  const { onProgress } = options;
  const { format } = subject;
  try {
    const comparison = await compareParts(file, expectation.parts, {
      format,
      ...(onProgress ? { onProgress } : {}),
    });
    return { comparison, fileProblem: null };
  } finally {
    await file.handle.close();
  }
}

function judgingMoment(evidence: Evidence, options: VerifyOptions): { atMs: number; by: Report["judgedBy"] } {
  if (options.atMs !== undefined) return { atMs: options.atMs, by: "given" };
  const receipt = receiptOf(evidence);
  if (receipt) return { atMs: receipt.receivedAtMs, by: "receipt" };
  return { atMs: options.nowMs ?? Date.now(), by: "now" };
}

/** The later of what receipt and ledger say: a receipt may be dated back, an entry of the ledger less easily. */
function coveredAt(evidence: Evidence, receiptCheck: Check, collectedAtMs: number | null): number | null {
  const receipt = receiptOf(evidence);
  const good = receiptCheck.fault === null || receiptCheck.fault === "unattested";
  if (!receipt || !good || collectedAtMs === null) return null;
  return Math.max(receipt.receivedAtMs, collectedAtMs);
}

function sources(reading: JournalReading | null, manifest: unknown): string {
  if (reading && manifest) return "journal and manifest";
  return reading ? "the journal" : "the manifest";
}

function identitiesOf(evidence: Evidence, seal: Uint8Array | undefined): NamedIdentity[] {
  const manifest = manifestOf(evidence);
  const receipt = receiptOf(evidence);
  return [
    ...(seal ? [{ by: "seal" as const, identity: seal }] : []),
    ...(manifest ? [{ by: "manifest" as const, identity: manifest.identity }] : []),
    ...(receipt ? [{ by: "receipt" as const, identity: receipt.identity }] : []),
  ];
}
