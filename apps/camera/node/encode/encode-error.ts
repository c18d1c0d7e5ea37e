/** The faults of the encoder: a closed set of codes, so that a caller can decide and a person can act. */

export type EncodeErrorCode =
  /** An option is out of its bounds. */
  | "bad-option"
  /** Neither node-av nor an ffmpeg binary could be used. */
  | "no-backend"
  /** The source file does not exist or may not be read. */
  | "source-missing"
  /** The source is not a media file of an accepted format, or is broken. */
  | "source-unreadable"
  /** The source holds no video stream. */
  | "source-no-video"
  /** The codec or the muxer failed while the camera was running. */
  | "encoder-failed"
  /** The child process ended without a word: killed, out of memory, or crashed. */
  | "child-crashed"
  /** The caller killed the encoder. */
  | "killed";

const CODES: ReadonlySet<string> = new Set<EncodeErrorCode>([
  "bad-option",
  "no-backend",
  "source-missing",
  "source-unreadable",
  "source-no-video",
  "encoder-failed",
  "child-crashed",
  "killed",
]);

/** Says what was wrong and what to do; `code` is from a closed set. */
export class EncodeError extends Error {
  override readonly name = "EncodeError";
  readonly code: EncodeErrorCode;

  constructor(code: EncodeErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

export function isEncodeErrorCode(value: unknown): value is EncodeErrorCode {
  return typeof value === "string" && CODES.has(value);
}

/** Wraps whatever was thrown; an EncodeError passes through unchanged. */
export function asEncodeError(error: unknown, code: EncodeErrorCode, doing: string): EncodeError {
  if (error instanceof EncodeError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new EncodeError(code, `${doing}: ${reason}`, { cause: error });
}
