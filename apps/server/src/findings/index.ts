// The front door of findings: what a person must look at, told once.
export { type NewFinding, recordFinding } from "./record-finding.ts";
export { resolveMissing } from "./resolve-missing.ts";
export { findingsRoutes } from "./routes.ts";
export { missingTask, sweepMissing } from "./sweep-missing.ts";
export { tellMissing } from "./tell-missing.ts";
