// The front door of recovery: the change log that every day writes, and the rebuilding of a database from it.
export { ChangeKeeper, type ChangeKeeperPorts } from "./keep-changes.ts";
export { requireForcesKnown } from "./require-forces.ts";
