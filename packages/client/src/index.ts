// The API's client: typed calls, problems as errors with a code, and resumable upload. Browser and Node.
import { Api, withKey, type ApiOptions } from "./api.ts";
import { deviceCalls } from "./device-calls.ts";
import { peopleCalls } from "./people-calls.ts";
import { recordingCalls } from "./recording-calls.ts";
import { retentionCalls } from "./retention-calls.ts";

export { Api, type ApiOptions, type Authorize, type CallOptions, withKey } from "./api.ts";
export { ApiProblem, ClientError, type ClientErrorCode } from "./client-error.ts";
export { type FindingsWanted, type PublicFile, deviceCalls } from "./device-calls.ts";
export { type ReceiptOutcome, dockingCalls } from "./docking-calls.ts";
export { peopleCalls } from "./people-calls.ts";
export { type ImportOptions, recordingCalls } from "./recording-calls.ts";
export { type HoldsWanted, retentionCalls } from "./retention-calls.ts";
export { TUS_VERSION, type UploadOptions, uploadResumably } from "./resumable-upload.ts";
export {
  type HttpAnswer,
  type HttpRequest,
  type SendRequest,
  type StreamedBody,
  sendByFetch,
} from "./send-request.ts";

/** All calls that a person makes, with their API key. */
export function staffClient(options: Omit<ApiOptions, "authorize"> & { readonly apiKey: string }) {
  const { apiKey, ...rest } = options;
  const api = new Api({ ...rest, authorize: withKey(apiKey) });
  return { api, ...peopleCalls(api), ...deviceCalls(api), ...recordingCalls(api), ...retentionCalls(api) };
}

export type StaffClient = ReturnType<typeof staffClient>;
