// The front door of docking: who docks, what cameras' journals say, and what must still come.
export type { DockCaller, DockSession, SessionNeed } from "./check-dock-request.ts";
export { DockingFault, type DockingFaultCode } from "./docking-fault.ts";
export { type DockAccess, dockAccess, dockOf, sessionOf } from "./guard-routes.ts";
export { findMissing } from "./note-holdings.ts";
export { type OpenedJournalEntry, openOpenings } from "./open-openings.ts";
export { SESSION_MS } from "./open-session.ts";
export type { DockingPorts } from "./ports.ts";
export { type CameraPlace, type JournalPorts, type ReadRecord, readJournal } from "./read-journal.ts";
export { type RecordingBox, readRecordingBox } from "./recording-box.ts";
export { dockingRoutes } from "./routes.ts";
export { type OpenedEntry, type OpeningKeys, openSealed } from "./sealed-opening.ts";
export { type SegmentStore, journalSegmentKey, refusedJournalKey, segmentsIn } from "./segment-store.ts";
