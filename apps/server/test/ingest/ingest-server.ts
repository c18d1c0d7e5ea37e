// A whole server with docking, evidence and ingest over a real PostgreSQL, store and key ring, on a real port.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseId } from "@sworn/custody";
import {
  nodeStoreFs,
  openFolderStore,
  openKeyRing,
  type FolderStore,
  type KeyRing,
  type StoreFs,
} from "@sworn/vault";
import { openAuthorities } from "../../src/authority/index.ts";
import { devicesRoutes, RevocationLists } from "../../src/devices/index.ts";
import {
  dockAccess,
  dockingRoutes,
  openRecordingOpenings,
  readJournal,
  segmentsIn,
} from "../../src/docking/index.ts";
import { exportRoutes, recordingRoutes, type EvidencePorts } from "../../src/evidence/index.ts";
import { findingsRoutes } from "../../src/findings/index.ts";
import { buildServer, closeServer, listen } from "../../src/http/server.ts";
import {
  handInRoutes,
  openIngest,
  quarantineRoutes,
  receiptRoutes,
  uploadRoutes,
  type Ingest,
  type IngestLimits,
} from "../../src/ingest/index.ts";
import { inlineIntakePool } from "../../src/ingest/intake/intake-pool.ts";
import { openLedger } from "../../src/ledger/index.ts";
import { findKey, issueSetupCode, peopleRoutes } from "../../src/people/index.ts";
import { movableClock } from "../../src/platform/clock.ts";
import { readConfiguration } from "../../src/platform/configuration.ts";
import { createLog, silentLog } from "../../src/platform/log.ts";
import { createMetrics } from "../../src/platform/metrics.ts";
import { bodyOf, type DockingServer } from "../docking/docking-server.ts";
import { startTestDatabase } from "../platform/test-database.ts";

export interface IngestServer extends DockingServer {
  readonly folder: string;
  readonly store: FolderStore;
  readonly keys: KeyRing;
  readonly evidence: EvidencePorts;
  readonly ingest: Ingest;
}

/** With `fs`, everything is stored in the main thread through it, so that it can be made to fail. */
export async function startIngestServer(
  options: { limits?: Partial<IngestLimits>; fs?: StoreFs; verbose?: boolean } = {},
): Promise<IngestServer> {
  const test = await startTestDatabase();
  const folder = await mkdtemp(join(tmpdir(), "sworn-ingest-"));
  const clock = movableClock(Date.UTC(2026, 0, 15, 12), { frozen: true });
  const log = options.verbose === true ? createLog({ level: "debug", clock }) : silentLog;
  const { database } = test;
  const authorities = await openAuthorities(join(folder, "authority"));
  const storeRoot = join(folder, "objects");
  const store = await openFolderStore({ root: storeRoot, fs: options.fs ?? nodeStoreFs });
  const keys = await openKeyRing({
    places: [join(folder, "keys-a"), join(folder, "keys-b")],
    rootFolder: join(folder, "roots"),
    now: () => clock.nowMs(),
  });
  const ledger = openLedger({ database, clock, log, authorities, keys, folder: join(folder, "ledger") });
  const segments = segmentsIn(store);
  const ports = { database, clock, authorities, ledger, segments, keys };
  const lists = new RevocationLists({ database, clock, authorities });
  const access = dockAccess({ database, clock });
  const evidence: EvidencePorts = { database, clock, log, store, keys, authorities, ledger };
  const ingest = openIngest({
    evidence,
    storeRoot,
    threads: 1,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.fs === undefined ? {} : { pool: inlineIntakePool(store) }),
  });
  const given = { ports: ingest.ports, queue: ingest.queue, dockAccess: access };
  const configuration = readConfiguration({}, { port: 0 });
  const app = await buildServer({
    configuration,
    version: "0.1.0",
    clock,
    log,
    metrics: createMetrics(),
    findKey: (secret) => findKey(database, clock, secret),
    ready: [],
    routes: [
      peopleRoutes({ database, clock }),
      findingsRoutes({ database, clock, ledger }),
      devicesRoutes({ database, clock, authorities, ledger }),
      dockingRoutes(ports, access),
      uploadRoutes(given),
      receiptRoutes(given),
      quarantineRoutes(ingest.ports),
      handInRoutes(ingest.ports),
      recordingRoutes(evidence, { isClass: (_tx, name) => Promise.resolve(name !== "no-such-class") }),
      exportRoutes(evidence, {
        readJournal: (place, range) => readJournal({ database, segments }, place, range),
        openOpenings: (place, recording) => openRecordingOpenings({ database, segments }, place, recording),
        revocations: (force) => lists.current(force),
      }),
    ],
  });
  const url = await listen(app, configuration);
  const call: IngestServer["call"] = async (method, path, given = {}) => {
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
  return {
    url,
    clock,
    test,
    authorities,
    ledger,
    ports,
    stored: new Map(),
    fault: null,
    betweenStoreAndCommit: null,
    call,
    folder,
    store,
    keys,
    evidence,
    ingest,
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
      await ingest.stop();
      await ledger.stop();
      await test.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
