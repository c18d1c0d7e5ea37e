// HTTP of findings: list them, and resolve one with a reason.
import {
  CameraIdSchema,
  FindingIdSchema,
  FindingKindSchema,
  FindingResolutionSchema,
  FindingSchema,
  FindingsSchema,
  ProblemSchema,
  RecordingIdSchema,
  type FindingId,
} from "@sworn/contract";
import Type from "typebox";
import { staffOf, type RegisterRoutes } from "../http/app.ts";
import { Problem } from "../http/problem.ts";
import type { Ledger } from "../ledger/index.ts";
import type { Clock } from "../platform/clock.ts";
import { withForce, type Database } from "../platform/database/database.ts";
import { presentFinding } from "./present.ts";
import { resolveFinding } from "./resolve-finding.ts";
import { listFindings } from "./store.ts";

const pageSize = 200;

export function findingsRoutes(given: {
  readonly database: Database;
  readonly clock: Clock;
  readonly ledger: Pick<Ledger, "stage">;
}): RegisterRoutes {
  return (app, access) => {
    const staff = { onRequest: [...access.staff] };
    const common = { tags: ["findings"], security: [{ apiKey: [] }] };

    app.get(
      "/v1/findings",
      {
        ...staff,
        schema: {
          ...common,
          operationId: "listFindings",
          summary: "What somebody must look at, newest first, a page at a time",
          querystring: Type.Object(
            {
              resolved: Type.Optional(Type.Boolean({ description: "False unless given." })),
              camera: Type.Optional(CameraIdSchema),
              recording: Type.Optional(RecordingIdSchema),
              kind: Type.Optional(FindingKindSchema),
              after: Type.Optional(FindingIdSchema),
            },
            { additionalProperties: false },
          ),
          response: { 200: FindingsSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const { resolved = false, camera, recording, kind, after } = request.query;
        const filter = {
          resolved,
          ...(camera === undefined ? {} : { cameraId: camera }),
          ...(recording === undefined ? {} : { recordingId: recording }),
          ...(kind === undefined ? {} : { kind }),
          ...(after === undefined ? {} : { after }),
        };
        const rows = await withForce(given.database, staffOf(request), (tx) =>
          listFindings(tx, filter, pageSize),
        );
        const last = rows.length === pageSize ? rows.at(-1)?.id : undefined;
        return { findings: rows.map(presentFinding), next: last === undefined ? null : (last as FindingId) };
      },
    );

    app.post(
      "/v1/findings/:finding/resolve",
      {
        ...staff,
        schema: {
          ...common,
          operationId: "resolveFinding",
          summary: "Say what was found out and done",
          params: Type.Object({ finding: FindingIdSchema }),
          body: FindingResolutionSchema,
          response: { 200: FindingSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const order = { id: request.params.finding, reason: request.body.reason };
        const resolved = await resolveFinding(given, staffOf(request), order);
        if (resolved === null) throw new Problem("not-found", "There is no such finding in your force.");
        return resolved;
      },
    );
  };
}
