// What the use cases of evidence are given.
import type { CameraId, ForceId, HandInId, RecordingId } from "@sworn/contract";
import type { JournalRecord, SequencedOpening } from "@sworn/custody";
import type { KeyRing, ObjectStore } from "@sworn/vault";
import type { Authorities } from "../authority/index.ts";
import type { Ledger } from "../ledger/index.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database, ForceTransaction } from "../platform/database/database.ts";
import type { Log } from "../platform/log.ts";

export interface EvidencePorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly store: ObjectStore;
  readonly keys: KeyRing;
  readonly authorities: Authorities;
  readonly ledger: Ledger;
  /** In the transaction that collects a recording: queue what is made from it (posters). */
  readonly onCollected?: (tx: ForceTransaction, forceId: ForceId, recording: RecordingId) => Promise<void>;
}

/** Reads a camera's accepted journal, or what was handed in of it; sequences `from` to `to`, both included. */
export type ReadJournalRecords = (
  place: { readonly forceId: ForceId; readonly camera: CameraId; readonly handIn: HandInId | null },
  range: { readonly from: number; readonly to: number },
) => Promise<readonly { readonly record: JournalRecord }[]>;

/** Opens what is personal in a recording's own entries, with its key and no other. */
export type OpenRecordingOpenings = (
  place: { readonly forceId: ForceId; readonly camera: CameraId; readonly handIn: HandInId | null },
  recording: {
    readonly id: Uint8Array;
    readonly key: Uint8Array;
    readonly from: number;
    readonly to: number;
  },
) => Promise<readonly SequencedOpening[]>;
