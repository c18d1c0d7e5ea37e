// Calls about recordings: find, classify, view, export; quarantine and imports.
import {
  IMPORT_METADATA_KEY,
  JOURNAL_MEDIA_TYPE,
  type CameraId,
  type Classification,
  type ExportFiles,
  type ExportRequest,
  type HandIn,
  type HandInAnswer,
  type HandInId,
  type HandInRequest,
  type History,
  type Play,
  type PlayRequest,
  type Quarantine,
  type QuarantineDecision,
  type QuarantineId,
  type Quarantines,
  type Recording,
  type RecordingExport,
  type RecordingId,
  type RecordingQuery,
  type Recordings,
  type UploadStatus,
} from "@sworn/contract";
import type { Api } from "./api.ts";
import { uploadResumably, type UploadOptions } from "./resumable-upload.ts";

export type ImportOptions = Omit<UploadOptions, "path" | "metadata"> & {
  /** What kind of import it is, and what the person says of the film: see the API's description. */
  readonly kind: "file" | "untrusted-camera";
  readonly stated: Readonly<Record<string, string>>;
};

export function recordingCalls(api: Api) {
  const at = (id: RecordingId, rest = ""): string => `/v1/recordings/${id}${rest}`;
  return {
    listRecordings: (query: RecordingQuery = {}) =>
      api.call<Recordings>("GET", "/v1/recordings", { query: { ...query } }),
    getRecording: (id: RecordingId) => api.call<Recording>("GET", at(id)),
    classify: (id: RecordingId, classification: Classification) =>
      api.call<Recording>("PUT", at(id, "/classification"), { json: classification }),
    history: (id: RecordingId) => api.call<History>("GET", at(id, "/history")),
    receiptOf: async (id: RecordingId): Promise<Uint8Array> =>
      (await api.answer("GET", at(id, "/receipt"))).body,
    startPlay: (id: RecordingId, request: PlayRequest) =>
      api.call<Play>("POST", at(id, "/plays"), { json: request }),
    startExport: (id: RecordingId, request: ExportRequest) =>
      api.call<RecordingExport>("POST", at(id, "/exports"), { json: request }),
    exportFiles: (id: RecordingId, started: string) =>
      api.call<ExportFiles>("GET", at(id, `/exports/${started}/files`)),
    /** The master in plaintext, as it comes: it may be large. */
    exportMaster: (id: RecordingId, started: string) => api.download(at(id, `/exports/${started}/master`)),
    listQuarantine: (query: { readonly decided?: boolean; readonly after?: QuarantineId } = {}) =>
      api.call<Quarantines>("GET", "/v1/quarantine", { query: { ...query } }),
    getQuarantine: (id: QuarantineId) => api.call<Quarantine>("GET", `/v1/quarantine/${id}`),
    decideQuarantine: (id: QuarantineId, decision: QuarantineDecision) =>
      api.call<Quarantine>("POST", `/v1/quarantine/${id}/decision`, { json: decision }),
    /** Uploads a film from elsewhere; gives what to ask `importStatus` for. */
    importFilm: async ({ kind, stated, ...upload }: ImportOptions): Promise<string> => {
      const metadata = { [IMPORT_METADATA_KEY]: kind, ...stated };
      const { location } = await uploadResumably(api, { ...upload, path: "/v1/uploads", metadata });
      return location.slice(location.lastIndexOf("/") + 1);
    },
    /** Begins to hand in what is on a camera that is no longer trusted; the same journal is the same hand-in. */
    openHandIn: (camera: CameraId, request: HandInRequest) =>
      api.call<HandIn>("POST", `/v1/cameras/${camera}/hand-ins`, { json: request }),
    /** A segment of at most 4 MiB whose first entry is `from`. */
    handInJournal: (handIn: HandInId, from: number, segment: Uint8Array) =>
      api.call<HandInAnswer>("POST", `/v1/hand-ins/${handIn}/journal`, {
        query: { from },
        bytes: { type: JOURNAL_MEDIA_TYPE, body: segment },
      }),
    getHandIn: (handIn: HandInId) => api.call<HandIn>("GET", `/v1/hand-ins/${handIn}`),
    importStatus: (upload: string) =>
      api.call<UploadStatus>("GET", `/v1/imports/${encodeURIComponent(upload)}`),
  };
}
