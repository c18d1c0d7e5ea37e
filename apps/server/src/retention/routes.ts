// HTTP of retention: classes, the plan, warnings, the run, and what stands of one recording.
import {
  ProblemSchema,
  RecordedTimeDecisionSchema,
  RecordingIdSchema,
  RecordingRetentionSchema,
  RetentionClassesSchema,
  RetentionPlanSchema,
  RetentionRunSchema,
  RetentionWarningsSchema,
} from "@sworn/contract";
import Type from "typebox";
import { administratorOf, staffOf, type RegisterRoutes } from "../http/app.ts";
import { Problem } from "../http/problem.ts";
import { withForce } from "../platform/database/database.ts";
import { decideTime } from "./decide-time.ts";
import { findRetention, listClassesNow, listWarnings, readCertificate } from "./look-up.ts";
import { planRetention } from "./plan-retention.ts";
import type { RetentionPorts } from "./ports.ts";
import { orderRun } from "./order-run.ts";

const pageSize = 500;
const noRecording = "There is no such recording in your force.";
const onRecording = Type.Object({ recording: RecordingIdSchema });

export function retentionRoutes(ports: RetentionPorts): RegisterRoutes {
  return (app, access) => {
    const staff = { onRequest: [...access.staff] };
    const describe = (operationId: string, summary: string) => ({
      operationId,
      summary,
      tags: ["retention"],
      security: [{ apiKey: [] }],
    });

    app.get(
      "/v1/retention/classes",
      {
        ...staff,
        schema: {
          ...describe("listRetentionClasses", "The classes of the force, each in its newest version"),
          response: { 200: RetentionClassesSchema, "4xx": ProblemSchema },
        },
      },
      async (request) =>
        withForce(ports.database, staffOf(request), (tx) => listClassesNow(tx, ports.settings)),
    );

    app.get(
      "/v1/retention/plan",
      {
        ...staff,
        schema: {
          ...describe("planRetention", "What falls due, what is held and why, what waits, what would change"),
          querystring: Type.Object(
            {
              days: Type.Optional(
                Type.Integer({ minimum: 0, maximum: 36_500, description: "7 unless given." }),
              ),
            },
            { additionalProperties: false },
          ),
          response: { 200: RetentionPlanSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => planRetention(ports, staffOf(request), request.query.days ?? 7),
    );

    app.get(
      "/v1/retention/warnings",
      {
        ...staff,
        schema: {
          ...describe(
            "listRetentionWarnings",
            "Unclassified recordings that will be destroyed, oldest warning first",
          ),
          querystring: Type.Object(
            { after: Type.Optional(RecordingIdSchema) },
            { additionalProperties: false },
          ),
          response: { 200: RetentionWarningsSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => listWarnings(ports, staffOf(request), pageSize, request.query.after),
    );

    app.post(
      "/v1/retention/run",
      {
        ...staff,
        schema: {
          ...describe("runRetention", "Warn of and destroy what is due now (administrators)"),
          response: { 200: RetentionRunSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => orderRun(ports, administratorOf(request)),
    );

    app.get(
      "/v1/recordings/:recording/retention",
      {
        ...staff,
        schema: {
          ...describe("getRecordingRetention", "When a recording will be destroyed, and why"),
          params: onRecording,
          response: { 200: RecordingRetentionSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const found = await findRetention(ports, staffOf(request), request.params.recording);
        if (found === null) throw new Problem("not-found", noRecording);
        return found;
      },
    );

    app.post(
      "/v1/recordings/:recording/retention/time",
      {
        ...staff,
        schema: {
          ...describe("decideRecordedTime", "Decide when a recording with an uncertain clock ended"),
          params: onRecording,
          body: RecordedTimeDecisionSchema,
          response: { 200: RecordingRetentionSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const order = { recordingId: request.params.recording, ...request.body };
        const decided = await decideTime(ports, staffOf(request), order);
        switch (decided.outcome) {
          case "decided":
            return decided.retention;
          case "not-found":
            throw new Problem("not-found", noRecording);
          case "not-collected":
            throw new Problem("conflict", "Only the time of a recording that is stored can be decided.");
          case "certain":
            throw new Problem(
              "conflict",
              "Its time is certain: it was corrected by a dock, or stated by a person.",
            );
          case "after-arrival":
            throw new Problem(
              "not-processable",
              "It cannot have ended after it arrived. Give an earlier time.",
            );
          case "no-estimate":
            throw new Problem(
              "not-processable",
              "There is no estimate to let stand. Give the time it ended.",
            );
        }
      },
    );

    app.get(
      "/v1/recordings/:recording/destruction",
      {
        ...staff,
        schema: {
          ...describe("getDestruction", "The certificate of destruction of a recording (application/cose)"),
          params: onRecording,
          response: {
            200: Type.Unsafe<Uint8Array>({ type: "string", format: "binary" }),
            "4xx": ProblemSchema,
          },
        },
      },
      async (request, reply) => {
        const found = await readCertificate(ports, staffOf(request), request.params.recording);
        if (found === null)
          throw new Problem("not-found", "There is no such recording in your force, or it is not destroyed.");
        return reply.header("content-type", "application/cose").send(found);
      },
    );
  };
}
