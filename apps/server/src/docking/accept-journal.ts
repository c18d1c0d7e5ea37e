// Accepts a segment of a camera's journal.
//   1. read the head and verify what is new against it, without a lock: this is the slow part
//   2. wrap personal details anew under the camera's key of the month, and store the new entries as a segment, named by
//      its hash: a crash from here on leaves an object that nobody names
//   3. in one transaction under the camera's row lock, if the head is still the same: row, head, what follows from the
//      entries, findings, and the staged ledger entry
//   4. when a checkpoint covers the entry, answer: only now may the camera forget
// What does not follow is kept whole and told as a finding.
import type { JournalAnswer, JournalFinding } from "@sworn/contract";
import {
  CustodyError,
  decodeSegment,
  equalBytes,
  parseEntry,
  sha256,
  toHex,
  type ChainHead,
  type JournalRecord,
} from "@sworn/custody";
import { findCamera } from "../devices/index.ts";
import { recordFinding } from "../findings/index.ts";
import { withForce } from "../platform/database/database.ts";
import { checkSegment, type CheckedSegment } from "./check-segment.ts";
import { commitSegment } from "./commit-segment.ts";
import { DockingFault } from "./docking-fault.ts";
import { describeRecordings } from "./describe-recordings.ts";
import type { JournalUpload } from "./journal-upload.ts";
import { headOf } from "./open-session.ts";
import { prepareAcceptance, type Preparation } from "./prepare-acceptance.ts";
import type { DockingPorts } from "./ports.ts";
import { readFacts } from "./read-facts.ts";
import { readJournal } from "./read-journal.ts";
import { listExpected } from "./recordings-store.ts";
import { refusedJournalKey } from "./segment-store.ts";
import { countRefused, lastSegment, readSession, segmentsBetween } from "./store.ts";

/** Open findings of refused journals of one camera: beyond, a person must look before more is kept. */
const MOST_REFUSED = 100;
/** Two docks cannot hold one camera; more turns than this mean that something is broken. */
const MOST_TURNS = 4;

export type AcceptOutcome =
  | { readonly outcome: "answered"; readonly answer: JournalAnswer }
  | { readonly outcome: "malformed"; readonly reason: string }
  | { readonly outcome: "too-many-refused" };

export async function acceptJournal(ports: DockingPorts, upload: JournalUpload): Promise<AcceptOutcome> {
  const read = readRecords(upload);
  if ("reason" in read) return { outcome: "malformed", reason: read.reason };
  const { records } = read;
  const hash = await sha256(upload.bytes);
  if (await isStored(ports, upload, hash)) {
    return {
      outcome: "answered",
      answer: await answer(ports, upload, { ...nothing, duplicate: records.length }),
    };
  }
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const preparation = await prepareAcceptance(ports, upload.dock.forceId, upload.session.cameraId);
    const checked = await check(ports, upload, preparation, records);
    const findings: JournalFinding[] = [];
    if (checked.problem !== null) {
      const kept = await keepRefused(ports, upload, { checked, hash, records, head: preparation.head });
      if (kept === null) return { outcome: "too-many-refused" };
      findings.push(...kept);
    }
    if (checked.accepted.length > 0) {
      const committed = await acceptNew(ports, upload, preparation, checked);
      if (committed === null) continue;
      findings.push(...committed);
    }
    const counts = {
      accepted: checked.accepted.length,
      duplicate: checked.duplicate,
      refused: checked.refused,
    };
    return { outcome: "answered", answer: await answer(ports, upload, { ...counts, findings }) };
  }
  throw new DockingFault(
    "head-contended",
    `The head of camera ${upload.session.cameraId} moves under every attempt.`,
  );
}

type Counts = Pick<JournalAnswer, "accepted" | "duplicate" | "refused" | "findings">;
const nothing: Counts = { accepted: 0, duplicate: 0, refused: 0, findings: [] };

/** The first entry must parse and be the one announced; the others are judged one by one. */
function readRecords({
  bytes,
  from,
}: JournalUpload): { records: readonly JournalRecord[] } | { reason: string } {
  try {
    const records = decodeSegment(bytes);
    const [first] = records;
    if (first === undefined) return { reason: "The segment is empty. Send at least one entry." };
    const { sequence } = parseEntry(first.entry).entry;
    if (sequence === from) return { records };
    return {
      reason: `The segment begins with entry ${sequence.toString()}, not with ${from.toString()} as the address says.`,
    };
  } catch (error) {
    if (error instanceof CustodyError) return { reason: error.message };
    throw error;
  }
}

async function isStored(ports: DockingPorts, upload: JournalUpload, hash: Uint8Array): Promise<boolean> {
  const { from, session, dock } = upload;
  const rows = await withForce(ports.database, { forceId: dock.forceId, personId: null }, (tx) =>
    segmentsBetween(tx, session.cameraId, from, from),
  );
  return rows.some((row) => row.first_sequence === from && equalBytes(row.sent_hash ?? row.hash, hash));
}

async function check(
  ports: DockingPorts,
  upload: JournalUpload,
  preparation: Preparation,
  records: readonly JournalRecord[],
): Promise<CheckedSegment> {
  const { head, certificate, camera } = preparation;
  const place = { forceId: upload.dock.forceId, camera: upload.session.cameraId };
  const to = Math.min(head?.sequence ?? -1, upload.from + records.length - 1);
  const known = await readJournal(ports, place, { from: upload.from, to });
  return checkSegment(records, {
    head,
    camera,
    publicKey: (name) => (equalBytes(name, certificate.hash) ? certificate.publicKey : null),
    hashOf: async (sequence) => {
      const found = known[sequence - upload.from];
      return found === undefined ? null : sha256(found.record.entry);
    },
  });
}

async function acceptNew(
  ports: DockingPorts,
  upload: JournalUpload,
  preparation: Preparation,
  checked: CheckedSegment,
): Promise<readonly JournalFinding[] | null> {
  const facts = readFacts(preparation.memory, checked.accepted);
  const place = { forceId: upload.dock.forceId, camera: upload.session.cameraId };
  const described = await describeRecordings(ports, place, {
    facts,
    entries: checked.accepted.map(({ entry }) => entry),
    headSequence: preparation.head?.sequence ?? -1,
    arrivalMs: ports.clock.nowMs(),
  });
  return commitSegment(ports, upload, { preparation, accepted: checked.accepted, facts, described });
}

interface Refused {
  readonly checked: CheckedSegment;
  readonly records: readonly JournalRecord[];
  /** SHA-256 of the upload. */
  readonly hash: Uint8Array;
  readonly head: ChainHead | null;
}

/** Keeps the bytes and tells of them. Null: there is too much of it already. */
async function keepRefused(
  ports: DockingPorts,
  upload: JournalUpload,
  given: Refused,
): Promise<JournalFinding[] | null> {
  const { problem } = given.checked;
  if (problem === null) return [];
  const { forceId } = upload.dock;
  const { cameraId } = upload.session;
  const actor = { forceId, personId: null };
  if ((await withForce(ports.database, actor, (tx) => countRefused(tx, cameraId))) >= MOST_REFUSED)
    return null;
  const key = refusedJournalKey(forceId, given.hash);
  await ports.segments.put(key, upload.bytes);
  const detail = {
    object: key,
    sequence: problem.sequence,
    reason: problem.reason,
    dock: upload.dock.dockId,
  };
  const subject = `${problem.sequence.toString()}:${toHex(given.hash).slice(0, 32)}`;
  const kinds = [problem.kind, ...(endsBeforeHead(upload, given) ? (["journal-dropped-tail"] as const) : [])];
  return withForce(ports.database, actor, async (tx) => {
    const findings: JournalFinding[] = [];
    for (const kind of kinds) {
      const { id } = await recordFinding(tx, { kind, cameraId, subject, detail }, ports.clock.nowMs());
      findings.push({ id, kind, subject });
    }
    return findings;
  });
}

/** The camera shows itself, now, with an entry that stands before the head it once sent: its journal became shorter. */
function endsBeforeHead(upload: JournalUpload, { checked, records, head }: Refused): boolean {
  if (checked.problem?.kind !== "journal-fork" || head === null) return false;
  return records.some(({ entry }) => {
    try {
      const { kind, body, sequence } = parseEntry(entry).entry;
      return kind === "docked" && sequence <= head.sequence && equalBytes(body.nonce, upload.session.nonce);
    } catch {
      return false;
    }
  });
}

/** Waits until a checkpoint covers the head that is told; what it says, the camera may forget. */
async function answer(ports: DockingPorts, upload: JournalUpload, counts: Counts): Promise<JournalAnswer> {
  const { forceId } = upload.dock;
  const { cameraId, id } = upload.session;
  const read = await withForce(ports.database, { forceId, personId: null }, async (tx) => ({
    camera: await findCamera(tx, cameraId),
    last: await lastSegment(tx, cameraId),
    session: await readSession(tx, id),
    expected: await listExpected(tx, cameraId),
  }));
  if (read.last !== undefined) await ports.ledger.covered(forceId, { id: read.last.entry_id });
  return {
    ...counts,
    head: read.camera === undefined ? null : headOf(read.camera.row),
    opened: (read.session?.opened_at ?? null) !== null,
    expected: read.expected,
  };
}
