// Faults of backups, each with what was wrong and what to do.

export type BackupFaultCode =
  /** The key file is none, or not the one that this backup was made for. */
  | "backup-key"
  /** The folder holds no backup, or a part of it is damaged. */
  | "backup-damaged"
  /** Older than a backup of the key ring may become. */
  | "backup-expired"
  /** There is something already where it was to be restored. */
  | "restore-not-empty";

export class BackupFault extends Error {
  readonly code: BackupFaultCode;

  constructor(code: BackupFaultCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "BackupFault";
    this.code = code;
  }
}
