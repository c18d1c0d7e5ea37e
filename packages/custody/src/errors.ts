// The faults of the evidence format: one class, a closed set of codes, always with a sentence for a person.

export type CustodyErrorCode =
  | "cbor-malformed"
  | "cbor-not-deterministic"
  | "cose-malformed"
  | "cose-content-type"
  | "shape-mismatch"
  | "unknown-entry-kind"
  | "segment-truncated"
  | "segment-too-large"
  | "certificate-malformed"
  | "id-malformed";

/** Thrown for bytes that are not what the evidence format says. `message` says what was wrong and where. */
export class CustodyError extends Error {
  readonly code: CustodyErrorCode;

  constructor(code: CustodyErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "CustodyError";
    this.code = code;
  }
}
