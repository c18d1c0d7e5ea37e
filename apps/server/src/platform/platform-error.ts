// The faults of the platform: things that should not happen and that an operator must act on.
// Every message says what was wrong and what to do; `code` is closed so that callers can switch on it.

export type PlatformErrorCode =
  | "configuration-invalid"
  | "data-folder-unusable"
  | "folder-locked"
  | "postgres-not-found"
  | "postgres-no-user"
  | "postgres-version"
  | "postgres-failed"
  | "database-unreachable"
  | "migration-changed"
  | "migration-missing"
  | "migration-failed"
  | "invalid-actor"
  | "invalid-use"
  | "durable-write-failed";

/** A fault of the platform, with what caused it. */
export class PlatformError extends Error {
  readonly code: PlatformErrorCode;

  constructor(code: PlatformErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "PlatformError";
    this.code = code;
  }
}
