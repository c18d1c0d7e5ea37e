// Why a verification could not run at all. What is wrong with the evidence is never one of these: it is in the report.

export type VerifierErrorCode = "path-missing" | "path-not-a-folder" | "unreadable" | "anchors-unusable";

/** `message` says what was wrong and what to do. */
export class VerifierError extends Error {
  readonly code: VerifierErrorCode;

  constructor(code: VerifierErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "VerifierError";
    this.code = code;
  }
}
