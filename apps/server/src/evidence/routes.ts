// HTTP of recordings: list, look at one, classify, read the history, fetch the receipt.
import {
  COSE_MEDIA_TYPE,
  ClassificationSchema,
  HistorySchema,
  ProblemSchema,
  RecordingIdSchema,
  RecordingQuerySchema,
  RecordingSchema,
  RecordingsSchema,
  isId,
  type RecordingId,
  type RecordingQuery,
} from "@sworn/contract";
import Type from "typebox";
import { staffOf, type RegisterRoutes } from "../http/app.ts";
import { Problem } from "../http/problem.ts";
import { withForce } from "../platform/database/database.ts";
import { classifyRecording, type IsClass } from "./classify-recording.ts";
import type { EvidencePorts } from "./ports.ts";
import { presentRecording } from "./present.ts";
import { readHistory } from "./read-history.ts";
import { findRecording, listRecordings, type RecordingFilter, type RecordingRow } from "./store.ts";

const params = Type.Object({ recording: RecordingIdSchema });
const notFound = (): Problem => new Problem("not-found", "There is no such recording in your force.");

function filterOf(query: RecordingQuery): RecordingFilter {
  const { camera, officer, state, incident, from, to } = query;
  return {
    camera,
    officer,
    state,
    incident,
    class: query.class === "unclassified" ? null : query.class,
    from: from === undefined ? undefined : new Date(from),
    to: to === undefined ? undefined : new Date(to),
    after: query.after === undefined ? undefined : placeOf(query.after),
  };
}

function placeOf(after: string): { startedAt: Date | null; id: RecordingId } {
  const [ms = "", id = ""] = after.split("_");
  const isPlace = isId(id) && /^(-|\d{1,15})$/.test(ms);
  if (!isPlace) throw new Problem("request-invalid", "`after` must be the `next` of the page before.");
  return { startedAt: ms === "-" ? null : new Date(Number(ms)), id: id as RecordingId };
}

function nextOf(row: RecordingRow): string {
  return `${row.recorded_start_at === null ? "-" : row.recorded_start_at.getTime().toString()}_${row.id}`;
}

export function recordingRoutes(ports: EvidencePorts, given: { readonly isClass: IsClass }): RegisterRoutes {
  const { database } = ports;
  return (app, access) => {
    const staff = { onRequest: [...access.staff] };
    const describe = (operationId: string, summary: string) => ({
      operationId,
      summary,
      tags: ["evidence"],
      security: [{ apiKey: [] }],
    });

    app.get(
      "/v1/recordings",
      {
        ...staff,
        schema: {
          ...describe("listRecordings", "Recordings, newest first, a page at a time"),
          querystring: RecordingQuerySchema,
          response: { 200: RecordingsSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const { limit = 100 } = request.query;
        const rows = await withForce(database, staffOf(request), (tx) =>
          listRecordings(tx, filterOf(request.query), limit),
        );
        const last = rows.length === limit ? rows.at(-1) : undefined;
        return { recordings: rows.map(presentRecording), next: last === undefined ? null : nextOf(last) };
      },
    );

    app.get(
      "/v1/recordings/:recording",
      {
        ...staff,
        schema: {
          ...describe("getRecording", "One recording"),
          params,
          response: { 200: RecordingSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const row = await withForce(database, staffOf(request), (tx) =>
          findRecording(tx, request.params.recording),
        );
        if (row === undefined) throw notFound();
        return presentRecording(row);
      },
    );

    app.put(
      "/v1/recordings/:recording/classification",
      {
        ...staff,
        schema: {
          ...describe("classifyRecording", "Say what it shows; that sets how long it is kept"),
          params,
          body: ClassificationSchema,
          response: { 200: RecordingSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const order = { ...ports, isClass: given.isClass };
        const classified = await classifyRecording(
          order,
          staffOf(request),
          request.params.recording,
          request.body,
        );
        switch (classified.outcome) {
          case "classified":
            return presentRecording(classified.row);
          case "not-found":
            throw notFound();
          case "no-such-class":
            throw new Problem("not-processable", "Your force has no such retention class.");
          case "destroyed":
            throw new Problem("gone", "The recording is destroyed, or ordered to be.");
        }
      },
    );

    app.get(
      "/v1/recordings/:recording/history",
      {
        ...staff,
        schema: {
          ...describe("getHistory", "Everything that was done with it, from the ledger"),
          params,
          response: { 200: HistorySchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const { recording } = request.params;
        const entries = await readHistory(ports, staffOf(request).forceId, recording);
        if (entries === null) throw notFound();
        return { recording, entries };
      },
    );

    app.get(
      "/v1/recordings/:recording/receipt",
      {
        ...staff,
        schema: {
          ...describe("getRecordingReceipt", "Its receipt (evidence format §7)"),
          params,
        },
      },
      async (request, reply) => {
        const row = await withForce(database, staffOf(request), (tx) =>
          findRecording(tx, request.params.recording),
        );
        if (row === undefined || row.receipt === null)
          throw new Problem("not-found", "There is no receipt of such a recording.");
        return reply.type(COSE_MEDIA_TYPE).header("cache-control", "no-store").send(Buffer.from(row.receipt));
      },
    );
  };
}
