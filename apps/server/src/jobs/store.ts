// The SQL of jobs: queueing in the caller's transaction, the record of runs, the schedule.
import { randomUUID } from "node:crypto";
import type { ForceId } from "@sworn/contract";
import { sql } from "kysely";
import type { ClientBase } from "pg";
import type { ForceTransaction, PlatformTransaction } from "../platform/database/database.ts";
import type { JobRunRow } from "../platform/database/tables/jobs.ts";

export interface EnqueueOptions {
  /** A job that waits under the same key is replaced by this one. */
  readonly key?: string;
  /** 25 unless given. */
  readonly maximumAttempts?: number;
}

/**
 * Queues a job with the transaction: it exists if and only if the transaction commits. The force and person of
 * the transaction travel with it and cannot be other ones. `payload` is an object that JSON can hold.
 */
export async function enqueue(
  tx: ForceTransaction,
  task: string,
  payload: Readonly<Record<string, unknown>> = {},
  options: EnqueueOptions = {},
): Promise<void> {
  await sql`select sworn.enqueue_job(${task}, ${JSON.stringify(payload)}::jsonb,
    ${options.key ?? null}, ${options.maximumAttempts ?? null})`.execute(tx);
}

/** Queues a job that is for all forces. */
export async function enqueuePlatform(
  tx: PlatformTransaction,
  task: string,
  payload: Readonly<Record<string, unknown>> = {},
  options: EnqueueOptions = {},
): Promise<void> {
  await sql`select sworn.enqueue_platform_job(${task}, ${JSON.stringify(payload)}::jsonb,
    ${options.key ?? null}, ${options.maximumAttempts ?? null})`.execute(tx);
}

/** Records that a run began; returns its id. */
export async function beginRun(
  tx: PlatformTransaction,
  run: {
    forceId: ForceId | null;
    task: string;
    startedBy: JobRunRow["started_by"];
    attempt: number;
    at: Date;
  },
): Promise<string> {
  const id = randomUUID();
  await tx
    .insertInto("job_run")
    .values({
      id,
      force_id: run.forceId,
      task: run.task,
      started_by: run.startedBy,
      attempt: run.attempt,
      started_at: run.at,
      ended_at: null,
      outcome: "running",
      error_code: null,
    })
    .execute();
  return id;
}

export async function endRun(
  tx: PlatformTransaction,
  id: string,
  end: { outcome: "done" | "failed"; errorCode: string | null; at: Date },
): Promise<void> {
  await tx
    .updateTable("job_run")
    .set({ outcome: end.outcome, error_code: end.errorCode, ended_at: end.at })
    .where("id", "=", id)
    .execute();
}

/** Marks the runs that a server which died left behind. */
export async function abandonRuns(tx: PlatformTransaction, at: Date): Promise<void> {
  await tx
    .updateTable("job_run")
    .set({ outcome: "abandoned", ended_at: at })
    .where("outcome", "=", "running")
    .execute();
}

export async function deleteRunsBefore(tx: PlatformTransaction, before: Date): Promise<void> {
  await tx.deleteFrom("job_run").where("started_at", "<", before).where("outcome", "!=", "running").execute();
}

/** The newest runs that the force may see. */
export async function listRuns(tx: ForceTransaction, limit: number): Promise<JobRunRow[]> {
  const newest = tx
    .selectFrom("job_run")
    .selectAll()
    .orderBy("started_at", "desc")
    .orderBy("attempt", "desc");
  return newest.limit(limit).execute();
}

/**
 * Claims a due instant of a scheduled task: true for one caller only, once. A task that is new begins with
 * the next instant, not with one before it was known.
 */
export async function claimDue(tx: PlatformTransaction, task: string, due: Date): Promise<boolean> {
  const known = await tx
    .insertInto("job_schedule")
    .values({ task, last_due_at: due })
    .onConflict((conflict) => conflict.column("task").doNothing())
    .returning("task")
    .execute();
  if (known.length > 0) return false;
  const claimed = await tx
    .updateTable("job_schedule")
    .set({ last_due_at: due })
    .where("task", "=", task)
    .where("last_due_at", "<", due)
    .returning("task")
    .execute();
  return claimed.length > 0;
}

const runnerLock = 7_768_114_002;

/**
 * Tries to be the one runner of this database for as long as `client` stays connected, and if so releases the
 * jobs that dead runners held (the queue alone would wait four hours).
 */
export async function takeOverQueue(client: ClientBase): Promise<boolean> {
  const got = await client.query<{ got: boolean }>("select pg_try_advisory_lock($1) as got", [runnerLock]);
  if (got.rows[0]?.got !== true) return false;
  await client.query(`select graphile_worker.force_unlock_workers(array(
    select distinct locked_by from graphile_worker._private_jobs where locked_by is not null))`);
  return true;
}
