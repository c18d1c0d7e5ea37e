/**
 * Every fault that this package reports: a closed code, where in the input, what was wrong, and what to do.
 * Malformed input of any kind surfaces as a `MediaError`, never as a RangeError or TypeError of the runtime.
 */

export type MediaErrorCode =
  /** The bytes end inside a box or a field. */
  | "truncated"
  /** A box says that it is smaller than its own header. */
  | "box-size-invalid"
  /** A box that the format requires is not there. */
  | "box-missing"
  /** A box that may stand once is there twice. */
  | "box-repeated"
  /** A box stands where it may not, or is of no kind that may stand there. */
  | "box-unexpected"
  /** A field has a value that the format forbids. */
  | "field-invalid"
  /** A 64-bit number is beyond 2^53 - 1. */
  | "number-too-large"
  /** A stated limit is exceeded: bytes, boxes or samples. */
  | "limit-exceeded"
  /** A fragment names a track that its init segment does not have. */
  | "track-unknown"
  /** A fragment addresses its samples by position in a file, so it cannot stand alone. */
  | "data-offset-absolute"
  /** A fragment's samples lie outside its own `mdat`. */
  | "data-outside-mdat"
  /** The file has no byte. */
  | "empty-file"
  /** A media file, but not an MP4: Matroska, AVI, … */
  | "unsupported-container"
  /** Nothing that this package recognises. */
  | "not-mp4"
  /** The reader that the caller gave failed; its error is the `cause`. */
  | "read-failed"
  /** Arguments of a call contradict each other (part lengths, times, part numbers, URIs). */
  | "argument-invalid"
  /** A call after `finish`. */
  | "already-finished";

export class MediaError extends Error {
  override readonly name = "MediaError";
  readonly code: MediaErrorCode;
  /** Position in the input, in bytes, counted from the start of the stream or file. */
  readonly offsetBytes: number;

  /** `problem` says what was wrong and `remedy` what to do, both as sentences without a closing full stop. */
  constructor(code: MediaErrorCode, offsetBytes: number, problem: string, remedy: string, cause?: unknown) {
    super(
      `${problem} (at byte ${String(offsetBytes)}). ${remedy}.`,
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
    this.offsetBytes = offsetBytes;
  }
}

/** What to do about bytes that no encoder writes: the same advice wherever a box is malformed. */
export const MALFORMED_REMEDY =
  "The bytes are damaged or are not MP4: compare their hash with the original and take a fresh copy";
