// Rows of job runs and schedules (migration 0001).
import type { ForceId } from "@sworn/contract";

export interface JobRunRow {
  id: string;
  /** Null for work that is for all forces. */
  force_id: ForceId | null;
  task: string;
  started_by: "queue" | "schedule" | "hand";
  attempt: number;
  started_at: Date;
  ended_at: Date | null;
  outcome: "running" | "done" | "failed" | "abandoned";
  error_code: string | null;
}

export interface JobScheduleRow {
  task: string;
  last_due_at: Date;
}

export interface JobTables {
  job_run: JobRunRow;
  job_schedule: JobScheduleRow;
}
