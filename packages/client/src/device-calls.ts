// Calls about cameras, docks, assignments, breaches and findings, and what is public of a force.
import type {
  Assignment,
  AssignmentId,
  AssignmentRequest,
  Assignments,
  Breaches,
  Camera,
  CameraEnrolment,
  CameraId,
  CameraRequest,
  Cameras,
  Dock,
  DockEnrolment,
  DockId,
  DockRequest,
  Docks,
  Finding,
  FindingId,
  FindingKind,
  Findings,
  ForceId,
  Intervals,
  Loss,
  RecordingId,
} from "@sworn/contract";
import type { Api } from "./api.ts";

export interface FindingsWanted {
  readonly resolved?: boolean;
  readonly camera?: CameraId;
  readonly recording?: RecordingId;
  readonly kind?: FindingKind;
  readonly after?: FindingId;
}

export type PublicFile = "anchor.pem" | "ingest-key" | "revoked.crl" | "ledger.vkey";

export function deviceCalls(api: Api) {
  return {
    enrolCamera: (request: CameraRequest) =>
      api.call<CameraEnrolment>("POST", "/v1/cameras", { json: request }),
    listCameras: (after?: CameraId) => api.call<Cameras>("GET", "/v1/cameras", { query: { after } }),
    getCamera: (id: CameraId) => api.call<Camera>("GET", `/v1/cameras/${id}`),
    loseCamera: (id: CameraId, circumstances: string) =>
      api.call<Loss>("POST", `/v1/cameras/${id}/lost`, { json: { circumstances } }),
    listIntervals: (id: CameraId, range: { readonly from?: number; readonly to?: number } = {}) =>
      api.call<Intervals>("GET", `/v1/cameras/${id}/intervals`, { query: { ...range } }),
    assignCamera: (id: CameraId, request: AssignmentRequest) =>
      api.call<Assignment>("POST", `/v1/cameras/${id}/assignments`, { json: request }),
    endAssignment: (id: CameraId, assignment: AssignmentId) =>
      api.call<Assignment>("POST", `/v1/cameras/${id}/assignments/${assignment}/end`),
    listAssignments: (id: CameraId) => api.call<Assignments>("GET", `/v1/cameras/${id}/assignments`),
    enrolDock: (request: DockRequest) => api.call<DockEnrolment>("POST", "/v1/docks", { json: request }),
    listDocks: () => api.call<Docks>("GET", "/v1/docks"),
    retireDock: (id: DockId) => api.call<Dock>("POST", `/v1/docks/${id}/retire`),
    listBreaches: () => api.call<Breaches>("GET", "/v1/breaches"),
    listFindings: (wanted: FindingsWanted = {}) =>
      api.call<Findings>("GET", "/v1/findings", { query: { ...wanted } }),
    resolveFinding: (id: FindingId, reason: string) =>
      api.call<Finding>("POST", `/v1/findings/${id}/resolve`, { json: { reason } }),
    publicFile: async (force: ForceId, name: PublicFile): Promise<Uint8Array> =>
      (await api.answer("GET", `/v1/forces/${force}/${name}`)).body,
  };
}
