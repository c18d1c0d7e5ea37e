// A whole server as operators run it: over a PostgreSQL of their own, with its own certificate, beyond the loopback.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { connect } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/platform/clock.ts";
import { readConfiguration } from "../../src/platform/configuration.ts";
import { silentLog } from "../../src/platform/log.ts";
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from "../../src/platform/postgres/embedded-postgres.ts";
import { startServer, type RunningServer } from "../../src/start-server.ts";

const outer = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === "IPv4" && !address.internal)?.address;

let folder: string;
let postgres: EmbeddedPostgres;
let administrator: Client;
let server: RunningServer;
let environment: Record<string, string>;
let certificate: Buffer;

const start = (more: Record<string, string> = {}): Promise<RunningServer> =>
  startServer(readConfiguration({ ...environment, ...more }), {
    ...{ clock: systemClock, log: silentLog, purpose: "test" },
  });

const urlOf = (user: string, database: string): string =>
  `postgres://${user}@localhost/${database}?host=${encodeURIComponent(postgres.administrator.host)}`;

function makeCertificate(): { certificateFile: string; keyFile: string } {
  const [certificateFile, keyFile] = [join(folder, "server.pem"), join(folder, "server.key")];
  const names = ["DNS:bwv.example", "IP:127.0.0.1", ...(outer === undefined ? [] : [`IP:${outer}`])];
  execFileSync(
    "openssl",
    [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
      ...["-subj", "/CN=bwv.example", "-addext", `subjectAltName=${names.join(",")}`],
      ...["-keyout", keyFile, "-out", certificateFile],
    ],
    { stdio: "pipe" },
  );
  return { certificateFile, keyFile };
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Over TLS, trusting the server's certificate alone. */
function ask(
  host: string,
  method: string,
  path: string,
  given: { key?: string; body?: unknown } = {},
): Promise<Answer> {
  const headers = {
    "content-type": "application/json",
    ...(given.key === undefined ? {} : { authorization: `Bearer ${given.key}` }),
  };
  const port = Number(new URL(server.url).port);
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, method, path, headers, ca: certificate, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      answer.on("end", () => {
        resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text) as Record<string, unknown> });
      });
    });
    sent.on("error", reject);
    sent.end(given.body === undefined ? undefined : JSON.stringify(given.body));
  });
}

/** What comes back, byte for byte, for plain HTTP. */
function askPlainly(host: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(new URL(server.url).port) });
    let got = "";
    socket.on("data", (chunk) => (got += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      resolve(got);
    });
    socket.write(`GET /healthz HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sworn-front-door-"));
  chmodSync(folder, 0o711);
  postgres = await startEmbeddedPostgres({ dataFolder: join(folder, "theirs"), log: silentLog });
  administrator = new Client(postgres.administrator);
  await administrator.connect();
  await administrator.query("create role operator login createrole");
  await administrator.query("create role humble login");
  await administrator.query("create database theirs owner operator");
  await administrator.query("create database humbles owner humble");
  const { certificateFile, keyFile } = makeCertificate();
  certificate = readFileSync(certificateFile);
  environment = {
    ...{ DATABASE_URL: urlOf("operator", "theirs"), SWORN_DATA_FOLDER: join(folder, "data") },
    ...{ SWORN_HOST: "0.0.0.0", SWORN_PORT: "0" },
    ...{ SWORN_TLS_CERTIFICATE: certificateFile, SWORN_TLS_KEY: keyFile, SWORN_PUBLIC_HOSTS: "bwv.example" },
  };
  server = await start();
}, 60_000);
afterAll(async () => {
  await server.stop();
  await administrator.end();
  await postgres.discard();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

describe("a server with its own certificate", () => {
  it("founds a force over TLS on the loopback, in the operator's database", async () => {
    expect(server.url).toMatch(/^https:/);
    const body = {
      code: server.firstSetupCode,
      ...{ force: { name: "Test Force", slug: "test" }, person: { name: "A. Administrator" } },
    };
    const made = await ask("127.0.0.1", "POST", "/v1/setup", { body });
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    const { secret } = made.body["apiKey"] as { secret: string };
    expect((await ask("127.0.0.1", "GET", "/v1/me", { key: secret })).status).toBe(200);
    const theirs = new Client({ connectionString: urlOf("operator", "theirs") });
    await theirs.connect();
    await theirs.query("set role sworn_platform");
    expect((await theirs.query("select id from sworn.all_forces()")).rowCount).toBe(1);
    await theirs.end();
    // Beyond the loopback the same key opens nothing, and what is public is there.
    if (outer === undefined) return;
    const refused = await ask(outer, "GET", "/v1/me", { key: secret });
    expect([refused.status, refused.body["code"]]).toEqual([403, "loopback-only"]);
    expect(await ask(outer, "GET", "/healthz")).toEqual({ status: 200, body: { status: "ok" } });
  });

  it("answers no plain HTTP, on the loopback or beyond", async () => {
    for (const host of ["127.0.0.1", ...(outer === undefined ? [] : [outer])])
      expect(await askPlainly(host), host).not.toContain("HTTP/1.1 200");
  });
});

describe("DATABASE_URL", () => {
  it("is used again after a stop, with all that it holds", async () => {
    await server.stop();
    server = await start();
    expect(server.firstSetupCode).toBeNull();
    expect((await ask("127.0.0.1", "GET", "/readyz")).status).toBe(200);
  }, 60_000);

  it("is refused in words: a user without rights, no such database, and another server's keys", async () => {
    const elsewhere = { SWORN_DATA_FOLDER: join(folder, "other") };
    const refusals: [Record<string, string>, string][] = [
      [{ DATABASE_URL: urlOf("humble", "humbles") }, "migration-failed"],
      [{ DATABASE_URL: urlOf("operator", "nobodys") }, "database-unreachable"],
      [{}, "authority-missing"],
    ];
    for (const [more, code] of refusals)
      await expect(start({ ...elsewhere, ...more }), code).rejects.toMatchObject({ code });
    await expect(start({ ...elsewhere, DATABASE_URL: urlOf("humble", "humbles") })).rejects.toThrow(
      /may not make Sworn's roles/,
    );
  }, 60_000);
});
