// A task: named work that capabilities give to the runner.
import type { ForceId, PersonId } from "@sworn/contract";
import type { Log } from "../platform/log.ts";

export interface TaskContext {
  /** The force whose act queued the job; null for work that is for all forces. */
  readonly forceId: ForceId | null;
  /** The person whose act queued the job, if one did. */
  readonly personId: PersonId | null;
  /** 1 for the first try. */
  readonly attempt: number;
  /** Aborted when the server stops; a task that runs on is tried again later. */
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** Once a day at this time of the server's clock, UTC. Missed days are made up for by one run. */
export interface DailySchedule {
  readonly hour: number;
  readonly minute: number;
}

export interface Task {
  /** A kebab-case name; it is stored, so it is never renamed while jobs of it are queued. */
  readonly name: string;
  readonly daily?: DailySchedule;
  /**
   * Does the work. It may be run again after a crash at any point, so it must be idempotent. Throwing makes the
   * runner try again later, with growing pauses. `payload` is what was queued and must be checked.
   */
  readonly run: (payload: unknown, context: TaskContext) => Promise<void>;
}

/** The latest instant at or before `nowMs` at which a daily task falls due, in milliseconds since the epoch. */
export function lastDueMs(daily: DailySchedule, nowMs: number): number {
  const dayMs = 86_400_000;
  const offsetMs = (daily.hour * 60 + daily.minute) * 60_000;
  return Math.floor((nowMs - offsetMs) / dayMs) * dayMs + offsetMs;
}
