// The front door of ingest: bytes in, verified against the journal, receipted or kept apart.
export { type Ingest, openIngest } from "./open-ingest.ts";
export { DEFAULT_INGEST_LIMITS, type IngestLimits, type IngestPorts } from "./ports.ts";
export { quarantineRoutes } from "./quarantine-routes.ts";
export { receiptRoutes } from "./receipt-routes.ts";
export { type IngestRoutesGiven, uploadRoutes } from "./routes.ts";
