// Reads a journal extract: each entry's signature and its place in the chain, to the end, whatever is found before.
import {
  type ChainHead,
  type ChainProblem,
  ChainVerifier,
  type JournalEntry,
  type JournalRecord,
  type ParsedCertificate,
  CustodyError,
  describeChainProblem,
  equalBytes,
  entryHash,
  readSegment,
} from "@sworn/custody";
import type { Finding } from "./check.ts";

export interface ReadEntry {
  readonly entry: JournalEntry;
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
  /** Signed by the camera's certificate, byte for byte. */
  readonly signed: boolean;
}

export interface JournalReading {
  /** In the order of the file. */
  readonly entries: readonly ReadEntry[];
  readonly signatureFindings: readonly Finding[];
  readonly chainFindings: readonly Finding[];
  /** From this sequence on the chain is not unbroken; null if it is to the end. */
  readonly brokenAt: number | null;
}

type Read = { readonly records: readonly JournalRecord[]; readonly damage: string | null };

/** The whole records before the first damage. Damage is found at the same byte however long the input is. */
function readRecords(bytes: Uint8Array): Read {
  try {
    const { records, wholeBytes } = readSegment(bytes);
    if (wholeBytes === bytes.length) return { records, damage: null };
    return { records, damage: `The journal ends within a record, at byte ${wholeBytes}.` };
  } catch (error) {
    if (!(error instanceof CustodyError)) throw error;
    return { records: readSegment(bytes.subarray(0, longestReadable(bytes))).records, damage: error.message };
  }
}

function longestReadable(bytes: Uint8Array): number {
  let low = 0;
  let high = bytes.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (isReadable(bytes.subarray(0, middle))) low = middle;
    else high = middle;
  }
  return low;
}

function isReadable(bytes: Uint8Array): boolean {
  try {
    readSegment(bytes);
    return true;
  } catch (error) {
    if (!(error instanceof CustodyError)) throw error;
    return false;
  }
}

const FINDINGS_MAXIMUM = 50;

/** `camera`: the certificate in the export, trusted or not; null if there is none that can be read. */
export async function readJournal(
  bytes: Uint8Array,
  camera: ParsedCertificate | null,
): Promise<JournalReading> {
  const { records, damage } = readRecords(bytes);
  const reader = new JournalReader(camera);
  for (const record of records) await reader.next(record);
  if (damage) reader.damaged(damage);
  return reader.finish();
}

class JournalReader {
  readonly #camera: ParsedCertificate | null;
  readonly #entries: ReadEntry[] = [];
  readonly #signatures: Finding[] = [];
  readonly #chain: Finding[] = [];
  #strangers = 0;
  #brokenAt: number | null = null;
  #verifier: ChainVerifier;
  #expected: number | null = null;

  constructor(camera: ParsedCertificate | null) {
    this.#camera = camera;
    this.#verifier = this.#verifierFrom("anywhere");
  }

  #verifierFrom(head: ChainHead | "anywhere"): ChainVerifier {
    const camera = this.#camera;
    return new ChainVerifier(head, {
      camera: camera?.subjectId ?? new Uint8Array(16),
      publicKey: (hash) => (camera && equalBytes(hash, camera.hash) ? camera.publicKey : null),
    });
  }

  async next(record: JournalRecord): Promise<void> {
    if (record.opening) {
      this.#chain.push({
        fault: "altered",
        text: "A record of the journal holds more than the signed entry.",
      });
    }
    let step = await this.#verifier.next(record.entry);
    const isPlace =
      step.kind === "problem" && (step.problem.kind === "gap" || step.problem.kind === "broken-link");
    if (step.kind === "problem" && isPlace) {
      this.#breakAt(step.entry, placeFinding(step.problem, step.entry));
      // The signature is a question of its own: this entry is taken as a new beginning to answer it.
      this.#verifier = this.#verifierFrom("anywhere");
      step = await this.#verifier.next(record.entry);
    }
    const hash = await entryHash(record.entry);
    const { entry } = step;
    if (step.kind === "problem") {
      this.#report(step.problem, entry);
      if (entry) this.#verifier = this.#verifierFrom({ sequence: entry.sequence, hash });
    }
    if (entry) {
      this.#expected = entry.sequence + 1;
      this.#entries.push({ entry, bytes: record.entry, hash, signed: step.kind === "ok" });
    }
  }

  #breakAt(entry: JournalEntry | null, finding: Finding): void {
    this.#chain.push(finding);
    this.#markBroken(entry);
  }

  #markBroken(entry: JournalEntry | null): void {
    const last = this.#expected ?? 0;
    this.#brokenAt ??= entry ? Math.min(entry.sequence, last) : last;
  }

  #report(problem: ChainProblem, entry: JournalEntry | null): void {
    this.#markBroken(entry);
    const where = entry ? `Entry ${entry.sequence} (${entry.kind}): ` : "An entry cannot be read: ";
    const text = where + lowerFirst(describeChainProblem(problem));
    if (problem.kind === "clock-backwards") this.#chain.push({ fault: "altered", text });
    else if (problem.kind === "unknown-certificate" || problem.kind === "wrong-camera") {
      this.#strangers++;
      this.#signatures.push({ fault: "altered", text });
    } else this.#signatures.push({ fault: "altered", text });
  }

  damaged(reason: string): void {
    this.#breakAt(null, { fault: "altered", text: reason });
  }

  finish(): JournalReading {
    const entries = this.#entries;
    // If nothing at all is this camera's, the certificate is not the signer's: there is no path, rather than a change.
    const allStrange = entries.length > 0 && this.#strangers === entries.length;
    const strange: Finding = {
      fault: "untrusted",
      text: "The journal is signed under another certificate than the camera certificate in the export.",
    };
    return {
      entries,
      signatureFindings: allStrange ? [strange] : bounded(this.#signatures),
      chainFindings: bounded(this.#chain),
      brokenAt: this.#brokenAt,
    };
  }
}

function placeFinding(problem: ChainProblem, entry: JournalEntry | null): Finding {
  // Entries that lack leave a hole; one that comes back, or that does not fit its neighbour, was put there.
  if (problem.kind !== "gap" || problem.found < problem.expected) {
    const where = entry ? `Entry ${entry.sequence}: ` : "";
    return { fault: "altered", text: where + lowerFirst(describeChainProblem(problem)) };
  }
  const last = problem.found - 1;
  const which =
    last === problem.expected
      ? `Entry ${last} is missing`
      : `Entries ${problem.expected} to ${last} are missing`;
  return { fault: "incomplete", text: `${which} from the journal.` };
}

function bounded(findings: readonly Finding[]): Finding[] {
  const shown = findings.slice(0, FINDINGS_MAXIMUM);
  const more = findings.length - shown.length;
  const fault = findings.some((finding) => finding.fault === "altered") ? "altered" : "incomplete";
  return more > 0 ? [...shown, { fault, text: `And ${more} more.` }] : shown;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
