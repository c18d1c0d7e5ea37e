// The HTTP server: every answer has a request id and the security headers, every error is a problem document,
// every client has limits. Capabilities bring their routes; nothing here knows any of them.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server, type ServerOptions } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import { TypeBoxValidatorCompiler, type TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { fastify } from "fastify";
import type { Clock } from "../platform/clock.ts";
import type { Configuration } from "../platform/configuration.ts";
import type { Log } from "../platform/log.ts";
import type { Metrics } from "../platform/metrics.ts";
import { routeAccess, type FindKey } from "./access.ts";
import type { HttpApp, RegisterRoutes, Shortcut } from "./app.ts";
import { describeApi } from "./describe-api.ts";
import { fieldErrors } from "./field-errors.ts";
import { observeRequests, requestObserver } from "./observe.ts";
import { registerOperate, type ReadyCheck } from "./operate.ts";
import { Problem, problemBody, problemFrom, problemMediaType, sendProblem } from "./problem.ts";
import { protect } from "./protect.ts";
import { withShortcuts } from "./shortcut.ts";
import { answerUnmatched } from "./unmatched.ts";

export interface HttpTimeouts {
  /** For all headers of a request to arrive. */
  readonly headersMs: number;
  /** For a whole body to arrive, except on routes with `slowBodyAllowed`. */
  readonly bodyMs: number;
  /** Without a byte in either direction. */
  readonly idleMs: number;
}

export interface HttpServerOptions {
  configuration: Pick<
    Configuration,
    "bodyLimitBytes" | "maximumConnections" | "publicHosts" | "tlsCertificateFile" | "tlsKeyFile"
  >;
  version: string;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  findKey: FindKey;
  ready: readonly ReadyCheck[];
  routes: readonly RegisterRoutes[];
  timeouts?: Partial<HttpTimeouts>;
}

function createListener(
  options: HttpServerOptions,
  timeouts: HttpTimeouts,
  handler: RequestListener,
): Server {
  const settings: ServerOptions = {
    headersTimeout: timeouts.headersMs,
    connectionsCheckingInterval: Math.min(1_000, timeouts.headersMs),
    // A body's deadline is the route's: an upload on a slow link may rightly take an hour.
    requestTimeout: 0,
    keepAliveTimeout: 10_000,
    maxHeaderSize: 16_384,
  };
  const { tlsCertificateFile, tlsKeyFile, maximumConnections } = options.configuration;
  const server =
    tlsCertificateFile === null || tlsKeyFile === null
      ? createServer(settings, handler)
      : (createTlsServer(
          {
            ...settings,
            cert: readFileSync(tlsCertificateFile),
            key: readFileSync(tlsKeyFile),
            minVersion: "TLSv1.2",
          },
          handler,
        ) as unknown as Server);
  server.maxConnections = maximumConnections;
  server.setTimeout(timeouts.idleMs);
  return server;
}

// What is not even HTTP never reaches a route; it gets the same kind of answer.
function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem =
    error.code === "HPE_HEADER_OVERFLOW"
      ? new Problem("headers-too-large", "The headers are larger than 16 KiB.")
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? new Problem("request-timeout", "The request came too slowly.")
        : new Problem("request-invalid", "This is not a valid HTTP request.");
  const text = JSON.stringify(problemBody(problem, randomUUID()));
  const length = Buffer.byteLength(text).toString();
  const head = [`HTTP/1.1 ${problem.statusCode.toString()} Refused`, `content-type: ${problemMediaType}`];
  socket.end([...head, `content-length: ${length}`, "connection: close", "", text].join("\r\n"));
  setTimeout(() => socket.destroy(), 1_000).unref();
}

/** Builds the server with all its routes; `listen` starts it. */
export async function buildServer(options: HttpServerOptions): Promise<HttpApp> {
  const { log, metrics, configuration } = options;
  const timeouts: HttpTimeouts = { headersMs: 10_000, bodyMs: 30_000, idleMs: 120_000, ...options.timeouts };
  const answerError = (error: unknown, method: string, requestId: string): Problem => {
    const problem = problemFrom(error);
    if (problem.statusCode >= 500)
      log.error("a request failed", { requestId, method, code: problem.code, error: problem.cause ?? error });
    return problem;
  };
  const { publicHosts } = configuration;
  const observe = requestObserver({ log, metrics });
  const shortcuts: Shortcut[] = [];
  const app: HttpApp = fastify({
    serverFactory: (handler) =>
      createListener(options, timeouts, withShortcuts(shortcuts, { publicHosts, observe }, handler)),
    logger: false,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    trustProxy: false,
    bodyLimit: configuration.bodyLimitBytes,
    routerOptions: { maxParamLength: 200 },
    clientErrorHandler: refuseConnection,
    frameworkErrors: (error, request, reply) => {
      void reply.header("x-request-id", request.id);
      void sendProblem(reply, answerError(error, request.method, request.id));
    },
    schemaErrorFormatter: (errors, part) => {
      const found = fieldErrors(errors, part);
      const first = found[0];
      const detail =
        first === undefined ? "The request does not fit its schema." : `${first.path} ${first.message}.`;
      return new Problem("request-invalid", detail, { errors: found });
    },
    return503OnClosing: true,
    forceCloseConnections: "idle",
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  app.decorateRequest("staff", null);
  app.setErrorHandler((error, request, reply) =>
    sendProblem(reply, answerError(error, request.method, request.id)),
  );
  protect(app, { publicHosts, bodyTimeoutMs: timeouts.bodyMs });
  observeRequests(app, observe);
  answerUnmatched(app);
  await describeApi(app, options.version);
  const access = routeAccess(options.findKey, shortcuts);
  registerOperate(app, access, { metrics, ready: options.ready });
  for (const register of options.routes) register(app, access);
  await app.ready();
  return app;
}

/** Listens, and returns the address as a URL without a trailing slash. */
export async function listen(
  app: HttpApp,
  { host, port, tlsCertificateFile }: Pick<Configuration, "host" | "port" | "tlsCertificateFile">,
): Promise<string> {
  const url = await app.listen({ host, port, backlog: 511 });
  // The framework does not know of the TLS that the listener it was given speaks.
  return tlsCertificateFile === null ? url : url.replace(/^http:/, "https:");
}

/**
 * Stops taking requests, lets those under way finish for `graceMs` (5 s unless given), then cuts the rest off:
 * a client that stalls must not keep a server from stopping.
 */
export async function closeServer(app: HttpApp, graceMs = 5_000): Promise<void> {
  const late = setTimeout(() => {
    app.server.closeAllConnections();
  }, graceMs);
  await app.close();
  clearTimeout(late);
}
