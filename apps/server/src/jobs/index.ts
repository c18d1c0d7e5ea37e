// Jobs: durable work that is queued with the act that needs it, and daily work.
export { startJobs, type Jobs } from "./runner.ts";
export type { RunOutcome } from "./run-task.ts";
export { enqueue, enqueuePlatform, listRuns, type EnqueueOptions } from "./store.ts";
export { lastDueMs, type DailySchedule, type Task, type TaskContext } from "./task.ts";
