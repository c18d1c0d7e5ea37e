// The front door of docking: who docks, what cameras' journals say, and what must still come.
export { type AcceptedRecord, type CheckedSegment, checkSegment } from "./check-segment.ts";
export { type DockAccess, dockAccess, dockOf, sessionOf } from "./guard-routes.ts";
export { destroyDueJournalKeys } from "./destroy-journal-keys.ts";
export { openOpenings } from "./open-openings.ts";
export { openRecordingOpenings } from "./open-recording-openings.ts";
export type { DockingPorts } from "./ports.ts";
export { readJournal } from "./read-journal.ts";
export { readRecordingBox } from "./recording-box.ts";
export { dockingRoutes } from "./routes.ts";
export { type OpeningKeys, openSealed } from "./sealed-opening.ts";
export { promisedFields } from "./promised-fields.ts";
export { putPromised, unitAt } from "./recordings-store.ts";
export {
  type SegmentStore,
  handedInSegmentKey,
  journalSegmentKey,
  refusedJournalKey,
  segmentsIn,
} from "./segment-store.ts";
export { countRefused } from "./store.ts";
export { unreadableFindings } from "./find-in-journal.ts";
export { monthOf } from "./journal-keys.ts";
export { noteJournalKey } from "./journal-keys-store.ts";
export { wrapOpenings } from "./wrap-openings.ts";
export { wrapStored } from "./wrap-stored.ts";
export { DockingFault } from "./docking-fault.ts";
