// Runs one job and records it: what ran, when, how it ended and with which error code. The record and the log
// hold no payload and no message of an error, which may speak of people.
import { isId, type ForceId, type PersonId } from "@sworn/contract";
import type { Clock } from "../platform/clock.ts";
import { withPlatform, type Database } from "../platform/database/database.ts";
import type { JobRunRow } from "../platform/database/tables/jobs.ts";
import type { Log } from "../platform/log.ts";
import { beginRun, endRun } from "./store.ts";
import type { Task } from "./task.ts";

export type RunOutcome =
  | { readonly outcome: "done" }
  | { readonly outcome: "failed"; readonly errorCode: string; readonly cause: unknown };

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^[A-Za-z0-9_.-]{1,60}$/.test(code) ? code : "fault";
}

function idIn(payload: unknown, name: "forceId" | "personId"): string | null {
  if (typeof payload !== "object" || payload === null || !(name in payload)) return null;
  const value: unknown = (payload as Record<string, unknown>)[name];
  return typeof value === "string" && isId(value) ? value : null;
}

export async function runTask(
  given: { database: Database; clock: Clock; log: Log; signal: AbortSignal },
  task: Task,
  job: { payload: unknown; attempt: number; startedBy: JobRunRow["started_by"] },
): Promise<RunOutcome> {
  const { database, clock } = given;
  const forceId = idIn(job.payload, "forceId") as ForceId | null;
  const log = given.log.child({ task: task.name, attempt: job.attempt });
  const runId = await withPlatform(database, (tx) =>
    beginRun(tx, { forceId, task: task.name, ...job, at: new Date(clock.nowMs()) }),
  );
  let result: RunOutcome = { outcome: "done" };
  try {
    await task.run(job.payload, {
      forceId,
      personId: idIn(job.payload, "personId") as PersonId | null,
      attempt: job.attempt,
      signal: given.signal,
      log,
    });
  } catch (cause) {
    result = { outcome: "failed", errorCode: codeOf(cause), cause };
    log.error("a job failed", { errorCode: result.errorCode, error: cause });
  }
  const errorCode = result.outcome === "failed" ? result.errorCode : null;
  await withPlatform(database, (tx) =>
    endRun(tx, runId, { outcome: result.outcome, errorCode, at: new Date(clock.nowMs()) }),
  );
  return result;
}
