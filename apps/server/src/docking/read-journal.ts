// Reads accepted entries back from the stored segments. They were verified when they were accepted; the hash of each
// segment is checked again, so that what an object store has altered is never used.
import type { CameraId, ForceId, HandInId } from "@sworn/contract";
import {
  decodeSegment,
  equalBytes,
  parseEntry,
  sha256,
  type JournalEntry,
  type JournalRecord,
} from "@sworn/custody";
import { withForce, type Database } from "../platform/database/database.ts";
import { DockingFault } from "./docking-fault.ts";
import { handedInSegmentKey, journalSegmentKey, type SegmentStore } from "./segment-store.ts";
import { handedInBetween, segmentsBetween, type StoredSegment } from "./store.ts";

export interface ReadRecord {
  readonly record: JournalRecord;
  readonly entry: JournalEntry;
}

export interface CameraPlace {
  readonly forceId: ForceId;
  readonly camera: CameraId;
  /** Given: what was handed in there, which no dock brought, is read in place of the accepted journal. */
  readonly handIn?: HandInId | null;
}

export interface JournalPorts {
  readonly database: Database;
  readonly segments: SegmentStore;
}

/** Stored records with sequences from `from` to `to`, both included, in order. @throws DockingFault `segment-damaged` */
export async function readJournal(
  ports: JournalPorts,
  place: CameraPlace,
  range: { readonly from: number; readonly to: number },
): Promise<ReadRecord[]> {
  if (range.from > range.to) return [];
  const actor = { forceId: place.forceId, personId: null };
  // The rows in one short transaction; the objects, which are slow, outside of it: neither ever changes.
  const rows = await withForce(ports.database, actor, (tx) =>
    place.handIn
      ? handedInBetween(tx, place.handIn, range.from, range.to)
      : segmentsBetween(tx, place.camera, range.from, range.to),
  );
  const found: ReadRecord[] = [];
  for (const row of rows) {
    const records = await readSegmentOf(ports.segments, place, row);
    const skipped = Math.max(0, range.from - row.first_sequence);
    for (const record of records.slice(skipped, range.to - row.first_sequence + 1)) {
      found.push({ record, entry: parseEntry(record.entry).entry });
    }
  }
  return found;
}

async function readSegmentOf(
  segments: SegmentStore,
  { forceId, camera, handIn }: CameraPlace,
  row: Pick<StoredSegment, "first_sequence" | "hash">,
): Promise<readonly JournalRecord[]> {
  const key = handIn
    ? handedInSegmentKey(forceId, handIn, row.first_sequence, row.hash)
    : journalSegmentKey(forceId, camera, row.first_sequence, row.hash);
  const bytes = await segments.get(key);
  if (bytes === null || !equalBytes(await sha256(bytes), row.hash)) {
    const state = bytes === null ? "missing" : "altered";
    throw new DockingFault(
      "segment-damaged",
      `The stored journal of camera ${camera} from entry ${row.first_sequence.toString()} is ${state}. Run sworn fsck.`,
    );
  }
  return decodeSegment(bytes);
}
