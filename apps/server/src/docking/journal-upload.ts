// A segment of a journal as a dock sends it.
import type { DockCaller, DockSession } from "./check-dock-request.ts";

export interface JournalUpload {
  readonly dock: DockCaller;
  readonly session: DockSession;
  /** The sequence of the first entry, as the dock says. */
  readonly from: number;
  readonly bytes: Uint8Array;
}
