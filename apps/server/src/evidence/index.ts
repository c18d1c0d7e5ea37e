// The front door of evidence: the recording's row, what is signed about it, and what is read of it.
export {
  collectRecording,
  type Collected,
  type CollectOrder,
  type ImportedFields,
} from "./collect-recording.ts";
export { EvidenceFault, type EvidenceFaultCode } from "./evidence-fault.ts";
export type { IsClass } from "./classify-recording.ts";
export { exportRoutes } from "./export-routes.ts";
export type { ExportSources } from "./export-files.ts";
export { completeReceipts, issueReceipt } from "./issue-receipt.ts";
export { decodeParts, encodeParts, partsOf } from "./parts-blob.ts";
export type { EvidencePorts } from "./ports.ts";
export { openPlaintext, type Plaintext, type PlaintextOrder } from "./read-plaintext.ts";
export {
  manifestObjectKey,
  mediaObjectKey,
  receiptObjectKey,
  recordingKeyId,
  recordingPrefix,
} from "./recording-keys.ts";
export { recordingRoutes } from "./routes.ts";
export {
  type DerivativeRow,
  findRecording,
  findRecordingByNumber,
  listDerivatives,
  listRecordings,
  lockRecording,
  type RecordingFilter,
  type RecordingRow,
  updateRecording,
} from "./store.ts";
