// The front door of ingest: bytes in, verified against the journal, receipted or kept apart.
export { handInRoutes } from "./hand-in-routes.ts";
export { type Ingest, openIngest } from "./open-ingest.ts";
export { type IngestLimits } from "./ports.ts";
export { quarantineRoutes } from "./quarantine-routes.ts";
export { receiptRoutes } from "./receipt-routes.ts";
export { uploadRoutes } from "./routes.ts";
