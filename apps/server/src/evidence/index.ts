// The front door of evidence: the recording's row, what is signed about it, and what is read of it.
export { collectRecording } from "./collect-recording.ts";
export { EvidenceFault } from "./evidence-fault.ts";
export { exportRoutes } from "./export-routes.ts";
export type { ExportSources } from "./export-files.ts";
export { completeReceipts, issueReceipt } from "./issue-receipt.ts";
export { decodeParts, encodeParts, partsOf } from "./parts-blob.ts";
export type { EvidencePorts } from "./ports.ts";
export { openPlaintext } from "./read-plaintext.ts";
export { manifestObjectKey, mediaObjectKey, receiptObjectKey, recordingKeyId } from "./recording-keys.ts";
export { recordingRoutes } from "./routes.ts";
export { findRecording, findRecordingByNumber, lockRecording, type RecordingRow } from "./store.ts";
