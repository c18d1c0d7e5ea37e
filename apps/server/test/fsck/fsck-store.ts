// A server's stored data with a life behind it, on real disks: recordings collected, destroyed and held, one upload cut off,
// one kept apart. And what a test does to it: flip, take away, put beside; look; put back.
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { ForceId, RecordingId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { encryptFloe, openFolderStore, openKeyRing, wrapUnder } from "@sworn/vault";
import { openAuthorities } from "../../src/authority/index.ts";
import {
  runFsck,
  type FsckLevel,
  type FsckPorts,
  type FsckReport,
  type Problem,
} from "../../src/fsck/index.ts";
import { withForce } from "../../src/platform/database/database.ts";
import { derivativeAssociatedData } from "../../src/playback/index.ts";
import { sweepMissing } from "../../src/findings/index.ts";
import { defaultSettings, destroyRecording, placeHold, seedRetention } from "../../src/retention/index.ts";
import type { Founded } from "../docking/docking-server.ts";
import { TestCamera } from "../docking/test-camera.ts";
import { TestDock } from "../docking/test-dock.ts";
import { Docked, film, type Film } from "../ingest/fake-camera.ts";
import { startIngestServer, type IngestServer } from "../ingest/ingest-server.ts";

const dayMs = 86_400_000;

export interface FsckStore {
  readonly server: IngestServer;
  readonly met: Founded;
  readonly forceId: ForceId;
  readonly camera: TestCamera;
  /** Destroyed. */
  readonly gone: Film;
  /** Kept, unclassified. */
  readonly kept: Film;
  /** Kept by a hold. */
  readonly held: Film;
  /** Accepted as altered. */
  readonly altered: Film;
  /** Begun and not finished. */
  readonly cut: Film;
  readonly posterKey: string;
  check(level?: FsckLevel): Promise<FsckReport>;
  /** Paths below the folder, files only. */
  files(below: string): Promise<string[]>;
  bytes(path: string): Promise<Buffer>;
  /** Changes a file, looks, and puts it back. `change` null takes it away. */
  withFile(path: string, change: (bytes: Buffer) => Buffer | null, level?: FsckLevel): Promise<FsckReport>;
  /** The same with several files at once. */
  withBoth(
    paths: readonly string[],
    change: (bytes: Buffer) => Buffer | null,
    level: FsckLevel,
  ): Promise<FsckReport>;
  /** Changes rows by SQL without their foreign keys, looks, and puts all back. */
  within(statements: readonly string[], level: FsckLevel): Promise<FsckReport>;
  /** The same with a column of bytes of a row. */
  withRow(
    table: string,
    column: string,
    where: string,
    change: (bytes: Buffer) => Buffer,
  ): Promise<FsckReport>;
  sql(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

export function flipped(bytes: Buffer, bit: number): Buffer {
  const changed = Buffer.from(bytes);
  const at = Math.floor(bit / 8);
  changed[at] = (changed[at] ?? 0) ^ (1 << (bit % 8));
  return changed;
}

/** A problem as a test compares it. */
export const told = ({ problems }: FsckReport): string[] =>
  problems.map(({ kind, subject }) => `${kind} ${subject.type} ${subject.id}`);

export const about = (report: FsckReport, kind: Problem["kind"]): Problem[] =>
  report.problems.filter((problem) => problem.kind === kind);

async function keepUp(server: IngestServer, met: Founded): Promise<void> {
  await withForce(server.test.database, { forceId: met.forceId as ForceId, personId: null }, (tx) =>
    seedRetention(tx, met.forceId as ForceId, server.clock.nowMs()),
  );
}

export async function startFsckStore(): Promise<FsckStore> {
  const server = await startIngestServer({ limits: { storePartBytes: 5 * 1024 * 1024 } });
  const met = await server.found("met");
  const forceId = met.forceId as ForceId;
  await keepUp(server, met);
  const dock = await TestDock.enrol(server, met, "Camden front office");
  const camera = await TestCamera.enrol(server, met, "MET-1");
  const second = await TestCamera.enrol(server, met, "MET-2");
  const upload = async (by: TestCamera, filmed: Film, media?: Uint8Array): Promise<void> => {
    const docked = await Docked.at(server, dock, by);
    const answer = await docked.upload(filmed, media);
    const wanted = media === undefined ? 200 : answer.status;
    if (answer.status !== wanted) throw new Error(`the upload answered ${answer.status.toString()}`);
  };
  const gone = await film(camera, { fragments: 2, fragmentBytes: 20_000 });
  await upload(camera, gone);
  server.clock.advanceMs(26 * dayMs);
  const kept = await film(camera, { fragments: 4, fragmentBytes: 150_000 });
  await upload(camera, kept);
  const held = await film(second, { fragments: 2, fragmentBytes: 5_000 });
  await upload(second, held);
  const altered = await film(second, { fragments: 2, fragmentBytes: 5_000 });
  await upload(second, altered, flipped(altered.media, 8 * 3_000));
  const [waiting] = await server.test.asAdministrator(
    "select id from sworn.quarantine where recording_id = $1",
    [altered.id],
  );
  const decision = { decision: "altered", reason: "a bad card" };
  const decided = await server.call("POST", `/v1/quarantine/${String(waiting?.["id"])}/decision`, {
    key: met.key,
    body: decision,
  });
  if (decided.status !== 200) throw new Error(`the decision was refused: ${JSON.stringify(decided.body)}`);
  const cut = await film(camera, { fragments: 1, fragmentBytes: 3_000 });
  const docked = await Docked.at(server, dock, camera);
  const created = await docked.create(cut);
  await docked.patch(created.headers.get("location") ?? "", 0, cut.media.subarray(0, 2_000));

  const { database } = server.test;
  const retention = {
    ...{ database, clock: server.clock, ledger: server.ledger, keys: server.keys, objects: server.store },
    serviceOf: async (id: ForceId) => (await server.authorities.of(parseId(id))).service,
    settings: defaultSettings,
  };
  const scope = { kind: "recording", recordingId: held.id } as const;
  await placeHold(retention, { forceId, personId: met.personId as never }, {
    id: randomUUID(),
    kind: "evidence",
    reason: "robbery in Camden",
    ownerId: met.personId,
    reviewAt: new Date(server.clock.nowMs() + 30 * dayMs).toISOString(),
    scope,
  } as never);
  server.clock.advanceMs(6 * dayMs);
  // As the server does every day: the one that was cut off is overdue by now.
  await sweepMissing({ ...server.ports, missingAfterDays: 3 }, forceId);
  await server.test.asAdministrator("update sworn.recording set class = 'non-evidential' where id = $1", [
    gone.id,
  ]);
  const outcome = await destroyRecording(retention, forceId, gone.id as RecordingId);
  if (outcome !== "destroyed") throw new Error(`the destruction ended as ${outcome}`);
  const posterKey = await putPoster(server, forceId, kept);
  await fillLog(server, forceId);
  await server.ledger.publishNow(forceId);

  const { folder } = server;
  const ports: FsckPorts = {
    database,
    clock: server.clock,
    store: await openFolderStore({ root: join(folder, "objects"), readOnly: true }),
    openKeys: () =>
      openKeyRing({
        places: [join(folder, "keys-a"), join(folder, "keys-b")],
        rootFolder: join(folder, "roots"),
        readOnly: true,
      }),
    authorityOf: async (force) => (await openAuthorities(join(folder, "authority"))).of(force),
    ledgerFolder: join(folder, "ledger"),
    settings: defaultSettings,
  };
  const check = (level: FsckLevel = 4): Promise<FsckReport> => runFsck(ports, { level });
  return {
    ...{ server, met, forceId, camera, gone, kept, held, altered, cut, posterKey, check },
    async files(below) {
      const found = await readdir(join(folder, below), { recursive: true, withFileTypes: true });
      return found
        .filter((entry) => entry.isFile())
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
        .sort();
    },
    bytes: (path) => readFile(join(folder, path)),
    async withFile(path, change, level = 4) {
      const file = join(folder, path);
      const before = await readFile(file).catch(() => null);
      const after = change(before ?? Buffer.alloc(0));
      await mkdir(dirname(file), { recursive: true });
      if (after === null) await rm(file);
      else await writeFile(file, after);
      try {
        return await check(level);
      } finally {
        if (before === null) await rm(file, { force: true });
        else await writeFile(file, before);
      }
    },
    withBoth: (paths, change, level) => withFiles(folder, paths, change, () => check(level)),
    async within(statements, level) {
      const tables = ["recording", "derivative", "upload", "freed_recording", "ledger_entry", "hold"];
      for (const table of tables)
        await server.test.asAdministrator(`create table sworn_meta.saved_${table} as table sworn.${table}`);
      // Triggers of foreign keys are off in this session only: what is looked for is what they would keep out.
      await server.test.asAdministrator("set session_replication_role = replica");
      try {
        for (const statement of statements) await server.test.asAdministrator(statement);
        return await check(level);
      } finally {
        for (const table of tables) await restoreTable(server, table);
        await server.test.asAdministrator("set session_replication_role = origin");
      }
    },
    async withRow(table, column, where, change) {
      const [row] = await server.test.asAdministrator(
        `select ${column} as bytes from sworn.${table} where ${where}`,
      );
      const before = row?.["bytes"] as Buffer;
      const update = `update sworn.${table} set ${column} = $1 where ${where}`;
      await server.test.asAdministrator(update, [change(before)]);
      try {
        return await check();
      } finally {
        await server.test.asAdministrator(update, [before]);
      }
    },
    sql: (text, values) => server.test.asAdministrator(text, values),
    stop: () => server.stop(),
  };
}

async function withFiles<T>(
  folder: string,
  [path, ...others]: readonly string[],
  change: (bytes: Buffer) => Buffer | null,
  look: () => Promise<T>,
): Promise<T> {
  if (path === undefined) return look();
  const file = join(folder, path);
  const before = await readFile(file);
  const after = change(before);
  if (after === null) await rm(file);
  else await writeFile(file, after);
  try {
    return await withFiles(folder, others, change, look);
  } finally {
    await writeFile(file, before);
  }
}

async function restoreTable(server: IngestServer, table: string): Promise<void> {
  const columns = await server.test.asAdministrator(
    `select string_agg(quote_ident(attname), ', ') as names from pg_attribute
     where attrelid = 'sworn.${table}'::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
  );
  const names = String(columns[0]?.["names"]);
  await server.test.asAdministrator(`delete from sworn.${table}`);
  await server.test.asAdministrator(
    `insert into sworn.${table} (${names}) overriding system value select ${names} from sworn_meta.saved_${table}`,
  );
  await server.test.asAdministrator(`drop table sworn_meta.saved_${table}`);
}

/** Past 256 entries, so that the log has full tiles and a second level. */
async function fillLog(server: IngestServer, forceId: ForceId): Promise<void> {
  const system = { event: "noted", actor: { system: "test" }, data: {} };
  await withForce(server.test.database, { forceId, personId: null }, async (tx) => {
    for (let count = 0; count < 260; count += 1) await server.ledger.stage(tx, system);
  });
}

/** As the poster's job would have kept it, had the film a picture. */
async function putPoster(server: IngestServer, forceId: ForceId, of: Film): Promise<string> {
  const id = randomUUID();
  const key = randomBytes(32);
  const jpeg = randomBytes(5_000);
  const associatedData = derivativeAssociatedData(forceId, of.id as RecordingId, id);
  const stored = encryptFloe({ key, associatedData, plaintext: jpeg });
  const objectKey = `${forceId}/recordings/${of.id}/derivatives/${id}`;
  await server.store.putObject(objectKey, stored);
  await server.test.asAdministrator(
    `insert into sworn.derivative (id, force_id, recording_id, kind, media_type, object_key, wrapped_key, size_bytes,
       stored_bytes, hash, created_at) values ($1, $2, $3, 'poster', 'image/jpeg', $4, $5, $6, $7, $8, now())`,
    [
      ...[id, forceId, of.id, objectKey, wrapUnder(of.key, key), jpeg.length, stored.length],
      createHash("sha256").update(jpeg).digest(),
    ],
  );
  return objectKey;
}
