/** The offline verifier: makes every check of the evidence format on an exported folder and says what it found. */
export { type VerifyOptions, verifyExport } from "./verify-export.ts";
export type {
  Check,
  CheckId,
  CheckVerdict,
  Fault,
  MediaRange,
  Overall,
  PartFinding,
  Report,
  ReportedRecording,
  ReportedSpan,
} from "./report.ts";
export type { Progress } from "./hash-parts.ts";
export { VerifierError, type VerifierErrorCode } from "./errors.ts";
export { renderJson } from "./render-json.ts";
export { type TextOptions, renderText } from "./render-text.ts";
export {
  type Output,
  type RunVerifyOptions,
  type VerifyExitCode,
  parseMoment,
  readAnchorsFile,
  runVerify,
} from "./run-verify.ts";
