// Compares a segment with the accepted head and verifies what is new: the chain, the camera's signatures, no gap. Says
// which entries may be accepted, and what, if anything, does not follow.
import {
  ChainVerifier,
  CustodyError,
  describeChainProblem,
  entryHash,
  equalBytes,
  parseEntry,
  type ChainHead,
  type ChainOptions,
  type JournalEntry,
  type JournalRecord,
} from "@sworn/custody";

export interface AcceptedRecord {
  readonly record: JournalRecord;
  readonly entry: JournalEntry;
  readonly hash: Uint8Array;
}

/** What does not follow. `sequence` is where; entries before it that are new are accepted all the same. */
export interface SegmentProblem {
  readonly kind: "journal-fork" | "journal-gap" | "journal-refused";
  readonly sequence: number;
  readonly reason: string;
}

export interface CheckedSegment {
  /** Verified, and following the head without a gap. */
  readonly accepted: readonly AcceptedRecord[];
  readonly duplicate: number;
  readonly refused: number;
  readonly problem: SegmentProblem | null;
}

export interface SegmentCheck extends ChainOptions {
  readonly head: ChainHead | null;
  /** The hash of an accepted entry, for entries that came before. */
  hashOf(sequence: number): Promise<Uint8Array | null>;
}

/** `records` are not empty. @throws CustodyError if the first entry cannot be read at all */
export async function checkSegment(
  records: readonly JournalRecord[],
  check: SegmentCheck,
): Promise<CheckedSegment> {
  const [first] = records;
  if (first === undefined) throw new CustodyError("segment-truncated", "The journal segment is empty.");
  const { sequence: firstSequence, camera } = parseEntry(first.entry).entry;
  if (!equalBytes(camera, check.camera)) {
    const reason = "The journal is another camera's.";
    return none(records, 0, { kind: "journal-refused", sequence: firstSequence, reason });
  }
  const next = check.head === null ? 0 : check.head.sequence + 1;
  if (firstSequence > next) {
    const reason = `Entry ${next.toString()} should follow, but entry ${firstSequence.toString()} does.`;
    return none(records, 0, await ifSigned(first, check, { kind: "journal-gap", sequence: next, reason }));
  }
  const overlap = await compareOverlap(records, firstSequence, check);
  if (overlap.problem) return none(records, overlap.same, overlap.problem);
  return verifyNew(records, overlap.same, check);
}

function none(records: readonly JournalRecord[], duplicate: number, problem: SegmentProblem): CheckedSegment {
  return { accepted: [], duplicate, refused: records.length - duplicate, problem };
}

/** Only what the camera signed can speak against it: anybody could have written the rest. */
async function ifSigned(
  record: JournalRecord,
  check: SegmentCheck,
  problem: SegmentProblem,
): Promise<SegmentProblem> {
  const step = await new ChainVerifier("anywhere", check).next(record.entry);
  if (step.kind === "ok") return problem;
  return { ...problem, kind: "journal-refused", reason: describeChainProblem(step.problem) };
}

interface Overlap {
  readonly same: number;
  readonly problem: SegmentProblem | null;
}

/** Entries that the server has already must be the same bytes: the hash of each says so. */
async function compareOverlap(
  records: readonly JournalRecord[],
  firstSequence: number,
  check: SegmentCheck,
): Promise<Overlap> {
  const last = check.head?.sequence ?? -1;
  let same = 0;
  for (const record of records) {
    const sequence = firstSequence + same;
    if (sequence > last) break;
    const known = await check.hashOf(sequence);
    if (known === null || !equalBytes(await entryHash(record.entry), known)) {
      const reason = `Entry ${sequence.toString()} is here already, with another content.`;
      const problem = { kind: "journal-fork", sequence, reason } as const;
      return { same, problem: await ifSigned(record, check, problem) };
    }
    same += 1;
  }
  return { same, problem: null };
}

async function verifyNew(
  records: readonly JournalRecord[],
  duplicate: number,
  check: SegmentCheck,
): Promise<CheckedSegment> {
  const accepted: AcceptedRecord[] = [];
  let chain = new ChainVerifier(check.head, check);
  for (const record of records.slice(duplicate)) {
    const step = await chain.next(record.entry);
    if (step.kind === "ok") {
      accepted.push({ record, entry: step.entry, hash: step.hash });
      continue;
    }
    const hash = await entryHash(record.entry);
    if (step.problem.kind === "clock-backwards" && step.entry !== null) {
      // It is the camera's, and it follows: a finding of the state machine, not a reason to refuse a journal.
      accepted.push({ record, entry: step.entry, hash });
      chain = new ChainVerifier({ sequence: step.entry.sequence, hash }, check);
      continue;
    }
    const sequence = (check.head?.sequence ?? -1) + 1 + accepted.length;
    const follows = accepted.length === 0 && duplicate === 0 && check.head !== null;
    const kind =
      step.problem.kind === "gap"
        ? "journal-gap"
        : step.problem.kind === "broken-link" && follows
          ? "journal-fork"
          : "journal-refused";
    const problem = { kind, sequence, reason: describeChainProblem(step.problem) } as const;
    return { accepted, duplicate, refused: records.length - duplicate - accepted.length, problem };
  }
  return { accepted, duplicate, refused: 0, problem: null };
}
