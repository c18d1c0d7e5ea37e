// The evidence format: what is signed, hashed and committed to, and how each is checked. No I/O; browser and Node.
export * from "./associated-data.ts";
export * from "./bytes.ts";
export { type CborValue, decodeCbor, encodeCbor } from "./cbor.ts";
export {
  BEFORE_ENROLMENT,
  type CameraState,
  type JournalState,
  type Transition,
  nextState,
  stateBefore,
} from "./camera-state.ts";
export * from "./certificates/issue.ts";
export { type ParsedCertificate, parseCertificate } from "./certificates/parse.ts";
export * from "./certificates/pem.ts";
export { type CertificateRole, ROLES } from "./certificates/profile.ts";
export * from "./certificates/revocation.ts";
export { hasOneEncoding } from "./certificates/signed-der.ts";
export * from "./certificates/validate-path.ts";
export * from "./commitment.ts";
export * from "./corrected-time.ts";
export * from "./digest.ts";
export * from "./entry-kinds.ts";
export * from "./envelope.ts";
export * from "./errors.ts";
export * from "./handed-openings.ts";
export * from "./ids.ts";
export * from "./intervals.ts";
export * from "./journal-chain.ts";
export * from "./journal-entry.ts";
export * from "./journal-segment.ts";
export * from "./ledger-entry.ts";
export * from "./parts.ts";
export * from "./parts-from-journal.ts";
export type { OpenRecording } from "./recording-state.ts";
export * from "./recording-times.ts";
export * from "./sign1.ts";
export * from "./statements.ts";
export type { ClockMark, Fix } from "./time-marks.ts";
export type * from "./transition-problem.ts";
