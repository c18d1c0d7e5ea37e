// Segments, accepted or handed in, that were stored before details were wrapped at their acceptance, or whose ingest key could not be read then:
// wrapped now, before any ingest key is destroyed. What cannot be wrapped is told, and keeps the ingest keys.
//   1. store the segment with its details wrapped; in one transaction: the row names it, and an entry names both
//   2. after the checkpoint remove the object as it was sent; then the row says that it is done
// A crash between begins the step again; the same bytes come of it.
import type { ForceId } from "@sworn/contract";
import { encodeSegment, equalBytes, parseId, sha256 } from "@sworn/custody";
import { recordFinding } from "../findings/index.ts";
import { withForce } from "../platform/database/database.ts";
import { DockingFault } from "./docking-fault.ts";
import { monthOf } from "./journal-keys.ts";
import {
  countUnanswered,
  detailsSubject,
  listUnwrapped,
  listUnwrappedHandedIn,
  noteJournalKey,
  replaceSegment,
  type UnwrappedSegment,
} from "./journal-keys-store.ts";
import type { DockingPorts } from "./ports.ts";
import { readJournal } from "./read-journal.ts";
import { handedInSegmentKey, journalSegmentKey } from "./segment-store.ts";
import { wrapOpenings } from "./wrap-openings.ts";

const PAGE = 100;

export interface StoredWrapped {
  readonly wrapped: number;
  /** Segments that may still need an ingest key and that no person has answered for: while there are any, none may go. */
  readonly waiting: number;
}

/** @throws LedgerFault, VaultError */
export async function wrapStored(ports: DockingPorts, forceId: ForceId): Promise<StoredWrapped> {
  const actor = { forceId, personId: null };
  let wrapped = 0;
  for (const list of [listUnwrapped, listUnwrappedHandedIn]) {
    let after: UnwrappedSegment | undefined;
    for (;;) {
      const page = await withForce(ports.database, actor, (tx) => list(tx, { after, limit: PAGE }));
      for (const segment of page) {
        const problem = await wrapSegment(ports, forceId, segment);
        if (problem === null) wrapped += 1;
        else await tell(ports, forceId, segment, problem);
      }
      after = page.at(-1);
      if (page.length < PAGE) break;
    }
  }
  const waiting = await withForce(ports.database, actor, countUnanswered);
  return { wrapped, waiting };
}

function keyOf(forceId: ForceId, segment: UnwrappedSegment, hash: Uint8Array): string {
  const { hand_in_id: handIn, camera_id: camera, first_sequence: first } = segment;
  return handIn === null
    ? journalSegmentKey(forceId, camera, first, hash)
    : handedInSegmentKey(forceId, handIn, first, hash);
}

type Problem = "segment-damaged" | "ingest-key-unknown" | "contended";

/** Null: nothing in it needs an ingest key any more. */
async function wrapSegment(
  ports: DockingPorts,
  forceId: ForceId,
  segment: UnwrappedSegment,
): Promise<Problem | null> {
  if (segment.replaced_hash !== null) {
    await removeReplaced(ports, forceId, segment, segment.replaced_hash);
    if (segment.details === "wrapped") return null;
  }
  const read = await wrapRead(ports, forceId, segment);
  if (read === "segment-damaged") return read;
  const { details, month } = read;
  const bytes = encodeSegment(details.records.map(({ record }) => record));
  const hash = await sha256(bytes);
  const isWhole = !details.unreadable.some(({ reason }) => reason === "ingest-key-unknown");
  const isSame = equalBytes(hash, segment.hash);
  if (isSame && !isWhole) return "ingest-key-unknown";
  const next = { hash, size_bytes: bytes.length, details: isWhole ? "wrapped" : "as-sent" } as const;
  if (isSame) return (await keepRow(ports, forceId, segment, next)) ? null : "contended";
  await ports.segments.put(keyOf(forceId, segment, hash), bytes);
  const staged = await replace(ports, { forceId, segment, month, next });
  if (staged === null) return "contended";
  await ports.ledger.covered(forceId, staged);
  await removeReplaced(ports, forceId, { ...segment, hash }, segment.hash);
  return isWhole ? null : "ingest-key-unknown";
}

async function wrapRead(ports: DockingPorts, forceId: ForceId, segment: UnwrappedSegment) {
  const force = parseId(forceId);
  const { ingestKeys } = await ports.authorities.of(force);
  const month = monthOf(ports.clock.nowMs());
  const range = { from: segment.first_sequence, to: segment.last_sequence };
  try {
    const place = { forceId, camera: segment.camera_id, handIn: segment.hand_in_id };
    const records = await readJournal(ports, place, range);
    const openEnvelope = ingestKeys.open.bind(ingestKeys);
    return { month, details: await wrapOpenings({ force, month, ring: ports.keys, openEnvelope }, records) };
  } catch (error) {
    if (error instanceof DockingFault && error.code === "segment-damaged") return error.code;
    throw error;
  }
}

type NextRow = Parameters<typeof replaceSegment>[2];

async function keepRow(
  ports: DockingPorts,
  forceId: ForceId,
  segment: UnwrappedSegment,
  next: NextRow,
): Promise<boolean> {
  return withForce(ports.database, { forceId, personId: null }, (tx) => replaceSegment(tx, segment, next));
}

async function replace(
  ports: DockingPorts,
  given: {
    readonly forceId: ForceId;
    readonly segment: UnwrappedSegment;
    readonly month: string;
    readonly next: NextRow & { readonly hash: Uint8Array };
  },
): Promise<{ readonly id: number } | null> {
  const { forceId, segment, month, next } = given;
  const { camera_id: camera, first_sequence: fromSequence, last_sequence: toSequence } = segment;
  const at = new Date(ports.clock.nowMs());
  return withForce(ports.database, { forceId, personId: null }, async (tx) => {
    const fields = { ...next, sent_hash: segment.sent_hash ?? segment.hash, replaced_hash: segment.hash };
    if (!(await replaceSegment(tx, segment, fields))) return null;
    if (!(await noteJournalKey(tx, { forceId, camera }, month, at))) {
      throw new DockingFault("journal-key-destroyed", `The camera's key of ${month} was destroyed.`);
    }
    return ports.ledger.stage(tx, {
      event: "journal-details-wrapped",
      actor: { system: "docking" },
      camera: parseId(camera),
      data: {
        ...(segment.hand_in_id === null ? {} : { handIn: parseId(segment.hand_in_id) }),
        ...{ fromSequence, toSequence, segmentBefore: segment.hash, segment: next.hash },
      },
    });
  });
}

/** The object with the envelopes goes; only then the row forgets it. */
async function removeReplaced(
  ports: DockingPorts,
  forceId: ForceId,
  segment: UnwrappedSegment,
  replaced: Uint8Array,
): Promise<void> {
  await ports.segments.remove(keyOf(forceId, segment, replaced));
  await keepRow(ports, forceId, segment, { replaced_hash: null });
}

/** Told as the destruction that it holds up; a person who resolves it lets the ingest keys go. */
async function tell(
  ports: DockingPorts,
  forceId: ForceId,
  segment: UnwrappedSegment,
  problem: Problem,
): Promise<void> {
  const { camera_id: cameraId, first_sequence: firstSequence, last_sequence: lastSequence } = segment;
  const handIn = segment.hand_in_id === null ? {} : { handIn: segment.hand_in_id };
  const detail = { problem: "details-not-wrapped", because: problem, firstSequence, lastSequence, ...handIn };
  await withForce(ports.database, { forceId, personId: null }, (tx) =>
    recordFinding(
      tx,
      { kind: "destruction", cameraId, subject: detailsSubject(segment), detail },
      ports.clock.nowMs(),
    ),
  );
}
