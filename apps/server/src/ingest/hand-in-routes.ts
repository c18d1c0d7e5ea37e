// HTTP of hand-ins: a named person, on the server's own machine, brings what is on a camera that is no longer trusted.
import {
  CameraIdSchema,
  HandInAnswerSchema,
  HandInIdSchema,
  HandInRequestSchema,
  HandInSchema,
  JOURNAL_MEDIA_TYPE,
  JOURNAL_SEGMENT_MAXIMUM_BYTES,
  ProblemSchema,
  toBase64url,
  type HandIn,
} from "@sworn/contract";
import Type from "typebox";
import { staffOf, type RegisterRoutes } from "../http/app.ts";
import { Problem } from "../http/problem.ts";
import { LedgerFault } from "../ledger/index.ts";
import { withForce } from "../platform/database/database.ts";
import { findHandIn, listHandedIn, type HandInRow } from "./hand-in-store.ts";
import { openHandIn, type Person } from "./open-hand-in.ts";
import type { IngestPorts } from "./ports.ts";
import { takeHandedIn } from "./take-handed-in.ts";

async function present(ports: IngestPorts, person: Person, row: HandInRow): Promise<HandIn> {
  const recordings = await withForce(ports.evidence.database, person, (tx) => listHandedIn(tx, row));
  return {
    id: row.id,
    camera: row.camera_id,
    reason: row.reason,
    handedInBy: row.handed_in_by,
    createdAt: row.created_at.toISOString(),
    head: { sequence: row.head_sequence, hash: toBase64url(row.head_hash) },
    fromSequence: row.first_sequence,
    toSequence: row.last_sequence,
    isComplete: row.completed_at !== null,
    forkSequence: row.fork_sequence,
    recordings,
  };
}

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

export function handInRoutes(ports: IngestPorts): RegisterRoutes {
  return (app, access) => {
    const staff = { onRequest: [...access.staff] };
    const describe = (operationId: string, summary: string) => ({
      ...{ operationId, summary, tags: ["ingest"], security: [{ apiKey: [] }] },
    });
    const params = Type.Object({ handIn: HandInIdSchema });

    app.post(
      "/v1/cameras/:camera/hand-ins",
      {
        ...staff,
        schema: {
          ...describe(
            "openHandIn",
            "Begin to hand in what is on a lost or retired camera, or find that hand-in",
          ),
          params: Type.Object({ camera: CameraIdSchema }),
          body: HandInRequestSchema,
          response: { 200: HandInSchema, 201: HandInSchema, "4xx": ProblemSchema },
        },
      },
      async (request, reply) => {
        const person = staffOf(request);
        const opened = await orLedgerDown(openHandIn(ports, person, request.params.camera, request.body));
        switch (opened.outcome) {
          case "opened":
          case "known":
            return reply
              .code(opened.outcome === "opened" ? 201 : 200)
              .send(await present(ports, person, opened.row));
          case "camera-not-found":
            throw new Problem("not-found", "There is no such camera in your force.");
          case "camera-trusted":
            throw new Problem(
              "conflict",
              "The camera is in service: dock it. Only what is on a lost or retired one is handed in.",
            );
          case "malformed":
            throw new Problem(
              "request-invalid",
              "The head must be the SHA-256 of the last entry, base64url.",
            );
        }
      },
    );

    app.post(
      "/v1/hand-ins/:handIn/journal",
      {
        ...staff,
        bodyLimit: JOURNAL_SEGMENT_MAXIMUM_BYTES,
        config: { slowBodyAllowed: true },
        schema: {
          ...describe("handInJournal", "Hand in a segment of that camera's journal"),
          consumes: [JOURNAL_MEDIA_TYPE],
          params,
          querystring: Type.Object(
            { from: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }) },
            { additionalProperties: false },
          ),
          response: { 200: HandInAnswerSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const person = staffOf(request);
        const { body, params: given, query } = request;
        if (!(body instanceof Uint8Array) || body.length === 0)
          throw new Problem("media-type-unsupported", `Send the segment as ${JOURNAL_MEDIA_TYPE}.`);
        const segment = { handIn: given.handIn, from: query.from, bytes: new Uint8Array(body) };
        const taken = await orLedgerDown(takeHandedIn(ports, person, segment));
        switch (taken.outcome) {
          case "taken": {
            const { accepted, duplicate, refused, findings, row } = taken;
            return {
              ...{ accepted, duplicate, refused, findings: [...findings] },
              handIn: await present(ports, person, row),
            };
          }
          case "malformed":
            throw new Problem("not-processable", taken.reason);
          case "not-found":
            throw new Problem("not-found", "There is no such hand-in. Begin one.");
          case "contended":
            throw new Problem("conflict", "Somebody else hands in the same journal now. Send it again.");
          case "too-many-refused":
            throw new Problem(
              "too-many-requests",
              "Too many segments of this camera were refused. Somebody must look at its findings first.",
              { headers: { "retry-after": "3600" } },
            );
        }
      },
    );

    app.get(
      "/v1/hand-ins/:handIn",
      {
        ...staff,
        schema: {
          ...describe("getHandIn", "What was handed in, and which recordings may still come"),
          params,
          response: { 200: HandInSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const person = staffOf(request);
        const row = await withForce(ports.evidence.database, person, (tx) =>
          findHandIn(tx, request.params.handIn),
        );
        if (row === undefined) throw new Problem("not-found", "There is no such hand-in.");
        return present(ports, person, row);
      },
    );
  };
}
