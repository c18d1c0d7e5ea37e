// Faults of a force's keys: files that are missing, damaged or not this force's. An operator must act on each.

export type AuthorityErrorCode =
  "authority-missing" | "authority-damaged" | "ingest-key-unknown" | "authority-exists";

export class AuthorityError extends Error {
  readonly code: AuthorityErrorCode;

  constructor(code: AuthorityErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "AuthorityError";
    this.code = code;
  }
}
