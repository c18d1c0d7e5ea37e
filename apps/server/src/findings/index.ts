// The front door of findings: what a person must look at, told once.
export { type NewFinding, recordFinding } from "./record-finding.ts";
export { findingsRoutes } from "./routes.ts";
