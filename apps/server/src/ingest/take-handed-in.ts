// Takes a segment of a handed-in journal: never into the accepted journal, whose head stays where it is.
//   1. verify what is new: the chain of what was handed in before, and the signatures of the camera that was
//   2. compare with the accepted journal where both speak, and describe the recordings that end in it
//   3. wrap personal details anew as an accepted journal's, store it as an object of its own; then one transaction: row, promised recordings, findings, ledger entry
//   4. when a checkpoint covers the entry, answer
// What the camera did not sign is kept as refused bytes, and told.
import type { HandInId, JournalFinding } from "@sworn/contract";
import {
  CustodyError,
  decodeSegment,
  encodeSegment,
  entryHash,
  equalBytes,
  parseEntry,
  parseId,
  sha256,
  toHex,
  type ChainHead,
  type JournalRecord,
} from "@sworn/custody";
import { findCamera, lockCamera } from "../devices/index.ts";
import {
  checkSegment,
  countRefused,
  DockingFault,
  handedInSegmentKey,
  monthOf,
  noteJournalKey,
  readJournal,
  refusedJournalKey,
  segmentsIn,
  unreadableFindings,
  wrapOpenings,
  type CheckedSegment,
} from "../docking/index.ts";
import { recordFinding } from "../findings/index.ts";
import { withForce } from "../platform/database/database.ts";
import { compareHandedIn } from "./compare-handed-in.ts";
import { describeHandedIn } from "./describe-handed-in.ts";
import {
  findHandIn,
  handInSegmentEntry,
  insertHandInSegment,
  lockHandIn,
  moveHandIn,
  type HandInProgress,
  type HandInRow,
} from "./hand-in-store.ts";
import type { Person } from "./open-hand-in.ts";
import type { IngestPorts } from "./ports.ts";
import { promiseHandedIn } from "./promise-handed-in.ts";

/** Open findings of refused journals of one camera: beyond, a person must look before more is kept. */
const MOST_REFUSED = 100;
const MOST_TURNS = 4;

export interface HandedInSegment {
  readonly handIn: HandInId;
  /** The sequence of the first entry, as the sender says. */
  readonly from: number;
  readonly bytes: Uint8Array;
}

export type Taken =
  | {
      readonly outcome: "taken";
      readonly row: HandInRow;
      readonly accepted: number;
      readonly duplicate: number;
      readonly refused: number;
      readonly findings: readonly JournalFinding[];
    }
  | { readonly outcome: "malformed"; readonly reason: string }
  | { readonly outcome: "not-found" | "too-many-refused" | "contended" };

export async function takeHandedIn(
  ports: IngestPorts,
  person: Person,
  segment: HandedInSegment,
): Promise<Taken> {
  const { database, ledger } = ports.evidence;
  let records: readonly JournalRecord[];
  try {
    records = decodeSegment(segment.bytes);
    const [first] = records;
    const sequence = first && parseEntry(first.entry).entry.sequence;
    if (sequence !== segment.from)
      return { outcome: "malformed", reason: "The segment does not begin with the entry that `from` names." };
  } catch (error) {
    if (error instanceof CustodyError) return { outcome: "malformed", reason: error.message };
    throw error;
  }
  const hash = await sha256(segment.bytes);
  const none = { accepted: 0, duplicate: 0, refused: 0, findings: [] };
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const read = await withForce(database, person, async (tx) => {
      const row = await findHandIn(tx, segment.handIn);
      if (row === undefined) return null;
      const entry = await handInSegmentEntry(tx, row.id, segment.from, hash);
      return { row, entry, camera: await findCamera(tx, row.camera_id) };
    });
    if (read?.camera === undefined) return { outcome: "not-found" };
    const { row, entry, camera } = read;
    if (entry !== undefined) {
      await ledger.covered(person.forceId, { id: entry });
      return { outcome: "taken", row, ...none, duplicate: records.length };
    }
    if (row.first_sequence !== null && segment.from < row.first_sequence) {
      const reason = `This hand-in begins with entry ${row.first_sequence.toString()}. Send from there on.`;
      return { outcome: "malformed", reason };
    }
    const checked = await check(ports, person, { row, camera, records, from: segment.from });
    const findings: JournalFinding[] = [];
    if (checked.problem !== null) {
      const kept = await keepRefused(ports, person, { row, checked, hash, bytes: segment.bytes });
      if (kept === null) return { outcome: "too-many-refused" };
      findings.push(...kept);
    }
    const counts = {
      accepted: checked.accepted.length,
      duplicate: checked.duplicate,
      refused: checked.refused,
    };
    if (checked.accepted.length === 0) return { outcome: "taken", row, ...counts, findings };
    const { head_sequence: sequence, head_hash: headHash } = camera.row;
    const trusted = sequence === null || headHash === null ? null : { sequence, hash: headHash };
    const kept = await keep(ports, person, { row, checked, trusted });
    if (kept === null) continue;
    await ledger.covered(person.forceId, { id: kept.entry });
    return { outcome: "taken", row: kept.row, ...counts, findings: [...findings, ...kept.findings] };
  }
  return { outcome: "contended" };
}

type Camera = NonNullable<Awaited<ReturnType<typeof findCamera>>>;

/** Against what was handed in before; the first segment is taken as it begins, because a camera prunes its journal. */
async function check(
  ports: IngestPorts,
  person: Person,
  given: {
    readonly row: HandInRow;
    readonly camera: Camera;
    readonly records: readonly JournalRecord[];
    readonly from: number;
  },
): Promise<CheckedSegment> {
  const { row, camera, records, from } = given;
  const { certificate } = camera;
  const place = { forceId: person.forceId, camera: row.camera_id, handIn: row.id };
  const to = Math.min(row.last_sequence ?? -1, from + records.length - 1);
  const { database, store } = ports.evidence;
  const known = await readJournal({ database, segments: segmentsIn(store) }, place, { from, to });
  return checkSegment(records, {
    head: headOf(row, records),
    camera: parseId(row.camera_id),
    publicKey: (name) => (equalBytes(name, certificate.hash) ? certificate.publicKey : null),
    hashOf: async (sequence) => {
      const found = known[sequence - from];
      return found === undefined ? null : entryHash(found.record.entry);
    },
  });
}

function headOf(row: HandInRow, records: readonly JournalRecord[]): ChainHead | null {
  if (row.last_sequence !== null && row.last_hash !== null)
    return { sequence: row.last_sequence, hash: row.last_hash };
  const [first] = records;
  const entry = first && parseEntry(first.entry).entry;
  if (entry === undefined || entry.sequence === 0) return null;
  return { sequence: entry.sequence - 1, hash: entry.previous };
}

async function keepRefused(
  ports: IngestPorts,
  person: Person,
  given: {
    readonly row: HandInRow;
    readonly checked: CheckedSegment;
    readonly hash: Uint8Array;
    readonly bytes: Uint8Array;
  },
): Promise<JournalFinding[] | null> {
  const { problem } = given.checked;
  if (problem === null) return [];
  const { database, store, clock } = ports.evidence;
  const cameraId = given.row.camera_id;
  if ((await withForce(database, person, (tx) => countRefused(tx, cameraId))) >= MOST_REFUSED) return null;
  const key = refusedJournalKey(person.forceId, given.hash);
  await segmentsIn(store).put(key, given.bytes);
  const { kind, sequence, reason } = problem;
  const subject = `${sequence.toString()}:${toHex(given.hash).slice(0, 32)}`;
  const detail = { object: key, sequence, reason, handIn: given.row.id };
  const { id } = await withForce(database, person, (tx) =>
    recordFinding(tx, { kind, cameraId, subject, detail }, clock.nowMs()),
  );
  return [{ id, kind, subject }];
}

/** Null: something else was handed in meanwhile, and all must be judged again. */
async function keep(
  ports: IngestPorts,
  person: Person,
  given: { readonly row: HandInRow; readonly checked: CheckedSegment; readonly trusted: ChainHead | null },
): Promise<{ row: HandInRow; entry: number; findings: JournalFinding[] } | null> {
  const { row, checked, trusted } = given;
  const { accepted } = checked;
  const [first, last] = [accepted[0], accepted.at(-1)];
  if (first === undefined || last === undefined) return null;
  const { database, store, clock, ledger } = ports.evidence;
  const place = { forceId: person.forceId, camera: row.camera_id, handIn: row.id };
  const isComplete =
    last.entry.sequence === row.head_sequence && Buffer.compare(last.hash, row.head_hash) === 0;
  const described = await describeHandedIn(ports, place, {
    accepted,
    openSequence: row.open_sequence,
    isLast: isComplete,
  });
  const joint = await compareHandedIn(ports, person, { row, checked, trusted });
  const force = parseId(person.forceId);
  const { ingestKeys } = await ports.evidence.authorities.of(force);
  const month = monthOf(clock.nowMs());
  const openEnvelope = ingestKeys.open.bind(ingestKeys);
  const details = await wrapOpenings({ force, month, ring: ports.evidence.keys, openEnvelope }, accepted);
  const sentHash = await sha256(encodeSegment(accepted.map(({ record }) => record)));
  const bytes = encodeSegment(details.records.map(({ record }) => record));
  const hash = await sha256(bytes);
  await segmentsIn(store).put(handedInSegmentKey(person.forceId, row.id, first.entry.sequence, hash), bytes);
  const progress: HandInProgress = {
    first_sequence: row.first_sequence ?? first.entry.sequence,
    last_sequence: last.entry.sequence,
    last_hash: last.hash,
    open_sequence: described.openSequence,
    fork_sequence: row.fork_sequence ?? joint.forkSequence,
    completed_at: row.completed_at ?? (isComplete ? new Date(clock.nowMs()) : null),
  };
  return withForce(database, person, async (tx) => {
    await lockCamera(tx, row.camera_id);
    const locked = await lockHandIn(tx, row.id);
    if (locked?.last_sequence !== row.last_sequence) return null;
    const staged = await ledger.stage(tx, {
      event: "journal-handed-in",
      actor: { person: parseId(person.personId) },
      camera: parseId(row.camera_id),
      data: {
        handIn: parseId(row.id),
        fromSequence: first.entry.sequence,
        toSequence: last.entry.sequence,
        head: last.hash,
        segment: hash,
      },
    });
    await insertHandInSegment(tx, {
      force_id: person.forceId,
      hand_in_id: row.id,
      camera_id: row.camera_id,
      first_sequence: first.entry.sequence,
      last_sequence: last.entry.sequence,
      size_bytes: bytes.length,
      hash,
      received_at: new Date(clock.nowMs()),
      entry_id: staged.id,
      replaced_hash: null,
      sent_hash: equalBytes(sentHash, hash) ? null : sentHash,
      // As in an accepted segment: while a key may still be found, no ingest key is destroyed.
      details: details.unreadable.some(({ reason }) => reason === "ingest-key-unknown")
        ? "as-sent"
        : "wrapped",
    });
    const place = { forceId: person.forceId, camera: row.camera_id };
    if (details.wrapped > 0 && !(await noteJournalKey(tx, place, month, new Date(clock.nowMs()))))
      throw new DockingFault("journal-key-destroyed", `The camera's key of ${month} was destroyed.`);
    await moveHandIn(tx, row.id, progress);
    const moved = { ...row, ...progress };
    const promised = await promiseHandedIn(tx, moved, described.recordings, new Date(clock.nowMs()));
    const findings: JournalFinding[] = [];
    const unreadable = unreadableFindings(row.camera_id, details.unreadable);
    for (const finding of [...joint.findings, ...promised, ...unreadable]) {
      const { id } = await recordFinding(tx, finding, clock.nowMs());
      findings.push({ id, kind: finding.kind, subject: finding.subject });
    }
    return { row: moved, entry: staged.id, findings };
  });
}
