// The faults of the headless camera: a closed set of codes, each with a sentence that says what to do.

export type CameraErrorCode =
  /** The folder is not there, or is no camera's. */
  | "folder-missing"
  /** A camera exists in this folder already. */
  | "folder-taken"
  /** Another process drives this camera. */
  | "folder-in-use"
  /** A file of the folder is missing or was changed; the camera must be handed in, with its folder. */
  | "folder-damaged"
  /** The camera has no certificate yet, or one that does not fit. */
  | "not-enrolled"
  | "enrolment-invalid"
  /** No room for this write; the recording in hand was ended well. */
  | "storage-full"
  /** A write failed in a way that cannot be repaired while running: start the camera again. */
  | "store-failed"
  /** The camera was closed, or failed before. */
  | "closed"
  /** No such recording on this camera. */
  | "no-recording"
  | "source-too-short"
  /** A recording that was ordered did not begin; the camera's journal says why. */
  | "not-recorded"
  /** No running camera answers in this folder. */
  | "not-running"
  | "control-malformed";

export class CameraError extends Error {
  override readonly name = "CameraError";
  readonly code: CameraErrorCode;

  constructor(code: CameraErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** Errors of the file system carry a code such as `ENOSPC`. */
export function systemCode(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}
