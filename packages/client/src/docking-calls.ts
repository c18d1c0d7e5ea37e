// Calls of a dock within and around a docking session.
import {
  JOURNAL_MEDIA_TYPE,
  type CameraId,
  type DockingSession,
  type DockingSessionId,
  type DockingSessionRequest,
  type HoldingsAnswer,
  type JournalAnswer,
  type RecordingId,
} from "@sworn/contract";
import type { Api } from "./api.ts";
import { ApiProblem, ClientError } from "./client-error.ts";

export type ReceiptOutcome =
  | { readonly kind: "receipt"; readonly receipt: Uint8Array }
  /** Not yet: the server is still at it. */
  | { readonly kind: "later"; readonly retryAfterS: number }
  | { readonly kind: "unknown" }
  /** A named person must decide before the camera may free it. */
  | { readonly kind: "quarantined"; readonly detail: string };

const DEFAULT_RETRY_S = 1;

export function dockingCalls(api: Api) {
  const receiptOf = async (
    camera: CameraId,
    number: number,
    name: "receipt" | "destruction",
  ): Promise<ReceiptOutcome> => {
    try {
      const answer = await api.answer("GET", `/v1/cameras/${camera}/recordings/${number}/${name}`, {
        headers: { accept: "application/cose, application/problem+json" },
      });
      if (answer.status === 200) return { kind: "receipt", receipt: answer.body };
      if (answer.status !== 202) {
        throw new ClientError(
          "answer-unexpected",
          `The server answered HTTP ${answer.status} for a receipt.`,
        );
      }
      const retryAfterS = Number(answer.header("retry-after") ?? DEFAULT_RETRY_S);
      return { kind: "later", retryAfterS: Number.isFinite(retryAfterS) ? retryAfterS : DEFAULT_RETRY_S };
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 404) return { kind: "unknown" };
      if (error instanceof ApiProblem && error.status === 409)
        return { kind: "quarantined", detail: error.message };
      throw error;
    }
  };
  return {
    openSession: (request: DockingSessionRequest) =>
      api.call<DockingSession>("POST", "/v1/docking-sessions", { json: request }),
    /** A segment of at most 4 MiB whose first entry is `from`. */
    sendJournal: (camera: CameraId, from: number, segment: Uint8Array) =>
      api.call<JournalAnswer>("POST", `/v1/cameras/${camera}/journal`, {
        query: { from },
        bytes: { type: JOURNAL_MEDIA_TYPE, body: segment },
      }),
    noteHoldings: (session: DockingSessionId, recordings: readonly RecordingId[]) =>
      api.call<HoldingsAnswer>("PUT", `/v1/docking-sessions/${session}/holdings`, {
        json: { recordings: [...recordings] },
      }),
    receipt: (camera: CameraId, number: number) => receiptOf(camera, number, "receipt"),
    destructionCertificate: (camera: CameraId, number: number) => receiptOf(camera, number, "destruction"),
  };
}
