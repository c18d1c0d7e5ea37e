// The front door of fsck: checks stored data against the invariants, and changes nothing.
export { fsckLevels, type FsckLevel, levelDescriptions } from "./levels.ts";
export type { FsckPorts } from "./ports.ts";
export { type Problem } from "./problem.ts";
export { type FsckOptions, type FsckProgress, type FsckReport, runFsck } from "./run-fsck.ts";
