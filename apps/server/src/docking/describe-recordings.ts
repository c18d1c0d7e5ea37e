// Describes the recordings that new journal entries begin, seal or date: parts, seal, times by the camera's clock and
// corrected ones. A clock that is set dates everything since the one before, so those are described again.
import type { AssignmentId, RecordingId } from "@sworn/contract";
import {
  collectRecording,
  correctRecordingTimes,
  entryHash,
  formatId,
  parseId,
  type JournalEntry,
  type JournaledRecording,
  type RecordingProblem,
} from "@sworn/custody";
import { withForce } from "../platform/database/database.ts";
import { promisedFields, type DescribedFields } from "./promised-fields.ts";
import type { JournalFacts } from "./read-facts.ts";
import { readJournal, type CameraPlace, type JournalPorts, type ReadRecord } from "./read-journal.ts";
import { listUnsettled, type UnsettledRecording } from "./recordings-store.ts";
import { lastFixBefore } from "./store.ts";

export interface DescribedRecording {
  readonly id: RecordingId;
  readonly number: number;
  /** As the camera's journal names it; null: not named there. */
  readonly assignment: AssignmentId | null;
  readonly fields: DescribedFields;
  readonly recording: JournaledRecording;
  readonly problems: readonly RecordingProblem[];
}

interface Target {
  readonly id: RecordingId;
  readonly firstSequence: number;
  readonly assignment: AssignmentId | null;
}

/** `headSequence`: the accepted head before `entries`, −1 for none. */
export async function describeRecordings(
  ports: JournalPorts,
  place: CameraPlace,
  news: {
    readonly facts: JournalFacts;
    readonly entries: readonly JournalEntry[];
    readonly headSequence: number;
    readonly arrivalMs: number;
  },
): Promise<DescribedRecording[]> {
  const { facts, headSequence } = news;
  const { unsettled, previousFix } = await readUnsettled(ports, place, headSequence);
  const targets = chooseTargets(facts, unsettled, previousFix);
  const earliest = Math.min(...[...targets.values()].map((target) => target.firstSequence));
  if (targets.size === 0) return [];
  const actor = { forceId: place.forceId, personId: null };
  const fixBefore = await withForce(ports.database, actor, (tx) => lastFixBefore(tx, place.camera, earliest));
  const stored = await readJournal(ports, place, { from: fixBefore ?? earliest, to: headSequence });
  const journal = [...stored.map(({ entry }) => entry), ...news.entries];
  const sealHashes = new Map(facts.sealed.map(({ entry, hash }) => [formatId(entry.body.recording), hash]));
  const described: DescribedRecording[] = [];
  for (const target of targets.values()) {
    const one = await describeOne(target, journal, { arrivalMs: news.arrivalMs, sealHashes, stored });
    if (one !== null) described.push(one);
  }
  return described;
}

async function readUnsettled(ports: JournalPorts, { forceId, camera }: CameraPlace, headSequence: number) {
  return withForce(ports.database, { forceId, personId: null }, async (tx) => ({
    unsettled: await listUnsettled(tx, camera, -1),
    previousFix: await lastFixBefore(tx, camera, headSequence),
  }));
}

function chooseTargets(
  facts: JournalFacts,
  unsettled: readonly UnsettledRecording[],
  previousFix: number | null,
): Map<string, Target> {
  const targets = new Map<string, Target>();
  for (const { entry, assignment } of facts.started) {
    const id = formatId(entry.body.recording) as RecordingId;
    const named = assignment === null ? null : (formatId(assignment) as AssignmentId);
    if (!targets.has(id)) targets.set(id, { id, firstSequence: entry.sequence, assignment: named });
  }
  const sealedNow = new Set(facts.sealed.map(({ entry }) => formatId(entry.body.recording)));
  const isDated = facts.clockSets.length > 0;
  for (const { id, firstSequence, assignmentId } of unsettled) {
    const isAffected = sealedNow.has(id) || (isDated && firstSequence > (previousFix ?? -1));
    if (isAffected && !targets.has(id)) targets.set(id, { id, firstSequence, assignment: assignmentId });
  }
  return targets;
}

async function describeOne(
  target: Target,
  journal: readonly JournalEntry[],
  given: {
    readonly arrivalMs: number;
    readonly sealHashes: ReadonlyMap<string, Uint8Array>;
    readonly stored: readonly ReadRecord[];
  },
): Promise<DescribedRecording | null> {
  const collected = await collectRecording(journal, parseId(target.id));
  if (collected.kind === "absent") return null;
  const { recording } = collected;
  if (recording.started === null) return null;
  const times = correctRecordingTimes(journal, recording, given.arrivalMs);
  const sealHash = given.sealHashes.get(target.id) ?? (await storedHash(recording, given.stored));
  return {
    id: target.id,
    number: recording.started.body.number,
    assignment: target.assignment,
    fields: promisedFields(recording, journal, { times, sealHash, arrivalMs: given.arrivalMs }),
    recording,
    problems: collected.kind === "faulty" ? collected.problems : [],
  };
}

async function storedHash(
  { seal }: JournaledRecording,
  stored: readonly ReadRecord[],
): Promise<Uint8Array | null> {
  const found = seal && stored.find(({ entry }) => entry.sequence === seal.sequence);
  return found ? entryHash(found.record.entry) : null;
}
