// SQL of fsck: pages of rows, each in a transaction that the database itself keeps from writing. Memory is one page.
import type { CameraId, ForceId, RecordingId } from "@sworn/contract";
import { sql, type Selectable } from "kysely";
import {
  withForce,
  withPlatform,
  type Database,
  type ForceTransaction,
} from "../platform/database/database.ts";
import type { HandInSegmentRow } from "../platform/database/tables/docking.ts";
import type {
  CameraRow,
  DerivativeRow,
  JournalSegmentRow,
  RecordingRow,
} from "../platform/database/tables/evidence.ts";

export type StoredRecording = Selectable<RecordingRow>;
export type StoredDerivative = Selectable<DerivativeRow>;
export type StoredSegment = Selectable<JournalSegmentRow>;
export type HandedIn = Selectable<HandInSegmentRow>;
export type CheckedCamera = Pick<
  Selectable<CameraRow>,
  "id" | "name" | "certificate" | "certificate_hash" | "enrolled_at" | "head_sequence" | "head_hash"
>;

const pageSize = 200;

export async function readOnly<T>(
  database: Database,
  forceId: ForceId,
  work: (tx: ForceTransaction) => Promise<T>,
): Promise<T> {
  return withForce(database, { forceId, personId: null }, async (tx) => {
    await sql`set transaction read only`.execute(tx);
    return work(tx);
  });
}

export async function listForces(database: Database): Promise<ForceId[]> {
  const found = await withPlatform(database, (tx) =>
    sql<{ id: ForceId }>`select id from sworn.all_forces()`.execute(tx),
  );
  return found.rows.map(({ id }) => id);
}

type Query = <T>(work: (tx: ForceTransaction) => Promise<T>) => Promise<T>;

async function* pages<Row, Place>(
  query: Query,
  page: (tx: ForceTransaction, after: Place | null) => Promise<Row[]>,
  placeOf: (row: Row) => Place,
): AsyncGenerator<Row, void, undefined> {
  let after: Place | null = null;
  for (;;) {
    const from: Place | null = after;
    const rows = await query((tx) => page(tx, from));
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined) return;
    after = placeOf(last);
  }
}

/** Every recording of the force, expected ones too. */
export function eachRecording(query: Query): AsyncGenerator<StoredRecording, void, undefined> {
  return pages<StoredRecording, RecordingId>(
    query,
    (tx, after) => {
      const rows = tx.selectFrom("recording").selectAll().orderBy("id").limit(pageSize);
      return (after === null ? rows : rows.where("id", ">", after)).execute();
    },
    (row) => row.id,
  );
}

/** Working copies with the state of their master. */
export function eachDerivative(query: Query): AsyncGenerator<StoredDerivative, void, undefined> {
  return pages<StoredDerivative, string>(
    query,
    (tx, after) => {
      const rows = tx.selectFrom("derivative").selectAll().orderBy("id").limit(pageSize);
      return (after === null ? rows : rows.where("id", ">", after)).execute();
    },
    (row) => row.id,
  );
}

export async function findRecordings(
  tx: ForceTransaction,
  ids: readonly string[],
): Promise<Map<string, StoredRecording>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .selectFrom("recording")
    .selectAll()
    .where("id", "in", [...ids] as RecordingId[])
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** What rows beside recordings name: derivatives, and what is kept apart or on its way. */
export async function findNamedObjects(tx: ForceTransaction, keys: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ key: string }>`
    select object_key as key from sworn.derivative where object_key = any (${[...keys]}::text[])
    union select object_key from sworn.quarantine where object_key = any (${[...keys]}::text[])
      and decision is distinct from 'rejected'
    union select object_key from sworn.upload where object_key = any (${[...keys]}::text[])
      and state in ('open', 'verifying')
    union select force_id || '/journals-handed-in/' || hand_in_id || '/' || lpad(first_sequence::text, 12, '0')
      || '-' || encode(hash, 'hex') from sworn.hand_in_segment
      where force_id || '/journals-handed-in/' || hand_in_id || '/' || lpad(first_sequence::text, 12, '0')
      || '-' || encode(hash, 'hex') = any (${[...keys]}::text[])
    union select detail ->> 'object' from sworn.finding where detail ->> 'object' = any (${[...keys]}::text[])
  `.execute(tx);
  return new Set(rows.map(({ key }) => key));
}

export interface KeptApart {
  readonly id: string;
  readonly recording_id: RecordingId | null;
  readonly object_key: string;
  readonly hash: Uint8Array;
  readonly size_bytes: number;
  readonly decision: string | null;
}

/** What is in quarantine, or was accepted out of it and not destroyed since. */
export function eachKeptApart(query: Query): AsyncGenerator<KeptApart, void, undefined> {
  return pages<KeptApart, string>(
    query,
    async (tx, after) => {
      const { rows } = await sql<KeptApart>`
        select q.id, q.recording_id, q.object_key, q.hash, q.size_bytes, q.decision from sworn.quarantine q
        left join sworn.recording r on r.force_id = q.force_id and r.id = q.recording_id
        where q.decision is distinct from 'rejected'
          and (r.id is null or r.state in ('expected', 'collected'))
          and (${after}::uuid is null or q.id > ${after}::uuid) order by q.id limit ${pageSize}`.execute(tx);
      return rows;
    },
    (row) => row.id,
  );
}

export interface OpenUpload {
  readonly id: string;
  readonly recording_id: RecordingId;
  readonly camera_id: CameraId | null;
  readonly object_key: string;
  readonly store_parts: readonly number[];
}

export function eachOpenUpload(query: Query): AsyncGenerator<OpenUpload, void, undefined> {
  return pages<OpenUpload, string>(
    query,
    async (tx, after) => {
      const { rows } = await sql<OpenUpload>`
        select id, recording_id, camera_id, object_key, store_parts from sworn.upload
        where state in ('open', 'verifying') and (${after}::uuid is null or id > ${after}::uuid)
        order by id limit ${pageSize}`.execute(tx);
      return rows;
    },
    (row) => row.id,
  );
}

export async function listCameras(tx: ForceTransaction): Promise<CheckedCamera[]> {
  return tx
    .selectFrom("camera")
    .select(["id", "name", "certificate", "certificate_hash", "enrolled_at", "head_sequence", "head_hash"])
    .orderBy("id")
    .execute();
}

export function eachSegment(query: Query, camera: CameraId): AsyncGenerator<StoredSegment, void, undefined> {
  return pages<StoredSegment, number>(
    query,
    (tx, after) =>
      tx
        .selectFrom("journal_segment")
        .selectAll()
        .where("camera_id", "=", camera)
        .where("first_sequence", ">", after ?? -1)
        .orderBy("first_sequence")
        .limit(pageSize)
        .execute(),
    (row) => row.first_sequence,
  );
}

/** Segments of what was handed in of cameras that are not trusted. */
export function eachHandedIn(query: Query): AsyncGenerator<HandedIn, void, undefined> {
  return pages<HandedIn, HandedIn>(
    query,
    (tx, after) => {
      const rows = tx
        .selectFrom("hand_in_segment")
        .selectAll()
        .orderBy("hand_in_id")
        .orderBy("first_sequence")
        .limit(pageSize);
      if (after === null) return rows.execute();
      const { hand_in_id: id, first_sequence: first } = after;
      return rows
        .where(sql<boolean>`(hand_in_id, first_sequence) > (${id}::uuid, ${first}::bigint)`)
        .execute();
    },
    (row) => row,
  );
}

/** The segment that a journal object's name tells of. */
export async function hasSegment(
  tx: ForceTransaction,
  camera: string,
  first: number,
  hash: string,
): Promise<boolean> {
  const row = await tx
    .selectFrom("journal_segment")
    .select("first_sequence")
    .where("camera_id", "=", camera as CameraId)
    .where("first_sequence", "=", first)
    .where(sql<boolean>`encode(hash, 'hex') = ${hash}`)
    .executeTakeFirst();
  return row !== undefined;
}
