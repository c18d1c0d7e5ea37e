// One log line and one measurement a request, by route pattern: never the address itself, which holds ids.
import type { Log } from "../platform/log.ts";
import type { Metrics } from "../platform/metrics.ts";
import type { HttpApp } from "./app.ts";

/** Adds the log and the metrics of requests to an app. */
export function observeRequests(app: HttpApp, given: { log: Log; metrics: Metrics }): void {
  const seconds = given.metrics.histogram(
    "sworn_http_request_seconds",
    "Time to answer, by route and status.",
  );
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "(none)";
    const method = request.method.slice(0, 10);
    seconds.observe(reply.elapsedTime / 1000, { method, route, status: reply.statusCode.toString() });
    given.log.debug("request", {
      requestId: request.id,
      method,
      route,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    });
    done();
  });
}
