// Faults of the change log and of recovery. Each stops before anything is lost or brought back that should not be.

export type RecoveryFaultCode =
  /** A frame in the middle cannot be opened, or its key is gone. */
  | "changes-damaged"
  /** A file of the change log could not be synced, or is not there as it was: nothing is published. */
  | "changes-unwritable"
  /** There is no change log to rebuild from. */
  | "changes-missing"
  /** The database and the log have different entries at one place: recovery would fork it. */
  | "ledger-forked"
  /** Tiles, entries or checkpoint on disk do not fit together. */
  | "ledger-damaged";

export class RecoveryFault extends Error {
  readonly code: RecoveryFaultCode;

  constructor(code: RecoveryFaultCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "RecoveryFault";
    this.code = code;
  }
}
