// The front door of the ledger: no act without an entry, and no acknowledgement before a checkpoint covers it.
export { LogFolder, privatePath } from "./log-folder.ts";
export { LedgerFault } from "./ledger-error.ts";
export { type ChangeLog, type CoveredEntry, type Ledger, openLedger } from "./open-ledger.ts";
export { OpeningKeys, type OpeningKeyRing } from "./opening-keys.ts";
export { ledgerRoutes } from "./routes.ts";
export { type EntryRow, listRecordingEntries } from "./store.ts";
