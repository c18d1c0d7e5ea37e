// A whole server with people, devices, docking, findings and a real ledger, on a real port, for tests.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseId } from "@sworn/custody";
import { openAuthorities, type Authorities } from "../../src/authority/index.ts";
import { devicesRoutes, publicForceRoutes } from "../../src/devices/index.ts";
import {
  dockAccess,
  dockOf,
  dockingRoutes,
  sessionOf,
  type DockAccess,
  type DockingPorts,
  type SegmentStore,
} from "../../src/docking/index.ts";
import { findingsRoutes } from "../../src/findings/index.ts";
import type { RegisterRoutes } from "../../src/http/app.ts";
import { buildServer, closeServer, listen } from "../../src/http/server.ts";
import { openLedger, type Ledger } from "../../src/ledger/index.ts";
import { findKey, issueSetupCode, peopleRoutes } from "../../src/people/index.ts";
import { movableClock, type MovableClock } from "../../src/platform/clock.ts";
import { readConfiguration } from "../../src/platform/configuration.ts";
import { silentLog } from "../../src/platform/log.ts";
import { createMetrics } from "../../src/platform/metrics.ts";
import { startTestDatabase, type TestDatabase } from "../platform/test-database.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export interface Founded {
  readonly key: string;
  readonly forceId: string;
  readonly personId: string;
}

/** What a camera and a dock need of a server: one of this process, or of another. */
export interface ReachedServer {
  readonly url: string;
  readonly clock: Pick<MovableClock, "nowMs" | "advanceMs">;
  call(method: string, path: string, options?: { key?: string; body?: unknown }): Promise<Answer>;
}

export interface DockingServer extends ReachedServer {
  readonly clock: MovableClock;
  readonly test: TestDatabase;
  readonly authorities: Authorities;
  readonly ledger: Ledger;
  readonly ports: DockingPorts;
  readonly stored: Map<string, Uint8Array>;
  /** Set to make the store fail: before it keeps the bytes, or after. */
  fault: { when: "before" | "after"; times: number } | null;
  /** Called between the store and the commit. */
  betweenStoreAndCommit: (() => Promise<void>) | null;
  found(slug: string): Promise<Founded>;
  stop(): Promise<void>;
}

const noRoutes = (): readonly RegisterRoutes[] => [];

class StoreFault extends Error {
  readonly code = "store-fault";
}

export async function startDockingServer(
  more: (ports: DockingPorts, access: DockAccess) => readonly RegisterRoutes[] = noRoutes,
): Promise<DockingServer> {
  const test = await startTestDatabase();
  const folder = await mkdtemp(join(tmpdir(), "sworn-docking-"));
  const clock = movableClock(Date.UTC(2026, 0, 15, 12), { frozen: true });
  const { database } = test;
  const authorities = await openAuthorities(join(folder, "authority"));
  const ring = new Map<string, Uint8Array | null>();
  const keys: DockingPorts["keys"] = {
    async get(id) {
      const key = ring.get(id);
      if (key === null) return { kind: "destroyed", destroyedAtMs: undefined };
      return key ? { kind: "key", key: Buffer.from(key) } : { kind: "unknown" };
    },
    async put(id, key) {
      ring.set(id, Uint8Array.from(key));
      return { kind: "stored" };
    },
    async delete(id) {
      ring.set(id, null);
      return { kind: "destroyed", destroyedAtMs: clock.nowMs() };
    },
  };
  const ledger = openLedger({
    database,
    clock,
    log: silentLog,
    authorities,
    keys,
    folder: join(folder, "ledger"),
  });
  const stored = new Map<string, Uint8Array>();
  const segments: SegmentStore = {
    async put(key, bytes) {
      if (server.fault?.when === "before" && server.fault.times-- > 0)
        throw new StoreFault("the disk failed");
      stored.set(key, bytes);
      if (server.fault?.when === "after" && server.fault.times-- > 0) throw new StoreFault("the disk failed");
      await server.betweenStoreAndCommit?.();
    },
    get: async (key) => stored.get(key) ?? null,
    async remove(key) {
      stored.delete(key);
    },
  };
  const ports: DockingPorts = { database, clock, authorities, ledger, segments, keys };
  const access = dockAccess({ database, clock });
  const echo: RegisterRoutes = (app) => {
    app.get("/v1/test/opened", { onRequest: access("opened") }, (request) => ({
      dock: dockOf(request).dockId,
      session: sessionOf(request).id,
    }));
    app.addContentTypeParser(
      "application/offset+octet-stream",
      { parseAs: "buffer" },
      (_request, body, done) => done(null, body),
    );
    app.patch("/v1/test/opened", { onRequest: access("opened") }, () => ({ ok: true }));
  };
  const configuration = readConfiguration({}, { port: 0 });
  const app = await buildServer({
    configuration,
    version: "0.1.0",
    clock,
    log: silentLog,
    metrics: createMetrics(),
    findKey: (secret) => findKey(database, clock, secret),
    ready: [],
    routes: [
      peopleRoutes({ database, clock }),
      findingsRoutes({ database, clock, ledger }),
      devicesRoutes({ database, clock, authorities, ledger }),
      publicForceRoutes({ database, clock, authorities, ledger }),
      dockingRoutes(ports, access),
      ...(more === noRoutes ? [echo] : more(ports, access)),
    ],
  });
  const url = await listen(app, configuration);
  const call: DockingServer["call"] = async (method, path, given = {}) => {
    const answer = await fetch(url + path, {
      method,
      headers: {
        ...(given.key === undefined ? {} : { authorization: `Bearer ${given.key}` }),
        ...(given.body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(given.body === undefined ? {} : { body: JSON.stringify(given.body) }),
    });
    return { status: answer.status, headers: answer.headers, body: await bodyOf(answer) };
  };
  const server: DockingServer = {
    url,
    clock,
    test,
    authorities,
    ledger,
    ports,
    stored,
    fault: null,
    betweenStoreAndCommit: null,
    call,
    async found(slug) {
      const code = await issueSetupCode(database, clock);
      const body = { code, force: { name: `Force ${slug}`, slug }, person: { name: "A. Administrator" } };
      const { body: made } = await call("POST", "/v1/setup", { body });
      const force = made["force"] as { id: string };
      const person = made["person"] as { id: string };
      const apiKey = made["apiKey"] as { secret: string };
      await authorities.create({ id: parseId(force.id), name: `Force ${slug}` }, clock.nowMs());
      return { key: apiKey.secret, forceId: force.id, personId: person.id };
    },
    async stop() {
      await closeServer(app, 200);
      await ledger.stop();
      await test.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return server;
}

export async function bodyOf(answer: Response): Promise<Record<string, unknown>> {
  const text = await answer.text();
  const isJson = answer.headers.get("content-type")?.includes("json") === true;
  return (isJson ? JSON.parse(text) : { text }) as Record<string, unknown>;
}
