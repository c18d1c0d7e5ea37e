// What holds for every request, before any route: the host name must be ours (a page of another site that makes
// its name point here gets nothing), the answer tells browsers to trust nothing else, and slow bodies are cut off.
import { isIP } from "node:net";
import type { FastifyRequest } from "fastify";
import type { HttpApp } from "./app.ts";
import { Problem, problemBody, problemMediaType } from "./problem.ts";

const contentSecurityPolicy =
  "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";
// The API's description page styles itself inline; it is the only page that may.
const docsPolicy = `${contentSecurityPolicy}; style-src 'self' 'unsafe-inline'; img-src 'self' data:`;

/** Whether a Host header is one this server answers for: an address, localhost, or a configured name. */
export function isExpectedHost(header: string | undefined, publicHosts: readonly string[]): boolean {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?$/i.exec(header ?? "");
  const host = match?.[1]?.toLowerCase();
  if (host === undefined) return false;
  const bare = host.startsWith("[") ? host.slice(1, -1) : host;
  return isIP(bare) !== 0 || host === "localhost" || publicHosts.includes(host);
}

/** The headers of every answer but those of the API's description page, whose policy differs. */
export const answerHeaders = {
  "content-security-policy": contentSecurityPolicy,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
} as const;

function isDocs(request: FastifyRequest): boolean {
  return /^\/docs(\/|\?|$)/.test(request.url);
}

function cutOff(request: FastifyRequest): void {
  const detail = "The body came too slowly. Send it again on a better link.";
  const text = JSON.stringify(problemBody(new Problem("request-timeout", detail), request.id));
  const head = [
    "HTTP/1.1 408 Request Timeout",
    `content-type: ${problemMediaType}`,
    `content-length: ${Buffer.byteLength(text).toString()}`,
    "connection: close",
  ];
  const { socket } = request.raw;
  if (socket.writable) socket.end(`${head.join("\r\n")}\r\n\r\n${text}`);
  setTimeout(() => socket.destroy(), 1_000).unref();
}

/** Adds those checks to an app. `bodyTimeoutMs` is for a whole body, from the end of the headers. */
export function protect(
  app: HttpApp,
  options: { publicHosts: readonly string[]; bodyTimeoutMs: number },
): void {
  const deadlines = new WeakMap<FastifyRequest, NodeJS.Timeout>();
  app.addHook("onRequest", (request, reply, done) => {
    void reply.headers({
      "x-request-id": request.id,
      ...answerHeaders,
      ...(isDocs(request) ? { "content-security-policy": docsPolicy } : {}),
    });
    if (!isExpectedHost(request.headers.host, options.publicHosts)) {
      const detail = "Call the server by its address or localhost, or add the name to SWORN_PUBLIC_HOSTS.";
      done(new Problem("host-not-expected", detail));
      return;
    }
    if (request.routeOptions.config.slowBodyAllowed !== true) {
      const deadline = setTimeout(() => {
        cutOff(request);
      }, options.bodyTimeoutMs);
      deadlines.set(request, deadline);
    }
    done();
  });
  const received = (request: FastifyRequest): void => {
    clearTimeout(deadlines.get(request));
  };
  app.addHook("preValidation", (request, _reply, done) => {
    received(request);
    done();
  });
  app.addHook("onResponse", (request, _reply, done) => {
    received(request);
    done();
  });
  app.addHook("onRequestAbort", (request, done) => {
    received(request);
    done();
  });
}
