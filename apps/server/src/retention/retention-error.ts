// Faults of retention. Nothing is destroyed, and nothing is called destroyed, after one of these.

export type RetentionFaultCode =
  /** The force has no classes yet: it was not seeded. */
  | "retention-unseeded"
  /** Some destructions could not be finished; the next run goes on with them. */
  | "destruction-incomplete"
  /** A stored certificate is not of the recording that it lies beside. */
  | "certificate-damaged"
  /** The key is gone and nobody ordered it. */
  | "destroyed-without-order";

export class RetentionFault extends Error {
  readonly code: RetentionFaultCode;

  constructor(code: RetentionFaultCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "RetentionFault";
    this.code = code;
  }
}
