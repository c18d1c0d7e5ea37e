// Jobs: durable work that is queued with the act that needs it, and daily work.
export { forEachForce } from "./for-each-force.ts";
export { startJobs, type Jobs } from "./runner.ts";
export { enqueue, enqueuePlatform, listRuns } from "./store.ts";
export { lastDueMs, type Task } from "./task.ts";
