// One log line and one measurement a request, by route pattern: never the address itself, which holds ids.
import type { Log } from "../platform/log.ts";
import type { Metrics } from "../platform/metrics.ts";
import type { HttpApp } from "./app.ts";

export interface Answered {
  readonly id: string;
  readonly method: string;
  /** The route's pattern. */
  readonly route: string;
  readonly status: number;
  readonly ms: number;
}

/** Makes what logs and measures an answer. */
export function requestObserver(given: { log: Log; metrics: Metrics }): (answered: Answered) => void {
  const seconds = given.metrics.histogram(
    "sworn_http_request_seconds",
    "Time to answer, by route and status.",
  );
  return ({ id, method, route, status, ms }) => {
    seconds.observe(ms / 1000, { method, route, status: status.toString() });
    given.log.debug("request", { requestId: id, method, route, status, ms: Math.round(ms) });
  };
}

/** Adds the log and the metrics of requests to an app. */
export function observeRequests(app: HttpApp, observe: (answered: Answered) => void): void {
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "(none)";
    const method = request.method.slice(0, 10);
    observe({ id: request.id, method, route, status: reply.statusCode, ms: reply.elapsedTime });
    done();
  });
}
