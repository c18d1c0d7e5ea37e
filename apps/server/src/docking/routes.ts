// HTTP of docking: sessions, journals and holdings for docks; a camera's intervals for staff.
import {
  CameraIdSchema,
  DockingSessionIdSchema,
  DockingSessionRequestSchema,
  DockingSessionSchema,
  HoldingsAnswerSchema,
  HoldingsRequestSchema,
  IntervalsSchema,
  JOURNAL_MEDIA_TYPE,
  JOURNAL_SEGMENT_MAXIMUM_BYTES,
  JournalAnswerSchema,
  ProblemSchema,
} from "@sworn/contract";
import Type from "typebox";
import { staffOf, type RegisterRoutes } from "../http/app.ts";
import { Problem } from "../http/problem.ts";
import { LedgerFault } from "../ledger/index.ts";
import { acceptJournal } from "./accept-journal.ts";
import { dockOf, sessionOf, type DockAccess } from "./guard-routes.ts";
import { listIntervals } from "./list-intervals.ts";
import { noteHoldings } from "./note-holdings.ts";
import { openSession } from "./open-session.ts";
import type { DockingPorts } from "./ports.ts";

const sequence = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const camera = Type.Object({ camera: CameraIdSchema });
const otherCamera = "The session is another camera's. Open one for this camera.";

/** No act without an entry (invariant 4): what the ledger cannot take is refused, and tried again later. */
async function orLedgerDown<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof LedgerFault)) throw error;
    const detail = "The ledger cannot take an entry now, so nothing was acknowledged. Try again later.";
    throw new Problem("not-ready", detail, { headers: { "retry-after": "10" }, cause: error });
  }
}

export function dockingRoutes(ports: DockingPorts, access: DockAccess): RegisterRoutes {
  return (app, { staff }) => {
    const describe = (operationId: string, summary: string) => ({ operationId, summary, tags: ["docking"] });
    app.addContentTypeParser(
      JOURNAL_MEDIA_TYPE,
      { parseAs: "buffer", bodyLimit: JOURNAL_SEGMENT_MAXIMUM_BYTES },
      (_request, body, done) => {
        done(null, body);
      },
    );

    app.post(
      "/v1/docking-sessions",
      {
        onRequest: access("none"),
        schema: {
          ...describe("openDockingSession", "Begin a docking session (docks)"),
          body: DockingSessionRequestSchema,
          response: { 201: DockingSessionSchema, "4xx": ProblemSchema },
        },
      },
      async (request, reply) => {
        const result = await openSession(ports, dockOf(request), request.body);
        switch (result.outcome) {
          case "opened":
            return reply.code(201).header("cache-control", "no-store").send(result.session);
          case "camera-not-found":
            throw new Problem("not-found", "The dock's force has no such camera. Enrol it first.");
          case "camera-refused":
            throw new Problem(
              "device-refused",
              `The camera is ${result.state}, and its certificate revoked. A named person can import its footage.`,
            );
        }
      },
    );

    app.post(
      "/v1/cameras/:camera/journal",
      {
        onRequest: access("session"),
        bodyLimit: JOURNAL_SEGMENT_MAXIMUM_BYTES,
        config: { slowBodyAllowed: true },
        schema: {
          ...describe("sendJournal", "Send a segment of a camera's journal (docks)"),
          consumes: [JOURNAL_MEDIA_TYPE],
          params: camera,
          querystring: Type.Object({ from: sequence }, { additionalProperties: false }),
          response: { 200: JournalAnswerSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const session = sessionOf(request);
        if (session.cameraId !== request.params.camera) throw new Problem("session-invalid", otherCamera);
        const { body } = request;
        if (!(body instanceof Uint8Array) || body.length === 0) {
          throw new Problem("media-type-unsupported", `Send the segment as ${JOURNAL_MEDIA_TYPE}.`);
        }
        const upload = { dock: dockOf(request), session, from: request.query.from, bytes: body };
        const result = await orLedgerDown(acceptJournal(ports, upload));
        switch (result.outcome) {
          case "answered":
            return result.answer;
          case "malformed":
            throw new Problem("not-processable", result.reason);
          case "too-many-refused":
            throw new Problem(
              "too-many-requests",
              "Too many segments of this camera were refused. Somebody must look at its findings first.",
              { headers: { "retry-after": "3600" } },
            );
        }
      },
    );

    app.put(
      "/v1/docking-sessions/:session/holdings",
      {
        onRequest: access("opened"),
        schema: {
          ...describe("noteHoldings", "Say which recordings the docked camera holds (docks)"),
          params: Type.Object({ session: DockingSessionIdSchema }),
          body: HoldingsRequestSchema,
          response: { 200: HoldingsAnswerSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const session = sessionOf(request);
        if (session.id !== request.params.session) throw new Problem("session-invalid", otherCamera);
        return noteHoldings(ports, { dock: dockOf(request), session }, request.body.recordings);
      },
    );

    app.get(
      "/v1/cameras/:camera/intervals",
      {
        onRequest: [...staff],
        schema: {
          ...describe("listIntervals", "A camera's life as intervals, none unexplained"),
          security: [{ apiKey: [] }],
          params: camera,
          querystring: Type.Object(
            { from: Type.Optional(sequence), to: Type.Optional(sequence) },
            { additionalProperties: false },
          ),
          response: { 200: IntervalsSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const place = { forceId: staffOf(request).forceId, camera: request.params.camera };
        const found = await listIntervals(ports, place, request.query);
        if (found === null) throw new Problem("not-found", "There is no such camera in your force.");
        return found;
      },
    );
  };
}
