// The front door of recovery: the change log that every day writes, and the rebuilding of a database from it.
export { checkChanges } from "./check-changes.ts";
export { listWithoutPoster } from "./changes-store.ts";
export { ChangeKeeper } from "./keep-changes.ts";
export { recoverForce, type ForceRecovery } from "./recover-force.ts";
export type { RecoverProgress } from "./recover-ports.ts";
export { ReplayStore } from "./replay-store.ts";
export { hasHistory, requireForcesKnown } from "./require-forces.ts";
