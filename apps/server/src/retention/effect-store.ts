// SQL of a dry run: what a changed class would mean for the recordings that exist, computed by the rules themselves.
import type { RecordingId, RetentionEffect } from "@sworn/contract";
import { sql } from "kysely";
import type { ForceTransaction } from "../platform/database/database.ts";
import type { RuleInterval } from "./derive-rules.ts";
import { holdsOfR } from "./holds-store.ts";

const sampleSize = 20;

export interface DryRun {
  readonly class: string;
  /** Whether what is not classified has this class's period. */
  readonly isDefault: boolean;
  readonly before: readonly RuleInterval[];
  readonly after: readonly RuleInterval[];
  /** Only what was received before this: the proposal says nothing of what comes later. */
  readonly receivedBefore: Date;
  readonly dueBy: Date;
  readonly arrivalDays: number;
}

const asJson = (intervals: readonly RuleInterval[]): string =>
  JSON.stringify(
    intervals.map(({ receivedFromMs, receivedUntilMs, rule }) => ({
      f: new Date(receivedFromMs).toISOString(),
      u: new Date(receivedUntilMs).toISOString(),
      p: rule.periodDays,
    })),
  );

interface EffectRow {
  existing: number;
  longer: number;
  shorter: number;
  due_by: number;
  held: number;
  earliest: Date | null;
  sample: RecordingId[] | null;
}

export async function readEffect(tx: ForceTransaction, run: DryRun): Promise<RetentionEffect> {
  const ofClass = run.isDefault
    ? sql`(r.class = ${run.class} or r.class is null)`
    : sql`r.class = ${run.class}`;
  const { rows } = await sql<EffectRow>`
    with before as (select * from jsonb_to_recordset(${asJson(run.before)}::jsonb) as (f timestamptz, u timestamptz, p int)),
    after as (select * from jsonb_to_recordset(${asJson(run.after)}::jsonb) as (f timestamptz, u timestamptz, p int)),
    existing as (
      select r.id, b.f is not null and (a.p is null and b.p is not null or a.p > b.p) as longer,
        b.f is not null and a.p is not null and (b.p is null or a.p < b.p) as shorter,
        greatest(r.recorded_end_at + make_interval(hours => 24 * a.p),
          r.received_at + make_interval(hours => 24 * ${run.arrivalDays}::int)) as due_at,
        exists (select from ${holdsOfR} held) as held
      from sworn.recording r
      join after a on r.received_at >= a.f and r.received_at < a.u
      left join before b on r.received_at >= b.f and r.received_at < b.u
      where r.state = 'collected' and ${ofClass} and r.received_at < ${run.receivedBefore}
    )
    select count(*)::int as existing, count(*) filter (where longer)::int as longer,
      count(*) filter (where shorter)::int as shorter,
      count(*) filter (where shorter and due_at <= ${run.dueBy})::int as due_by,
      count(*) filter (where shorter and held)::int as held,
      min(due_at) filter (where shorter) as earliest,
      (select array_agg(s.id order by s.due_at, s.id) from
        (select e.id, e.due_at from existing e where e.shorter order by e.due_at, e.id limit ${sampleSize}) s) as sample
    from existing`.execute(tx);
  const row = rows[0];
  return {
    existing: row?.existing ?? 0,
    longer: row?.longer ?? 0,
    shorter: row?.shorter ?? 0,
    dueByExpiry: row?.due_by ?? 0,
    held: row?.held ?? 0,
    earliestDueAt: row?.earliest?.toISOString() ?? null,
    sample: row?.sample ?? [],
  };
}
