// HTTP of quarantine: what waits for a person, and the person's decision.
import {
  ProblemSchema,
  QuarantineDecisionSchema,
  QuarantineIdSchema,
  QuarantineSchema,
  QuarantinesSchema,
  type Quarantine,
  type QuarantineId,
} from "@sworn/contract";
import Type from "typebox";
import { staffOf, type RegisterRoutes } from "../http/app.ts";
import { Problem } from "../http/problem.ts";
import { withForce } from "../platform/database/database.ts";
import { decideQuarantine } from "./decide-quarantine.ts";
import type { IngestPorts } from "./ports.ts";
import type { PartVerdict } from "./quarantine-upload.ts";
import { findQuarantine, listQuarantine, type QuarantineRow } from "./quarantine-store.ts";

const PAGE = 50;

function present(row: QuarantineRow): Quarantine {
  return {
    id: row.id as QuarantineId,
    cameraId: row.camera_id,
    recordingId: row.recording_id,
    number: row.number,
    reason: row.reason,
    verdicts: [...(row.verdicts as unknown as readonly PartVerdict[])],
    sizeBytes: row.size_bytes,
    arrivedAt: row.arrived_at.toISOString(),
    decidedAt: row.decided_at?.toISOString() ?? null,
    decidedBy: row.decided_by,
    decision: row.decision,
    decisionReason: row.decision_reason,
  };
}

export function quarantineRoutes(ports: IngestPorts): RegisterRoutes {
  return (app, access) => {
    const staff = { onRequest: [...access.staff] };
    const common = { tags: ["ingest"], security: [{ apiKey: [] }] };
    const params = Type.Object({ quarantine: QuarantineIdSchema });

    app.get(
      "/v1/quarantine",
      {
        ...staff,
        schema: {
          ...common,
          operationId: "listQuarantine",
          summary: "What did not match its journal, newest first",
          querystring: Type.Object(
            {
              decided: Type.Optional(Type.Boolean({ description: "False unless given." })),
              after: Type.Optional(QuarantineIdSchema),
            },
            { additionalProperties: false },
          ),
          response: { 200: QuarantinesSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const { decided = false, after } = request.query;
        const rows = await withForce(ports.evidence.database, staffOf(request), (tx) =>
          listQuarantine(tx, { decided, after }, PAGE),
        );
        const last = rows.length === PAGE ? rows.at(-1) : undefined;
        return { quarantine: rows.map(present), next: last === undefined ? null : (last.id as QuarantineId) };
      },
    );

    app.get(
      "/v1/quarantine/:quarantine",
      {
        ...staff,
        schema: {
          ...common,
          operationId: "getQuarantine",
          summary: "One upload that was kept apart",
          params,
          response: { 200: QuarantineSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const row = await withForce(ports.evidence.database, staffOf(request), (tx) =>
          findQuarantine(tx, request.params.quarantine),
        );
        if (row === undefined) throw new Problem("not-found", "Nothing of that id was kept apart.");
        return present(row);
      },
    );

    app.post(
      "/v1/quarantine/:quarantine/decision",
      {
        ...staff,
        schema: {
          ...common,
          operationId: "decideQuarantine",
          summary: "Accept it as altered or untrusted, or reject it",
          params,
          body: QuarantineDecisionSchema,
          response: { 200: QuarantineSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const decided = await decideQuarantine(
          ports,
          staffOf(request),
          request.params.quarantine,
          request.body,
        );
        switch (decided.outcome) {
          case "decided":
            return present(decided.row);
          case "not-found":
            throw new Problem("not-found", "Nothing of that id was kept apart.");
          case "decided-before":
            throw new Problem("conflict", "It was decided before, and a decision stands.");
          case "incomplete":
            throw new Problem(
              "conflict",
              "Parts of it are missing. Accept it as altered, which names them, or reject it.",
            );
          case "superseded":
            throw new Problem(
              "conflict",
              "The recording was collected otherwise, or destroyed. It can only be rejected.",
            );
        }
      },
    );
  };
}
