// HTTP of holds: list, place, release, and those of one recording.
import {
  HoldIdSchema,
  HoldReleaseSchema,
  HoldRequestSchema,
  HoldSchema,
  HoldsSchema,
  PlacedHoldSchema,
  ProblemSchema,
  RecordingIdSchema,
} from "@sworn/contract";
import Type from "typebox";
import { staffOf, type RegisterRoutes } from "../http/app.ts";
import { Problem } from "../http/problem.ts";
import { withForce } from "../platform/database/database.ts";
import { listHolds, listHoldsOf } from "./holds-store.ts";
import { placeHold } from "./place-hold.ts";
import type { RetentionPorts } from "./ports.ts";
import { presentHold } from "./present.ts";
import { releaseHold } from "./release-hold.ts";
import { readRecording } from "./store.ts";

const pageSize = 200;

export function holdRoutes(
  ports: Pick<RetentionPorts, "database" | "clock" | "ledger" | "keys">,
): RegisterRoutes {
  return (app, access) => {
    const staff = { onRequest: [...access.staff] };
    const describe = (operationId: string, summary: string) => ({
      operationId,
      summary,
      tags: ["holds"],
      security: [{ apiKey: [] }],
    });

    app.get(
      "/v1/holds",
      {
        ...staff,
        schema: {
          ...describe("listHolds", "Holds, newest first, a page at a time"),
          querystring: Type.Object(
            {
              standing: Type.Optional(
                Type.Boolean({ description: "True unless given; false: released ones." }),
              ),
              pastReview: Type.Optional(
                Type.Boolean({ description: "Only those whose review date is past." }),
              ),
              after: Type.Optional(HoldIdSchema),
            },
            { additionalProperties: false },
          ),
          response: { 200: HoldsSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const { standing = true, pastReview = false, after } = request.query;
        const nowMs = ports.clock.nowMs();
        const filter = {
          standing,
          ...(pastReview ? { reviewBefore: new Date(nowMs) } : {}),
          ...(after === undefined ? {} : { after }),
        };
        const rows = await withForce(ports.database, staffOf(request), (tx) =>
          listHolds(tx, filter, pageSize),
        );
        return {
          holds: rows.map((row) => presentHold(row, nowMs)),
          next: rows.length === pageSize ? (rows.at(-1)?.id ?? null) : null,
        };
      },
    );

    app.post(
      "/v1/holds",
      {
        ...staff,
        schema: {
          ...describe("placeHold", "Keep recordings from being destroyed, those that arrive later too"),
          body: HoldRequestSchema,
          response: { 201: PlacedHoldSchema, "4xx": ProblemSchema },
        },
      },
      async (request, reply) => {
        const result = await placeHold(ports, staffOf(request), request.body);
        switch (result.outcome) {
          case "placed":
            return reply.code(201).send(result.placed);
          case "unfit":
            throw new Problem("not-processable", result.why);
          case "unknown-recording":
            throw new Problem("not-processable", "There is no such recording in your force.");
          case "unknown-person-or-borough":
            throw new Problem("not-processable", "The owner or the borough is not of your force.");
          case "too-late":
            throw new Problem(
              "gone",
              "Its key is destroyed already, and no hold can bring it back. Its certificate says when and under which rule.",
            );
          case "other-hold":
            throw new Problem("conflict", "Another hold has that id. Choose another, or leave it out.");
        }
      },
    );

    app.post(
      "/v1/holds/:hold/release",
      {
        ...staff,
        schema: {
          ...describe(
            "releaseHold",
            "Release a hold, with a reason (its owner, who placed it, administrators)",
          ),
          params: Type.Object({ hold: HoldIdSchema }),
          body: HoldReleaseSchema,
          response: { 200: HoldSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const order = { id: request.params.hold, reason: request.body.reason };
        const result = await releaseHold(ports, staffOf(request), order);
        switch (result.outcome) {
          case "released":
            return result.hold;
          case "not-found":
            throw new Problem("not-found", "There is no such hold in your force.");
          case "released-before":
            throw new Problem("conflict", "It was released before.");
          case "not-yours":
            throw new Problem(
              "not-allowed",
              "Only its owner, who placed it, or an administrator may release it.",
            );
        }
      },
    );

    app.get(
      "/v1/recordings/:recording/holds",
      {
        ...staff,
        schema: {
          ...describe("listRecordingHolds", "The holds that catch a recording, standing ones first"),
          params: Type.Object({ recording: RecordingIdSchema }),
          response: { 200: HoldsSchema, "4xx": ProblemSchema },
        },
      },
      async (request) =>
        withForce(ports.database, staffOf(request), async (tx) => {
          const { recording } = request.params;
          if ((await readRecording(tx, recording)) === undefined)
            throw new Problem("not-found", "There is no such recording in your force.");
          const rows = await listHoldsOf(tx, recording);
          return { holds: rows.map((row) => presentHold(row, ports.clock.nowMs())), next: null };
        }),
    );
  };
}
