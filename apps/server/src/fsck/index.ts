// The front door of fsck: checks stored data against the invariants, and changes nothing.
export { fsckLevels, type FsckLevel, type LevelDescription, levelDescriptions } from "./levels.ts";
export type { FsckPorts, ReadableRing } from "./ports.ts";
export { type Problem, type ProblemKind, problemKinds, type Severity, type Subject } from "./problem.ts";
export {
  type FsckLevelReport,
  type FsckOptions,
  type FsckProgress,
  type FsckReport,
  runFsck,
} from "./run-fsck.ts";
