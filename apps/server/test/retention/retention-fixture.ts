// A server with a real database, ledger, key ring and folder store, and recordings put where ingest would put them.
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ForceId, PersonId, RecordingId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { openFolderStore, openKeyRing, type FolderStore, type KeyRing } from "@sworn/vault";
import { openAuthorities, type Authorities } from "../../src/authority/index.ts";
import { recordFinding } from "../../src/findings/index.ts";
import { openLedger, type Ledger } from "../../src/ledger/index.ts";
import { withForce } from "../../src/platform/database/database.ts";
import { silentLog, type Log } from "../../src/platform/log.ts";
import {
  changeRoutes,
  defaultSettings,
  holdRoutes,
  keyIdOf,
  retentionRoutes,
  seedRetention,
  type RetentionPorts,
} from "../../src/retention/index.ts";
import { startTestServer, type TestServer } from "../platform/test-server.ts";

export const dayMs = 86_400_000;

export interface NewRecording {
  readonly id?: RecordingId;
  readonly class?: string | null;
  readonly clock?: string;
  /** Relative to now, in days. */
  readonly endedDays?: number;
  readonly receivedDays?: number;
  readonly incident?: string;
  readonly officer?: string;
  readonly borough?: string;
  readonly box?: readonly [south: number, west: number, north: number, east: number];
}

export interface RetentionTest {
  readonly server: TestServer;
  readonly ports: RetentionPorts;
  readonly ledger: Ledger;
  readonly keys: KeyRing;
  readonly objects: FolderStore;
  readonly authorities: Authorities;
  readonly forceId: ForceId;
  readonly personId: PersonId;
  readonly key: string;
  /** A second administrator. */
  readonly second: { readonly key: string; readonly personId: PersonId };
  readonly folder: string;
  collect(recording?: NewRecording): Promise<RecordingId>;
  state(id: RecordingId): Promise<string>;
  events(id: RecordingId): Promise<string[]>;
  mediaKey(id: RecordingId): string;
  stop(): Promise<void>;
}

export async function startRetentionTest(given: { log?: Log } = {}): Promise<RetentionTest> {
  const folder = await mkdtemp(join(tmpdir(), "sworn-retention-"));
  const late: { ports?: RetentionPorts } = {};
  const ports = new Proxy({} as RetentionPorts, {
    get: (_, name) => Reflect.get(late.ports ?? {}, name) as unknown,
  });
  const server = await startTestServer({
    ...given,
    routes: [
      (app, access) => {
        retentionRoutes(ports)(app, access);
        changeRoutes(ports)(app, access);
        holdRoutes(ports)(app, access);
      },
    ],
  });
  const { clock, test } = server;
  const keys = await openKeyRing({
    places: [join(folder, "ring-a"), join(folder, "ring-b")],
    rootFolder: join(folder, "roots"),
    now: () => clock.nowMs(),
  });
  const objects = await openFolderStore({ root: join(folder, "store") });
  const authorities = await openAuthorities(join(folder, "authority"));
  const founded = await server.found("met");
  const forceId = founded.forceId as ForceId;
  await authorities.create({ id: parseId(forceId), name: "Metropolitan Police" }, clock.nowMs());
  const ledger = openLedger({
    database: test.database,
    clock,
    log: silentLog,
    authorities,
    keys,
    folder: join(folder, "ledger"),
  });
  late.ports = {
    database: test.database,
    clock,
    log: given.log ?? silentLog,
    ledger,
    keys,
    objects,
    serviceOf: async (force) => (await authorities.of(parseId(force))).service,
    tellFinding: (tx, finding, atMs) =>
      recordFinding(tx, { ...finding, recordingId: finding.recordingId as RecordingId }, atMs),
    settings: defaultSettings,
  };
  await withForce(test.database, { forceId, personId: null }, (tx) =>
    seedRetention(tx, forceId, clock.nowMs()),
  );
  const person = await server.call("POST", "/v1/people", {
    key: founded.key,
    body: { name: "B. Second", administrator: true },
  });
  const secondId = String(person.body["id"]);
  const issued = await server.call("POST", "/v1/api-keys", {
    key: founded.key,
    body: { personId: secondId, label: "second" },
  });
  const mediaKey = (id: RecordingId): string => `${forceId}/recordings/${id}/media`;

  return {
    server,
    ports: late.ports,
    ledger,
    keys,
    objects,
    authorities,
    forceId,
    personId: founded.personId as PersonId,
    key: founded.key,
    second: { key: String(issued.body["secret"]), personId: secondId as PersonId },
    folder,
    mediaKey,
    async collect(given = {}) {
      const id = given.id ?? (randomUUID() as RecordingId);
      const nowMs = clock.nowMs();
      const endedMs = nowMs + (given.endedDays ?? 0) * dayMs;
      const receivedMs = nowMs + (given.receivedDays ?? given.endedDays ?? 0) * dayMs;
      await keys.put(keyIdOf(id), randomBytes(32));
      await objects.putObject(mediaKey(id), randomBytes(500));
      await objects.putObject(`${forceId}/recordings/${id}/manifest`, randomBytes(100));
      await test.asAdministrator(
        `insert into sworn.recording (id, force_id, state, format, verdict, identity, clock, duration_ms,
           recorded_start_at, recorded_end_at, received_at, class, incident, officer_id, borough_id,
           south, west, north, east, object_key, created_at)
         values ($1, $2, 'collected', 'cmaf', 'verified', $3, $4, 60000, $5, $6, $7, $8, $9, $10, $11,
           $12, $13, $14, $15, $16, $7)`,
        [
          id,
          forceId,
          randomBytes(32),
          given.clock ?? "dock",
          new Date(endedMs - 60_000),
          new Date(endedMs),
          new Date(receivedMs),
          given.class === undefined ? "non-evidential" : given.class,
          given.incident ?? null,
          given.officer ?? null,
          given.borough ?? null,
          ...(given.box ?? [null, null, null, null]),
          mediaKey(id),
        ],
      );
      return id;
    },
    async state(id) {
      const rows = await test.asAdministrator("select state from sworn.recording where id = $1", [id]);
      return String(rows[0]?.["state"]);
    },
    async events(id) {
      const rows = await test.asAdministrator(
        "select event from sworn.ledger_entry where recording_id = $1 order by id",
        [id],
      );
      return rows.map((row) => String(row["event"]));
    },
    async stop() {
      await ledger.stop();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
