// SQL of fsck about the ledger, and about what must have an entry in it. Reads only.
import type { CameraId, RecordingId } from "@sworn/contract";
import { sql, type Selectable } from "kysely";
import type { ForceTransaction } from "../platform/database/database.ts";
import type { LedgerEntryRow } from "../platform/database/tables/evidence.ts";

export type StoredEntry = Selectable<LedgerEntryRow>;

export interface LedgerCounts {
  /** Entries with an index: these should be 0 … count-1. */
  readonly indexed: number;
  readonly last: number | null;
  readonly headSize: number | null;
  readonly headRoot: Uint8Array | null;
}

export async function countEntries(tx: ForceTransaction): Promise<LedgerCounts> {
  const { rows } = await sql<LedgerCounts>`
    select (select count(*) from sworn.ledger_entry where index is not null) as indexed,
      (select max(index) from sworn.ledger_entry) as last,
      h.size as "headSize", h.root as "headRoot"
    from (select 1) one left join sworn.ledger_head h on true`.execute(tx);
  return rows[0] ?? { indexed: 0, last: null, headSize: null, headRoot: null };
}

/** Entries with indexes from `from` up to, not including, `to`. */
export async function entriesBetween(
  tx: ForceTransaction,
  from: number,
  to: number,
): Promise<Map<number, StoredEntry>> {
  const rows = await tx
    .selectFrom("ledger_entry")
    .selectAll()
    .where("index", ">=", from)
    .where("index", "<", to)
    .execute();
  return new Map(rows.flatMap((row) => (row.index === null ? [] : [[row.index, row] as const])));
}

export async function entriesById(
  tx: ForceTransaction,
  ids: readonly number[],
): Promise<Map<number, StoredEntry>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .selectFrom("ledger_entry")
    .selectAll()
    .where("id", "in", [...ids])
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

export interface Unentered {
  readonly recordingId: RecordingId;
  readonly event: string;
}

/** Recordings whose acts lack the entry that they must have. */
export async function listUnentered(tx: ForceTransaction, limit: number): Promise<Unentered[]> {
  const { rows } = await sql<Unentered>`
    select r.id as "recordingId", wanted.event from sworn.recording r
    cross join lateral (
      select 'recording-collected' as event, r.collected_entry_id as entry, r.receipt is not null as is_published
      where r.state <> 'expected'
      union all select 'destroy-ordered', r.destroy_entry_id, r.state = 'destroyed'
      where r.state in ('destroy-ordered', 'destroyed')
    ) wanted
    where not exists (select from sworn.ledger_entry e where e.force_id = r.force_id and e.id = wanted.entry
      and e.recording_id = r.id and e.event = wanted.event and (e.index is not null or not wanted.is_published))
    union all
    select r.id, 'recording-destroyed' from sworn.recording r where r.state = 'destroyed'
      and not exists (select from sworn.ledger_entry e where e.force_id = r.force_id and e.recording_id = r.id
        and e.event = 'recording-destroyed')
    order by 1, 2 limit ${limit}`.execute(tx);
  return rows;
}

export interface UnenteredSegment {
  readonly cameraId: CameraId;
  readonly firstSequence: number;
}

/** Accepted journal segments without their entry. */
export async function listUnenteredSegments(
  tx: ForceTransaction,
  limit: number,
): Promise<UnenteredSegment[]> {
  const { rows } = await sql<UnenteredSegment>`
    select s.camera_id as "cameraId", s.first_sequence as "firstSequence" from sworn.journal_segment s
    where not exists (select from sworn.ledger_entry e where e.force_id = s.force_id and e.id = s.entry_id
      and e.camera_id = s.camera_id and e.event = 'journal-accepted')
    order by 1, 2 limit ${limit}`.execute(tx);
  return rows;
}

export interface MissingRecording {
  readonly id: RecordingId;
  readonly cameraId: CameraId;
  readonly number: number;
  readonly wasFreed: boolean;
}

/** Promised by a journal, not here, and no longer on the camera, as that last said. */
export async function listMissing(tx: ForceTransaction, limit: number): Promise<MissingRecording[]> {
  const { rows } = await sql<MissingRecording>`
    select r.id, r.camera_id as "cameraId", r.number, f.recording_id is not null as "wasFreed"
    from sworn.recording r
    left join sworn.camera_journal j on j.force_id = r.force_id and j.camera_id = r.camera_id
    left join sworn.freed_recording f on f.force_id = r.force_id and f.camera_id = r.camera_id and f.recording_id = r.id
    where r.state = 'expected' and r.camera_id is not null
      and (f.recording_id is not null or (r.seal_hash is not null and j.held is not null
        and r.last_sequence <= j.held_sequence and not (j.held @> to_jsonb(r.id::text))))
      and not exists (select from sworn.upload u where u.force_id = r.force_id and u.recording_id = r.id
        and u.state in ('open', 'verifying', 'quarantined'))
    order by r.id limit ${limit}`.execute(tx);
  return rows;
}

/** Recordings that a camera says it freed against another receipt than the one that was given. */
export async function listFreedOtherwise(
  tx: ForceTransaction,
  limit: number,
): Promise<{ readonly id: RecordingId; readonly cameraId: CameraId; readonly sequence: number }[]> {
  const { rows } = await sql<{ id: RecordingId; cameraId: CameraId; sequence: number }>`
    select r.id, r.camera_id as "cameraId", f.sequence from sworn.freed_recording f
    join sworn.recording r on r.force_id = f.force_id and r.id = f.recording_id
    where r.state <> 'expected' and (r.receipt is null or sha256(r.receipt) <> f.receipt_hash)
    order by r.id limit ${limit}`.execute(tx);
  return rows;
}
