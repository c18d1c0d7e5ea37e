// Calls about retention: classes and their changes, holds, the plan, and what was destroyed.
import type {
  Hold,
  HoldId,
  HoldRequest,
  Holds,
  PlacedHold,
  RecordedTimeDecision,
  RecordingId,
  RecordingRetention,
  RetentionChange,
  RetentionChangeId,
  RetentionChangeRequest,
  RetentionClass,
  RetentionPlan,
  RetentionRun,
  RetentionWarnings,
} from "@sworn/contract";
import type { Api } from "./api.ts";

export interface HoldsWanted {
  readonly standing?: boolean;
  readonly pastReview?: boolean;
  readonly after?: HoldId;
}

export function retentionCalls(api: Api) {
  const changes = "/v1/retention/changes";
  return {
    listRetentionClasses: () => api.call<{ classes: RetentionClass[] }>("GET", "/v1/retention/classes"),
    /** What falls due within so many days, what is held and why. */
    retentionPlan: (days?: number) =>
      api.call<RetentionPlan>("GET", "/v1/retention/plan", { query: { days } }),
    retentionWarnings: (after?: RecordingId) =>
      api.call<RetentionWarnings>("GET", "/v1/retention/warnings", { query: { after } }),
    runRetention: () => api.call<RetentionRun>("POST", "/v1/retention/run"),
    retentionOf: (id: RecordingId) => api.call<RecordingRetention>("GET", `/v1/recordings/${id}/retention`),
    decideRecordedTime: (id: RecordingId, decision: RecordedTimeDecision) =>
      api.call<RecordingRetention>("POST", `/v1/recordings/${id}/retention/time`, { json: decision }),
    destructionOf: async (id: RecordingId): Promise<Uint8Array> =>
      (await api.answer("GET", `/v1/recordings/${id}/destruction`)).body,
    proposeRetentionChange: (request: RetentionChangeRequest) =>
      api.call<RetentionChange>("POST", changes, { json: request }),
    listRetentionChanges: () => api.call<{ changes: RetentionChange[] }>("GET", changes),
    getRetentionChange: (id: RetentionChangeId) => api.call<RetentionChange>("GET", `${changes}/${id}`),
    confirmRetentionChange: (id: RetentionChangeId) =>
      api.call<RetentionChange>("POST", `${changes}/${id}/confirm`),
    withdrawRetentionChange: (id: RetentionChangeId) =>
      api.call<RetentionChange>("POST", `${changes}/${id}/withdraw`),
    listHolds: (wanted: HoldsWanted = {}) => api.call<Holds>("GET", "/v1/holds", { query: { ...wanted } }),
    placeHold: (request: HoldRequest) => api.call<PlacedHold>("POST", "/v1/holds", { json: request }),
    releaseHold: (id: HoldId, reason: string) =>
      api.call<Hold>("POST", `/v1/holds/${id}/release`, { json: { reason } }),
    holdsOf: (id: RecordingId) => api.call<Holds>("GET", `/v1/recordings/${id}/holds`),
  };
}
