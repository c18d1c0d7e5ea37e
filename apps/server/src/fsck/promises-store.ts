// SQL of what journals promised and is not named, and of the keys of details in journals; a page at a time.
import type { CameraId, RecordingId } from "@sworn/contract";
import { sql } from "kysely";
import type { ForceTransaction } from "../platform/database/database.ts";

type Query = <T>(work: (tx: ForceTransaction) => Promise<T>) => Promise<T>;
const pageSize = 200;

export interface Unnamed {
  readonly id: RecordingId;
  readonly number: number;
  readonly promisedAt: Date;
}

/** Expected since before `before`, and never named as missing, resolved or not. */
export async function* eachUnnamed(query: Query, before: Date): AsyncGenerator<Unnamed, void, undefined> {
  let after: RecordingId | null = null;
  for (;;) {
    const from: RecordingId | null = after;
    const rows: readonly Unnamed[] = await query(async (tx) => {
      const found = await sql<Unnamed>`
        select r.id, r.number, r.created_at as "promisedAt" from sworn.recording r
        where r.state = 'expected' and r.number is not null and r.camera_id is not null and r.created_at < ${before}
          and (${from}::uuid is null or r.id > ${from}::uuid)
          and not exists (select from sworn.finding f where f.force_id = r.force_id and f.kind = 'missing'
            and f.recording_id = r.id)
        order by r.id limit ${pageSize}`.execute(tx);
      return found.rows;
    });
    yield* rows;
    const last: Unnamed | undefined = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

export interface CheckedJournalKey {
  readonly camera: CameraId;
  readonly month: string;
  readonly isOrdered: boolean;
  readonly isDestroyed: boolean;
}

export async function* eachJournalKey(query: Query): AsyncGenerator<CheckedJournalKey, void, undefined> {
  let after: CheckedJournalKey | null = null;
  for (;;) {
    const from: CheckedJournalKey | null = after;
    const rows: readonly CheckedJournalKey[] = await query(async (tx) => {
      const found = await sql<CheckedJournalKey>`
        select camera_id as camera, month, ordered_at is not null as "isOrdered",
          destroyed_at is not null as "isDestroyed" from sworn.journal_key
        where ${from === null} or (camera_id, month) > (${from?.camera ?? null}::uuid, ${from?.month ?? ""})
        order by camera_id, month limit ${pageSize}`.execute(tx);
      return found.rows;
    });
    yield* rows;
    const last: CheckedJournalKey | undefined = rows.at(-1);
    if (last === undefined) return;
    after = last;
  }
}

/** Which of these ids of the key ring, `journal/<camera>/<month>`, have a row. */
export async function findJournalKeys(tx: ForceTransaction, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select 'journal/' || camera_id || '/' || month as id from sworn.journal_key
    where 'journal/' || camera_id || '/' || month = any (${[...ids]}::text[])`.execute(tx);
  return rows.map(({ id }) => id);
}
