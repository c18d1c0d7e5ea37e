// SQL about stored objects by name: whether one should be there, and the findings about it.
import type { FindingId, RecordingId } from "@sworn/contract";
import { sql } from "kysely";
import type { ForceTransaction } from "../platform/database/database.ts";

interface Named {
  readonly key: string;
  readonly recordingId: RecordingId | null;
}

/** Whether a row names the object and nothing is destroying it. A row that somebody has locked says no for now: who
 * destroys waits, with that lock, for whoever mends. */
export async function isWanted(tx: ForceTransaction, { key, recordingId }: Named): Promise<boolean> {
  if (recordingId !== null && (await stateOf(tx, recordingId)) === "locked") return false;
  const segment = /\/(?:journals|journals-handed-in)\/([0-9a-f-]{36})\/(\d{12})-([0-9a-f]{64})$/.exec(key);
  const [, owner, first, digest] = segment ?? [];
  const statement = /\/(?:receipt|manifest-[0-9a-f]{32}|destruction)$/.test(key);
  const { rows } = await sql<{ wanted: boolean }>`select
    exists (select from sworn.recording r where r.id = ${recordingId}::uuid
      and (r.state = 'collected' and r.object_key = ${key} or r.state <> 'expected' and ${statement}))
    or exists (select from sworn.derivative d join sworn.recording r on r.id = d.recording_id
      where d.object_key = ${key} and r.state = 'collected')
    or exists (select from sworn.quarantine q
      left join sworn.recording r on r.force_id = q.force_id and r.id = q.recording_id
      where q.object_key = ${key} and q.decision is distinct from 'rejected'
        and (r.id is null or r.state in ('expected', 'collected')))
    or exists (select from sworn.journal_segment s where s.camera_id = ${owner ?? null}::uuid
      and s.first_sequence = ${first ?? null}::bigint and encode(s.hash, 'hex') = ${digest ?? null})
    or exists (select from sworn.hand_in_segment s where s.hand_in_id = ${owner ?? null}::uuid
      and s.first_sequence = ${first ?? null}::bigint and encode(s.hash, 'hex') = ${digest ?? null})
    as wanted`.execute(tx);
  return rows[0]?.wanted === true;
}

export type RecordingState = "absent" | "locked" | "expected" | "collected" | "destroy-ordered" | "destroyed";

/** The state, held as it is until the transaction ends; "locked" where somebody else holds the row. */
export async function stateOf(tx: ForceTransaction, id: RecordingId): Promise<RecordingState> {
  const held = await sql<{ state: RecordingState }>`
    select state from sworn.recording where id = ${id} for share skip locked`.execute(tx);
  const state = held.rows[0]?.state;
  if (state !== undefined) return state;
  const known = await sql`select from sworn.recording where id = ${id}`.execute(tx);
  return known.rows.length > 0 ? "locked" : "absent";
}

const family = (key: string) =>
  sql`kind = 'altered' and detail ->> 'object' = ${key} and subject like 'stored %'`;

/** How often damage of this object was told and mended. */
export async function countMended(tx: ForceTransaction, key: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from sworn.finding
    where ${family(key)} and resolved_at is not null and resolved_by is null`.execute(tx);
  return rows[0]?.count ?? 0;
}

/** Resolves, by nobody, the open findings that the object is damaged. */
export async function closeDamage(tx: ForceTransaction, key: string, at: Date): Promise<FindingId[]> {
  const { rows } = await sql<{ id: FindingId }>`update sworn.finding set resolved_at = ${at}
    where ${family(key)} and resolved_at is null returning id`.execute(tx);
  return rows.map(({ id }) => id);
}
