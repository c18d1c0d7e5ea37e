// HTTP of changes to retention classes: propose (a dry run), list, confirm by another person, withdraw.
import {
  ProblemSchema,
  RetentionChangeIdSchema,
  RetentionChangeRequestSchema,
  RetentionChangeSchema,
  RetentionChangesSchema,
} from "@sworn/contract";
import Type from "typebox";
import { administratorOf, staffOf, type RegisterRoutes } from "../http/app.ts";
import { Problem } from "../http/problem.ts";
import { withForce } from "../platform/database/database.ts";
import { listChanges, readChange } from "./classes-store.ts";
import { confirmChange, withdrawChange } from "./confirm-change.ts";
import type { RetentionPorts } from "./ports.ts";
import { presentChange } from "./present.ts";
import { proposeChange } from "./propose-change.ts";

const listed = 200;
const noChange = "There is no such change in your force.";
const onChange = Type.Object({ change: RetentionChangeIdSchema });

export function changeRoutes(
  ports: Pick<RetentionPorts, "database" | "clock" | "ledger" | "settings">,
): RegisterRoutes {
  return (app, access) => {
    const staff = { onRequest: [...access.staff] };
    const describe = (operationId: string, summary: string) => ({
      operationId,
      summary,
      tags: ["retention"],
      security: [{ apiKey: [] }],
    });
    const answers = { 200: RetentionChangeSchema, "4xx": ProblemSchema };

    app.post(
      "/v1/retention/changes",
      {
        ...staff,
        schema: {
          ...describe(
            "proposeRetentionChange",
            "Propose a changed class: shows what it would mean (administrators)",
          ),
          body: RetentionChangeRequestSchema,
          response: { 201: RetentionChangeSchema, "4xx": ProblemSchema },
        },
      },
      async (request, reply) => {
        const result = await proposeChange(ports, administratorOf(request), request.body);
        switch (result.outcome) {
          case "proposed":
            return reply.code(201).send(result.change);
          case "title-missing":
            throw new Problem("not-processable", "The class is new: give it a title.");
          case "default-without-clock":
            throw new Problem(
              "not-processable",
              "What is not classified must have a period. Give periodDays.",
            );
        }
      },
    );

    app.get(
      "/v1/retention/changes",
      {
        ...staff,
        schema: {
          ...describe("listRetentionChanges", "The newest changes, proposed and decided"),
          response: { 200: RetentionChangesSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const rows = await withForce(ports.database, staffOf(request), (tx) => listChanges(tx, null, listed));
        return { changes: rows.map(presentChange) };
      },
    );

    app.get(
      "/v1/retention/changes/:change",
      {
        ...staff,
        schema: {
          ...describe("getRetentionChange", "One change with its effect"),
          params: onChange,
          response: answers,
        },
      },
      async (request) => {
        const row = await withForce(ports.database, staffOf(request), (tx) =>
          readChange(tx, request.params.change),
        );
        if (row === undefined) throw new Problem("not-found", noChange);
        return presentChange(row);
      },
    );

    app.post(
      "/v1/retention/changes/:change/confirm",
      {
        ...staff,
        schema: {
          ...describe("confirmRetentionChange", "Confirm another person's proposal (administrators)"),
          params: onChange,
          response: answers,
        },
      },
      async (request) => {
        const result = await confirmChange(ports, administratorOf(request), request.params.change);
        switch (result.outcome) {
          case "confirmed":
            return result.change;
          case "not-found":
            throw new Problem("not-found", noChange);
          case "same-person":
            throw new Problem(
              "not-allowed",
              "Who proposed a change cannot confirm it. Ask another administrator.",
            );
          case "decided-before":
            throw new Problem("conflict", "It was confirmed, withdrawn or overtaken before.");
          case "expired":
            throw new Problem("conflict", "The proposal has expired. Propose it again.");
          case "overtaken":
            throw new Problem(
              "conflict",
              "It would now shorten or destroy more than was shown. Look at its effect and propose it again.",
            );
        }
      },
    );

    app.post(
      "/v1/retention/changes/:change/withdraw",
      {
        ...staff,
        schema: {
          ...describe("withdrawRetentionChange", "Withdraw a proposal (administrators)"),
          params: onChange,
          response: answers,
        },
      },
      async (request) => {
        const result = await withdrawChange(ports, administratorOf(request), request.params.change);
        if (result.outcome === "withdrawn") return result.change;
        if (result.outcome === "not-found") throw new Problem("not-found", noChange);
        throw new Problem("conflict", "It was confirmed, withdrawn or overtaken before.");
      },
    );
  };
}
