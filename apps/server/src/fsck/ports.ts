// What the checks of fsck are given: everything to read with, and nothing to write with.
import type { ForceId } from "@sworn/contract";
import type { KeyRing, ObjectStore } from "@sworn/vault";
import type { ForceAuthority } from "../authority/index.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database, ForceTransaction } from "../platform/database/database.ts";
import type { RetentionSettings } from "../retention/index.ts";
import type { NewProblem } from "./problem.ts";

export interface FsckPorts {
  readonly database: Database;
  readonly clock: Clock;
  /** Opened to be read only. */
  readonly store: Pick<ObjectStore, "check" | "list" | "openObject" | "stat">;
  /** Opens the key ring to be read only; what it throws is itself a problem that is told. */
  readonly openKeys: () => Promise<ReadableRing>;
  /** @throws AuthorityError, CustodyError for damaged keys and certificates, which is told too */
  readonly authorityOf: (force: Uint8Array) => Promise<ForceAuthority>;
  /** One log for each force. */
  readonly ledgerFolder: string;
  readonly settings: RetentionSettings;
  /** Days until what was promised is overdue; 3 unless given. */
  readonly missingAfterDays?: number;
}

export type ReadableRing = Pick<KeyRing, "check" | "get" | "list" | "locate">;

/** Counts what a level looked at, and takes what it finds. */
export interface Tally {
  /** `problem` is about this force, or none. */
  tell(problem: NewProblem): void;
  looked(at: string, count?: number): void;
  read(bytes: number): void;
}

export interface ForceCheck extends Tally {
  readonly forceId: ForceId;
  /** 16 bytes. */
  readonly force: Uint8Array;
  readonly ports: FsckPorts;
  /** Null: the ring does not open, which was told. */
  readonly keys: ReadableRing | null;
  /** Null: it is damaged, which was told. */
  readonly authority: ForceAuthority | null;
  /** One short transaction that cannot write. */
  readonly query: <T>(work: (tx: ForceTransaction) => Promise<T>) => Promise<T>;
}
