// The HTTP layer through a real port: every error is a problem document, limits hold, nothing leaks.
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import Type from "typebox";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RegisterRoutes } from "../../src/http/app.ts";
import { isExpectedHost } from "../../src/http/protect.ts";
import { createLog } from "../../src/platform/log.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

const probes: RegisterRoutes = (app, access) => {
  app.post(
    "/v1/probe",
    {
      schema: {
        body: Type.Object(
          { name: Type.String({ maxLength: 5 }), n: Type.Optional(Type.Integer()) },
          { additionalProperties: false },
        ),
        querystring: Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1 })) }),
      },
    },
    (request) => ({ limit: request.query.limit ?? null }),
  );
  app.get("/v1/fault", () => {
    throw new Error("select secret_hash from api_key where name = 'swk_hiddenhiddenhidden'");
  });
  app.get("/v1/staff", { onRequest: [...access.staff] }, () => ({ ok: true }));
};

let server: TestServer;
const lines: string[] = [];

beforeAll(async () => {
  const log = createLog({ level: "debug", clock: systemClock, write: (line) => lines.push(line) });
  server = await startTestServer({ routes: [probes], log, timeouts: { headersMs: 400, bodyMs: 400 } });
});
afterAll(() => server.stop());

function raw(text: string): Promise<string> {
  return new Promise((resolve) => {
    const { port } = new URL(server.url);
    const socket = connect({ host: "127.0.0.1", port: Number(port) });
    let got = "";
    socket.on("data", (chunk) => (got += chunk.toString()));
    socket.on("close", () => {
      resolve(got);
    });
    socket.on("error", () => undefined);
    socket.write(text);
  });
}

function withHeaders(path: string, headers: Record<string, string>, host = "127.0.0.1"): Promise<number> {
  const { port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    httpRequest({ host, port, path, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    })
      .on("error", reject)
      .end();
  });
}

describe("problems", () => {
  it("answers each kind of error as a problem document with a request id", async () => {
    const json = { "content-type": "application/json" };
    const send = (body: string, headers: Record<string, string> = json) =>
      fetch(`${server.url}/v1/probe`, { method: "POST", headers, body });
    const cases: [Promise<Response>, number, string][] = [
      [fetch(`${server.url}/nothing`), 404, "not-found"],
      [fetch(`${server.url}/v1/probe`), 405, "method-not-allowed"],
      [fetch(`${server.url}/v1/api-keys/1`, { method: "PUT" }), 405, "method-not-allowed"],
      [fetch(`${server.url}/%ff`), 400, "request-invalid"],
      [send("{"), 400, "request-invalid"],
      [send(""), 400, "request-invalid"],
      [send('{"__proto__":{"a":1},"name":"x"}'), 400, "request-invalid"],
      [send('{"name":"x"}', { "content-type": "text/csv" }), 415, "media-type-unsupported"],
      [send(`{"name":"${"x".repeat(2_000_000)}"}`), 413, "body-too-large"],
      [fetch(`${server.url}/v1/fault`), 500, "fault"],
      [fetch(`${server.url}/v1/api-keys/${"x".repeat(300)}`, { method: "DELETE" }), 414, "uri-too-long"],
    ];
    for (const [answer, status, code] of cases) {
      const got = await answer;
      const body = (await got.json()) as Record<string, unknown>;
      expect({ status: got.status, code: body["code"] }).toEqual({ status, code });
      expect(got.headers.get("content-type")).toContain("application/problem+json");
      expect(body).toMatchObject({
        status,
        type: `urn:sworn:problem:${code}`,
        requestId: got.headers.get("x-request-id"),
      });
      expect(JSON.stringify(body)).not.toMatch(/secret_hash|node_modules|at .*\.ts/);
    }
  });

  it("names the fields that are wrong", async () => {
    const answer = await server.call("POST", "/v1/probe?limit=0", { body: { name: "x" } });
    expect(answer.body["errors"]).toEqual([{ path: "query/limit", message: "must be >= 1" }]);
    const body = await server.call("POST", "/v1/probe", { body: { n: "1", extra: 1 } });
    const paths = (body.body["errors"] as { path: string }[]).map((error) => error.path);
    expect(paths).toEqual(expect.arrayContaining(["body/name", "body/extra", "body/n"]));
    expect((await server.call("POST", "/v1/probe?limit=3", { body: { name: "x" } })).body).toEqual({
      limit: 3,
    });
  });

  it("says which methods an address takes", async () => {
    expect((await server.call("GET", "/v1/probe")).headers.get("allow")).toBe("POST");
  });

  it("logs a fault under its request id, with secrets hidden and without the address", async () => {
    const answer = await server.call("GET", "/v1/fault?name=someone", { key: "swk_0123456789" });
    const own = lines.filter((line) => line.includes(String(answer.body["requestId"])));
    expect(own.some((line) => line.includes("select secret_hash"))).toBe(true);
    expect(own.join("")).not.toMatch(/swk_[A-Za-z0-9]|someone/);
  });

  it("answers what is not HTTP, oversized headers, and headers that never end", async () => {
    expect(await raw("GARBAGE\r\n\r\n")).toMatch(/^HTTP\/1.1 400[^]*request-invalid/);
    expect(await raw(`GET / HTTP/1.1\r\nhost: localhost\r\nx: ${"y".repeat(20_000)}\r\n\r\n`)).toMatch(
      / 431[^]*headers-too-large/,
    );
    expect(await raw("GET / HTTP/1.1\r\nhost: localhost\r\n")).toMatch(/ 408[^]*request-timeout/);
  });

  it("cuts off a body that trickles in", async () => {
    const head =
      "POST /v1/probe HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    expect(await raw(head)).toMatch(/^HTTP\/1.1 408[^]*request-timeout/);
  });
});

describe("who may ask", () => {
  it("refuses foreign host names, as DNS rebinding sends them", async () => {
    expect(await withHeaders("/healthz", { host: "evil.example" })).toBe(421);
    expect(await withHeaders("/healthz", { host: "localhost:1" })).toBe(200);
    for (const host of ["127.0.0.1", "[::1]:80", "LOCALHOST", "bwv.example:443"]) {
      expect(isExpectedHost(host, ["bwv.example"])).toBe(true);
    }
    for (const host of [undefined, "", "localhost.evil", "a@localhost", "x.bwv.example", "127.0.0.1.evil"]) {
      expect(isExpectedHost(host, ["bwv.example"])).toBe(false);
    }
  });

  it("refuses staff endpoints to what a proxy forwarded, valid key or not", async () => {
    const { key } = await server.found("proxied");
    const authorization = `Bearer ${key}`;
    expect(await withHeaders("/v1/staff", { authorization })).toBe(200);
    expect(await withHeaders("/v1/staff", { authorization, "x-forwarded-for": "127.0.0.1" })).toBe(403);
    expect(await withHeaders("/metrics", { "x-forwarded-for": "127.0.0.1" })).toBe(403);
  });

  it("refuses staff endpoints to other machines' addresses", async (context) => {
    const outer = Object.values(networkInterfaces())
      .flat()
      .find((address) => address?.family === "IPv4" && !address.internal);
    if (outer === undefined) return context.skip("this machine has no address but the loopback");
    const open = await startTestServer({
      routes: [probes],
      configuration: { host: "0.0.0.0", behindProxy: true },
    });
    try {
      const { key } = await open.found("outside");
      const port = new URL(open.url).port;
      const ask = (path: string) =>
        fetch(`http://${outer.address}:${port}${path}`, { headers: { authorization: `Bearer ${key}` } });
      expect((await ask("/healthz")).status).toBe(200);
      for (const path of ["/v1/staff", "/v1/me", "/metrics"]) {
        const answer = await ask(path);
        expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
          403,
          "loopback-only",
        ]);
      }
    } finally {
      await open.stop();
    }
  });

  it("sends security headers with every answer and no CORS permission", async () => {
    for (const path of ["/healthz", "/nothing", "/v1/me"]) {
      const { headers } = await server.call("GET", path, { headers: { origin: "https://evil.example" } });
      expect(headers.get("content-security-policy")).toMatch(/^default-src 'self'/);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("access-control-allow-origin")).toBeNull();
    }
  });
});

describe("operating", () => {
  it("tells health, readiness and numbers by route pattern only", async () => {
    expect((await server.call("GET", "/healthz")).body).toEqual({ status: "ok" });
    expect((await server.call("GET", "/readyz")).body).toEqual({ status: "ok" });
    await server.call("DELETE", "/v1/api-keys/3f0c1c8e-0000-4000-8000-000000000000");
    const text = String((await server.call("GET", "/metrics")).body["text"]);
    expect(text).toContain('route="/v1/api-keys/:keyId"');
    expect(text).not.toContain("3f0c1c8e");
  });

  it("describes the API in OpenAPI 3.1 with named components and an operation id for each route", async () => {
    const { body } = await server.call("GET", "/openapi.json");
    const document = body as unknown as {
      openapi: string;
      paths: Record<string, Record<string, { operationId?: string }>>;
      components: { schemas: Record<string, unknown> };
    };
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(["ApiKey", "Person", "Problem"]),
    );
    expect(JSON.stringify(document.paths)).toContain('"#/components/schemas/Problem"');
    const operations = Object.entries(document.paths).filter(([path]) => !/probe|fault|staff/.test(path));
    const ids = operations.flatMap(([, methods]) =>
      Object.values(methods).map((operation) => operation.operationId),
    );
    expect(ids).not.toContain(undefined);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("serves the API's page with all it needs from here", async () => {
    const page = await server.call("GET", "/docs/");
    expect(page.status).toBe(200);
    const html = String(page.body["text"]);
    const links = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? "");
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) {
      const asset = new URL(link, `${server.url}/docs/`);
      expect(asset.origin).toBe(server.url);
      expect((await fetch(asset)).status).toBe(200);
    }
    const start = await (await fetch(`${server.url}/docs/static/swagger-initializer.js`)).text();
    expect(start.replace(/^\s*\/\/.*$/gm, "")).not.toMatch(/https?:\/\//);
    expect(start).toMatch(/"validatorUrl":\s*null/);
  });
});
