// A whole server on a real port over a database of its own, as main.ts will wire it, for tests.
import { peopleRoutes, findKey, issueSetupCode } from "../../src/people/index.ts";
import type { HttpApp, RegisterRoutes } from "../../src/http/app.ts";
import { buildServer, closeServer, listen, type HttpTimeouts } from "../../src/http/server.ts";
import { movableClock, type MovableClock } from "../../src/platform/clock.ts";
import { readConfiguration, type Configuration } from "../../src/platform/configuration.ts";
import { databaseAnswers } from "../../src/platform/database/database.ts";
import { silentLog, type Log } from "../../src/platform/log.ts";
import { createMetrics } from "../../src/platform/metrics.ts";
import { startTestDatabase, type TestDatabase } from "./test-database.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export interface TestServer {
  readonly url: string;
  readonly app: HttpApp;
  readonly clock: MovableClock;
  readonly test: TestDatabase;
  /** Calls the API; `body` is sent as JSON. */
  call(
    method: string,
    path: string,
    options?: { key?: string; body?: unknown; headers?: Record<string, string> },
  ): Promise<Answer>;
  /** Founds a force and returns its administrator's key and ids. */
  found(slug: string): Promise<{ key: string; forceId: string; personId: string }>;
  stop(): Promise<void>;
}

/** Starts one; `routes` are served beside those of people. */
export async function startTestServer(
  options: {
    routes?: RegisterRoutes[];
    timeouts?: Partial<HttpTimeouts>;
    configuration?: Partial<Configuration>;
    log?: Log;
  } = {},
): Promise<TestServer> {
  const test = await startTestDatabase();
  const clock = movableClock(Date.UTC(2026, 0, 15, 12), { frozen: true });
  const configuration = readConfiguration({}, { port: 0, ...options.configuration });
  const { database } = test;
  const app = await buildServer({
    configuration,
    version: "0.1.0",
    clock,
    log: options.log ?? silentLog,
    metrics: createMetrics(),
    findKey: (secret) => findKey(database, clock, secret),
    ready: [{ name: "database", isReady: () => databaseAnswers(database) }],
    routes: [peopleRoutes({ database, clock }), ...(options.routes ?? [])],
    ...(options.timeouts === undefined ? {} : { timeouts: options.timeouts }),
  });
  const url = await listen(app, configuration);
  const call: TestServer["call"] = async (method, path, given = {}) => {
    const answer = await fetch(url + path, {
      method,
      headers: {
        ...(given.key === undefined ? {} : { authorization: `Bearer ${given.key}` }),
        ...(given.body === undefined ? {} : { "content-type": "application/json" }),
        ...given.headers,
      },
      ...(given.body === undefined ? {} : { body: JSON.stringify(given.body) }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get("content-type")?.includes("json") === true;
    return {
      status: answer.status,
      headers: answer.headers,
      body: (isJson ? JSON.parse(text) : { text }) as Record<string, unknown>,
    };
  };
  return {
    url,
    app,
    clock,
    test,
    call,
    async found(slug) {
      const code = await issueSetupCode(database, clock);
      const body = { code, force: { name: `Force ${slug}`, slug }, person: { name: "A. Administrator" } };
      const answer = await call("POST", "/v1/setup", { body });
      if (answer.status !== 201) throw new Error(`set-up answered ${answer.status.toString()}`);
      const made = answer.body as {
        force: { id: string };
        person: { id: string };
        apiKey: { secret: string };
      };
      return { key: made.apiKey.secret, forceId: made.force.id, personId: made.person.id };
    },
    async stop() {
      await closeServer(app, 200);
      await test.stop();
    },
  };
}
