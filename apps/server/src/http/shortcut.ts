// The short way to an answer for requests that come by the hundred a second, past the framework. Guarantees that what
// holds for every request holds here too: host name, this machine only, request id, security headers, log and metrics.
// It may answer only what it can answer well: all else, refusals and faults above all, is the routes'.
import { randomUUID } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { isFromThisMachine } from "./access.ts";
import type { Shortcut } from "./app.ts";
import { answerHeaders, isExpectedHost } from "./protect.ts";

type Observe = (answered: { id: string; method: string; route: string; status: number; ms: number }) => void;

const plainHeaders = Object.entries(answerHeaders).flat();

/** `routes` is the framework's listener. Shortcuts may be added until the first request. */
export function withShortcuts(
  shortcuts: readonly Shortcut[],
  given: { readonly publicHosts: readonly string[]; readonly observe: Observe },
  routes: RequestListener,
): RequestListener {
  return (request, response) => {
    const shortcut = isPlain(request)
      ? shortcuts.find(({ prefix }) => request.url?.startsWith(prefix))
      : null;
    const isOurs =
      shortcut && isExpectedHost(request.headers.host, given.publicHosts) && isFromThisMachine(request);
    if (!isOurs || !take(shortcut, request, response)) routes(request, response);
  };

  function take(shortcut: Shortcut, request: IncomingMessage, response: ServerResponse): boolean {
    const id = randomUUID();
    const startedAtMs = performance.now();
    return shortcut.answer(request, response, {
      head: () => {
        // Told once the answer is out or cut, as the framework does.
        response.once("close", () => {
          const ms = performance.now() - startedAtMs;
          given.observe({ id, method: "GET", route: shortcut.route, status: response.statusCode, ms });
        });
        return ["x-request-id", id, ...plainHeaders];
      },
      giveBack: () => {
        if (!response.destroyed) routes(request, response);
      },
    });
  }
}

/** A GET without a body and without credentials of its own. */
function isPlain({ method, headers }: IncomingMessage): boolean {
  return (
    method === "GET" &&
    headers.authorization === undefined &&
    headers["content-length"] === undefined &&
    headers["transfer-encoding"] === undefined &&
    headers.expect === undefined
  );
}
