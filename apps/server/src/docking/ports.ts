// What the use cases of docking are given.
import type { Authorities } from "../authority/index.ts";
import type { Ledger } from "../ledger/index.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/database.ts";
import type { JournalKeyRing } from "./journal-keys.ts";
import type { SegmentStore } from "./segment-store.ts";

export interface DockingPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly authorities: Authorities;
  readonly ledger: Pick<Ledger, "stage" | "covered">;
  readonly segments: SegmentStore;
  readonly keys: JournalKeyRing;
}
