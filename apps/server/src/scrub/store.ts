// SQL of the scrub: which recording comes next, what of it is stored, how far the pass came.
import type { ForceId, RecordingId } from "@sworn/contract";
import { sql } from "kysely";
import type { ForceTransaction } from "../platform/database/database.ts";

export interface ToScrub {
  readonly id: RecordingId;
  readonly mediaKey: string;
  readonly manifest: Uint8Array | null;
  readonly hasReceipt: boolean;
  readonly derivativeKeys: readonly string[];
}

/** The next recording whose bytes should be there; a pass goes by id. */
export async function nextToScrub(tx: ForceTransaction): Promise<ToScrub | null> {
  const { rows } = await sql<ToScrub>`
    select r.id, r.object_key as "mediaKey", r.manifest, r.receipt is not null as "hasReceipt",
      coalesce((select array_agg(d.object_key) from sworn.derivative d where d.recording_id = r.id), '{}') as "derivativeKeys"
    from sworn.recording r
    where r.state = 'collected' and r.object_key is not null
      and r.id > coalesce((select s.position from sworn.scrub s), '00000000-0000-0000-0000-000000000000')
    order by r.id limit 1`.execute(tx);
  return rows[0] ?? null;
}

export async function advance(
  tx: ForceTransaction,
  forceId: ForceId,
  step: {
    readonly position: RecordingId;
    readonly objects: number;
    readonly bytes: number;
    readonly damaged: number;
    readonly now: Date;
  },
): Promise<void> {
  await sql`insert into sworn.scrub (force_id, position, pass_started_at, objects, bytes, damaged)
    values (${forceId}, ${step.position}, ${step.now}, ${step.objects}, ${step.bytes}, ${step.damaged})
    on conflict (force_id) do update set position = excluded.position,
      pass_started_at = case when scrub.position is null then excluded.pass_started_at else scrub.pass_started_at end,
      objects = scrub.objects + excluded.objects, bytes = scrub.bytes + excluded.bytes,
      damaged = scrub.damaged + excluded.damaged`.execute(tx);
}

/** Ends a pass; nothing where none was begun. */
export async function endPass(tx: ForceTransaction, now: Date): Promise<boolean> {
  const ended = await sql`update sworn.scrub set completed_at = ${now}, completed_objects = objects,
    completed_bytes = bytes, completed_damaged = damaged, position = null, objects = 0, bytes = 0, damaged = 0
    where position is not null`.execute(tx);
  return (ended.numAffectedRows ?? 0n) > 0n;
}

export interface ScrubProgress {
  /** Of the pass under way. */
  readonly objects: number;
  readonly bytes: number;
  readonly damaged: number;
  readonly passStartedAt: Date | null;
  /** Of the last whole one. */
  readonly completedAt: Date | null;
  readonly completedObjects: number | null;
  readonly completedBytes: number | null;
  readonly completedDamaged: number | null;
}

/** How far the force's scrub is; null before its first step. */
export async function readProgress(tx: ForceTransaction): Promise<ScrubProgress | null> {
  const { rows } = await sql<ScrubProgress>`select objects, bytes, damaged,
    case when position is null then null else pass_started_at end as "passStartedAt", completed_at as "completedAt",
    completed_objects as "completedObjects", completed_bytes as "completedBytes",
    completed_damaged as "completedDamaged" from sworn.scrub`.execute(tx);
  return rows[0] ?? null;
}
