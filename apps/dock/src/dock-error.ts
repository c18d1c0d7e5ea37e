// Why a camera could not be docked, or a dock not be used. Each says what to do.

export type DockErrorCode =
  /** The camera did not stop recording in time. */
  | "camera-busy"
  /** The camera refused what a dock orders. */
  | "camera-refused"
  /** The server did not accept the journal, so it takes no footage either. */
  | "journal-refused"
  | "identity-missing"
  | "identity-damaged";

export class DockError extends Error {
  readonly code: DockErrorCode;

  constructor(code: DockErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "DockError";
    this.code = code;
  }
}
