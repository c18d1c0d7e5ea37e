// What operators and their machines ask: is it alive, is it ready, what are its numbers. No personal data.
import Type from "typebox";
import type { Metrics } from "../platform/metrics.ts";
import type { HttpApp, RouteAccess } from "./app.ts";
import { Problem } from "./problem.ts";

/** A named condition without which the server cannot do its work. */
export interface ReadyCheck {
  readonly name: string;
  readonly isReady: () => Promise<boolean>;
}

const Status = Type.Object({ status: Type.Literal("ok") }, { title: "Status" });

/** Adds /healthz, /readyz and /metrics. */
export function registerOperate(
  app: HttpApp,
  access: RouteAccess,
  given: { metrics: Metrics; ready: readonly ReadyCheck[] },
): void {
  app.get(
    "/healthz",
    {
      schema: {
        operationId: "getHealth",
        summary: "Whether the process answers",
        tags: ["operate"],
        response: { 200: Status },
      },
    },
    () => ({ status: "ok" as const }),
  );
  app.get(
    "/readyz",
    {
      schema: {
        operationId: "getReadiness",
        summary: "Whether all it needs is there",
        tags: ["operate"],
        response: { 200: Status },
      },
    },
    async () => {
      const verdicts = await Promise.all(
        given.ready.map(async (check) => ({
          name: check.name,
          ready: await check.isReady().catch(() => false),
        })),
      );
      const missing = verdicts.filter((verdict) => !verdict.ready).map((verdict) => verdict.name);
      if (missing.length === 0) return { status: "ok" as const };
      throw new Problem("not-ready", `Not ready: ${missing.join(", ")}.`, {
        headers: { "retry-after": "5" },
      });
    },
  );
  app.get(
    "/metrics",
    {
      onRequest: [...access.loopback],
      schema: {
        operationId: "getMetrics",
        summary: "Numbers in the Prometheus text format",
        tags: ["operate"],
      },
    },
    (_request, reply) => reply.type("text/plain; version=0.0.4").send(given.metrics.render()),
  );
}
