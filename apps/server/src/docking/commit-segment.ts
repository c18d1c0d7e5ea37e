// Steps 2 and 3 of accepting a journal: personal details out of their envelopes, the segment as an object, then everything
// that follows from it in one transaction under the camera's row lock.
import type { FindingKind, JournalFinding, RecordingId } from "@sworn/contract";
import { encodeSegment, equalBytes, formatId, parseId, sha256 } from "@sworn/custody";
import { lockCamera } from "../devices/index.ts";
import { recordFinding, type NewFinding } from "../findings/index.ts";
import { withForce, type ForceTransaction } from "../platform/database/database.ts";
import type { AcceptedRecord } from "./check-segment.ts";
import type { DescribedRecording } from "./describe-recordings.ts";
import { DockingFault } from "./docking-fault.ts";
import { dockClockFinding, findingsOf, uncertainFinding, unreadableFindings } from "./find-in-journal.ts";
import { monthOf } from "./journal-keys.ts";
import { noteJournalKey } from "./journal-keys-store.ts";
import { encodeMemory } from "./journal-memory.ts";
import type { JournalUpload } from "./journal-upload.ts";
import type { DockingPorts } from "./ports.ts";
import type { Preparation } from "./prepare-acceptance.ts";
import type { JournalFacts } from "./read-facts.ts";
import { listUncertain, putPromised, unitAt } from "./recordings-store.ts";
import { journalSegmentKey } from "./segment-store.ts";
import {
  insertFixes,
  insertFreed,
  insertSegment,
  moveHead,
  openSessionRow,
  writeJournalState,
} from "./store.ts";
import { wrapOpenings, type WrappedOpenings } from "./wrap-openings.ts";

export interface NewSegment {
  readonly preparation: Preparation;
  /** Not empty. */
  readonly accepted: readonly AcceptedRecord[];
  readonly facts: JournalFacts;
  readonly described: readonly DescribedRecording[];
}

/** PostgreSQL's int: a recording number beyond it is told, not stored. */
const MOST_NUMBER = 2_147_483_647;

/** Findings that are new or known; null: another segment was accepted meanwhile, and all must be judged again. */
export async function commitSegment(
  ports: DockingPorts,
  upload: JournalUpload,
  segment: NewSegment,
): Promise<readonly JournalFinding[] | null> {
  const { forceId } = upload.dock;
  const { cameraId } = upload.session;
  const authority = await ports.authorities.of(parseId(forceId));
  const month = monthOf(ports.clock.nowMs());
  const details = await wrapOpenings(
    {
      force: parseId(forceId),
      month,
      ring: ports.keys,
      openEnvelope: (...sealed) => authority.ingestKeys.open(...sealed),
    },
    segment.accepted,
  );
  const sentHash = await hashOf(segment.accepted);
  const bytes = encodeSegment(details.records.map(({ record }) => record));
  const hash = await sha256(bytes);
  const first = segment.accepted[0]?.entry.sequence ?? 0;
  await ports.segments.put(journalSegmentKey(forceId, cameraId, first, hash), bytes);
  return withForce(ports.database, { forceId, personId: null }, async (tx) => {
    const camera = await lockCamera(tx, cameraId);
    const { head } = segment.preparation;
    const isSame =
      head === null
        ? camera?.head_sequence === null
        : camera?.head_sequence === head.sequence &&
          camera.head_hash !== null &&
          equalBytes(camera.head_hash, head.hash);
    if (!isSame) return null;
    return writeAll(ports, tx, upload, { ...segment, bytes, hash, first, sentHash, month, details });
  });
}

const hashOf = (records: readonly AcceptedRecord[]): Promise<Uint8Array> =>
  sha256(encodeSegment(records.map(({ record }) => record)));

type StoredSegment = NewSegment & {
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
  readonly first: number;
  /** Of the new entries as they were sent. */
  readonly sentHash: Uint8Array;
  /** Of arrival, `yyyy-mm`. */
  readonly month: string;
  readonly details: WrappedOpenings<AcceptedRecord>;
};

async function writeAll(
  ports: DockingPorts,
  tx: ForceTransaction,
  upload: JournalUpload,
  segment: StoredSegment,
): Promise<JournalFinding[]> {
  const { dock, session } = upload;
  const place = { forceId: dock.forceId, camera: session.cameraId };
  const { facts, accepted, details, first, hash } = segment;
  const nowMs = ports.clock.nowMs();
  const at = new Date(nowMs);
  const last = accepted.at(-1);
  if (last === undefined) return [];
  const head = { sequence: last.entry.sequence, hash: last.hash };
  const staged = await ports.ledger.stage(tx, {
    event: "journal-accepted",
    actor: { device: parseId(dock.dockId) },
    camera: parseId(session.cameraId),
    data: { fromSequence: first, toSequence: head.sequence, head: head.hash, segment: hash },
  });
  await insertSegment(tx, {
    force_id: dock.forceId,
    camera_id: session.cameraId,
    first_sequence: first,
    last_sequence: head.sequence,
    size_bytes: segment.bytes.length,
    hash,
    head_hash: head.hash,
    received_at: at,
    session_id: session.id,
    entry_id: staged.id,
    replaced_hash: null,
    sent_hash: equalBytes(segment.sentHash, hash) ? null : segment.sentHash,
    // A key that cannot be found now may be found later: until then no ingest key is destroyed.
    details: details.unreadable.some(({ reason }) => reason === "ingest-key-unknown") ? "as-sent" : "wrapped",
  });
  if (details.wrapped > 0 && !(await noteJournalKey(tx, place, segment.month, at))) {
    throw new DockingFault("journal-key-destroyed", `The camera's key of ${segment.month} was destroyed.`);
  }
  await moveHead(tx, session.cameraId, { ...head, at });
  await writeJournalState(tx, place, encodeMemory(facts.memory));
  await writeFacts(tx, place, facts);
  const findings = [
    ...findingsOf(session.cameraId, facts, segment.described),
    ...unreadableFindings(session.cameraId, details.unreadable),
  ];
  findings.push(...(await writeRecordings(tx, upload, segment.described, at)));
  const shown = facts.docked.find(
    ({ body }) =>
      equalBytes(body.nonce, session.nonce) &&
      formatId(body.session) === session.id &&
      formatId(body.dock) === dock.dockId,
  );
  if (shown !== undefined) {
    await openSessionRow(tx, session.id, session.cameraId, at);
    const clockSet = facts.clockSets.findLast((entry) => entry.sequence < shown.sequence);
    const bounds = { fromMs: session.createdAtMs, untilMs: nowMs };
    const far = clockSet && dockClockFinding(session.cameraId, clockSet, bounds);
    if (far) findings.push(far);
    const uncertain = await listUncertain(tx, session.cameraId);
    findings.push(...uncertain.map((recording) => uncertainFinding(session.cameraId, recording)));
  }
  return tell(tx, findings, nowMs);
}

type Place = Parameters<typeof writeJournalState>[1];

async function writeFacts(tx: ForceTransaction, place: Place, facts: JournalFacts): Promise<void> {
  await insertFixes(
    tx,
    facts.clockSets.map(({ sequence, boot, monotonicMs, body }) => ({
      force_id: place.forceId,
      camera_id: place.camera,
      sequence,
      boot: formatId(boot),
      monotonic_ms: monotonicMs,
      before_ms: body.beforeMs,
      after_ms: body.afterMs,
      error_ms: body.errorMs,
    })),
  );
  const freed = facts.freed.map(({ sequence, body }) => ({
    recordingId: formatId(body.recording) as RecordingId,
    sequence,
    receiptHash: body.receipt,
  }));
  await insertFreed(tx, place, freed);
}

async function writeRecordings(
  tx: ForceTransaction,
  upload: JournalUpload,
  described: readonly DescribedRecording[],
  createdAt: Date,
): Promise<NewFinding[]> {
  const { cameraId } = upload.session;
  const findings: NewFinding[] = [];
  for (const { id, number, assignment, fields } of described) {
    const unit = await unitAt(tx, cameraId, assignment, fields.recorded_start_at);
    const outcome =
      number > MOST_NUMBER
        ? "number-taken"
        : await putPromised(tx, {
            id,
            forceId: upload.dock.forceId,
            cameraId,
            number,
            fields: {
              ...fields,
              borough_id: unit.boroughId,
              team_id: unit.teamId,
              officer_id: unit.officerId,
              assignment_id: unit.assignmentId,
            },
            createdAt,
          });
    if (outcome === "put" || outcome === "kept") continue;
    const detail = { problem: outcome, number, recording: id };
    findings.push({ kind: "journal-transition", cameraId, subject: `recording:${id}`, detail });
  }
  return findings;
}

async function tell(
  tx: ForceTransaction,
  findings: readonly NewFinding[],
  nowMs: number,
): Promise<JournalFinding[]> {
  const told: { id: JournalFinding["id"]; kind: FindingKind; subject: string }[] = [];
  for (const finding of findings) {
    const { id } = await recordFinding(tx, finding, nowMs);
    told.push({ id, kind: finding.kind, subject: finding.subject });
  }
  return told;
}
