// Faults of evidence: what is stored is not what was stored. An operator runs `sworn fsck`.

export type EvidenceFaultCode =
  | "parts-damaged"
  | "recording-incomplete"
  /** An object that a row names is not there, or is not what was signed. */
  | "object-missing"
  | "object-altered"
  | "key-missing";

export class EvidenceFault extends Error {
  readonly code: EvidenceFaultCode;

  constructor(code: EvidenceFaultCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "EvidenceFault";
    this.code = code;
  }
}
