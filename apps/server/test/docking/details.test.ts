// Details of a journal that belong to no recording: they outlive the ingest key, die with their own key, and stand
// nowhere in the open.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  ChainVerifier,
  decodeSegment,
  encodeSegment,
  equalBytes,
  newId,
  parseCertificate,
  parseEntry,
  parseId,
  sha256,
} from "@sworn/custody";
import { fromBase64url, type CameraId, type DockingSession, type ForceId } from "@sworn/contract";
import {
  destroyDueJournalKeys,
  journalSegmentKey,
  openOpenings,
  openSealed,
  readJournal,
  type OpeningKeys,
  wrapStored,
} from "../../src/docking/index.ts";
import { keyTasks } from "../../src/key-tasks.ts";
import { silentLog } from "../../src/platform/log.ts";
import { startDockingServer, type DockingServer, type Founded } from "./docking-server.ts";
import { TestCamera } from "./test-camera.ts";
import { TestDock } from "./test-dock.ts";

const DAY_MS = 86_400_000;
const details = { officer: "Zebedee Quillfeather", collarNumber: "QX-90417", borough: "Camden", team: null };
let server: DockingServer;
let met: Founded;
let dock: TestDock;
/** Accepted at the beginning, and looked at in the end. */
let lasting: TestCamera;

beforeAll(async () => {
  server = await startDockingServer();
  met = await server.found("met");
  dock = await TestDock.enrol(server, met, "Camden");
  lasting = await enrolled("MET-3");
  await send(lasting);
});
afterAll(() => server.stop());

const forceId = (): ForceId => met.forceId as ForceId;
const rows = (text: string, values: unknown[] = []) => server.test.asAdministrator(text, values);

async function enrolled(name: string): Promise<TestCamera> {
  const camera = await TestCamera.enrol(server, met, name);
  await camera.add({ kind: "assigned", body: { assignment: newId() } }, { details });
  await camera.film(2);
  return camera;
}

async function send(camera: TestCamera): Promise<void> {
  const session = (await dock.openSession(camera.id)).body as unknown as DockingSession;
  await camera.dock(dock.id, session);
  const answer = await dock.sendJournal(camera.id, 0, camera.segment(0), session);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
}

const keysNow = (): OpeningKeys => ({
  recordingKey: () => Promise.resolve(null),
  openEnvelope: async (...sealed) =>
    (await server.authorities.of(parseId(met.forceId))).ingestKeys.open(...sealed),
  async journalKey(id) {
    const found = await server.ports.keys.get(id);
    return found.kind === "key" ? found.key : null;
  },
});

/** Whether the force still has the ingest key that the camera sealed its details to. */
async function hasIngestKey(camera: TestCamera): Promise<boolean> {
  const record = camera.records[3];
  if (!record) throw new Error("no entry");
  const { entry } = parseEntry(record.entry);
  return (await openSealed(parseId(met.forceId), { record, entry }, keysNow())).kind === "opened";
}

/** What comes of the camera's details now. */
async function assigned(camera: TestCamera): Promise<string> {
  const place = { forceId: forceId(), camera: camera.id as CameraId };
  const opened = await openOpenings(server.ports, place, { from: 0, to: 3 }, keysNow());
  const one = opened.find(({ entry }) => entry.kind === "assigned")?.opened;
  return one?.kind === "opened" ? JSON.stringify(one.opening.details) : (one?.kind ?? "nothing");
}

async function chainHolds(camera: TestCamera): Promise<boolean> {
  const place = { forceId: forceId(), camera: camera.id as CameraId };
  const der = fromBase64url(camera.enrolment?.enrolment.certificate ?? "") ?? new Uint8Array();
  const { publicKey } = await parseCertificate(der);
  const chain = new ChainVerifier(null, { camera: parseId(camera.id), publicKey: () => publicKey });
  const records = await readJournal(server.ports, place, { from: 0, to: camera.next });
  for (const { record } of records) {
    const step = await chain.next(record.entry);
    if (step.kind !== "ok") return false;
  }
  return records.length === camera.next;
}

const tasks = () =>
  keyTasks({
    authorities: server.authorities,
    keys: {} as never,
    clock: server.clock,
    rotationFile: "unused",
    journals: {
      wrapStored: (force) => wrapStored(server.ports, force),
      destroyDue: (force) => destroyDueJournalKeys(server.ports, force),
    },
  });
async function run(name: string): Promise<void> {
  const task = tasks().find((one) => one.name === name);
  if (!task) throw new Error(`no task ${name}`);
  const context = { forceId: null, personId: null, attempt: 1, log: silentLog };
  await task.run(null, { ...context, signal: new AbortController().signal });
}
const segmentOf = async (camera: TestCamera) =>
  (await rows("select * from sworn.journal_segment where camera_id = $1", [camera.id]))[0] ?? {};
const objectsOf = (camera: TestCamera): string[] =>
  [...server.stored.keys()].filter((key) => key.includes(`/journals/${camera.id}/`));

describe("details outside a recording", () => {
  it("are stored without their envelope, and stand nowhere in the open", async () => {
    const camera = await enrolled("MET-1");
    server.fault = { when: "after", times: 1 };
    const session = (await dock.openSession(camera.id)).body as unknown as DockingSession;
    await camera.dock(dock.id, session);
    const failed = await dock.sendJournal(camera.id, 0, camera.segment(0), session);
    expect(failed.status).toBeGreaterThanOrEqual(500);
    expect((await dock.sendJournal(camera.id, 0, camera.segment(0), session)).status).toBe(200);
    // Wrapping gives the same bytes again: what the failure left is the segment, not a second copy.
    const [key = "", ...more] = objectsOf(camera);
    expect(more).toEqual([]);
    const stored = decodeSegment(server.stored.get(key) ?? new Uint8Array());
    const sent = camera.records;
    expect(stored.map(({ entry }) => Buffer.from(entry).toString("hex"))).toEqual(
      sent.map(({ entry }) => Buffer.from(entry).toString("hex")),
    );
    const differing = stored.filter((record, at) => {
      const before = sent[at]?.opening ?? null;
      return before !== null && record.opening !== null && !equalBytes(record.opening, before);
    });
    expect(differing).toHaveLength(1);
    expect(Buffer.from(differing[0]?.opening ?? []).includes("envelope")).toBe(false);
    expect(await assigned(camera)).toContain(details.officer);

    const tables = await rows("select tablename from pg_tables where schemaname = 'sworn'");
    const words = ["Quillfeather", "QX-90417"];
    const needles = [...words, ...words.map((word) => Buffer.from(word).toString("hex"))];
    expect(tables.length).toBeGreaterThan(20);
    for (const { tablename } of tables) {
      const text = JSON.stringify(await rows(`select t::text as row from sworn."${String(tablename)}" t`));
      for (const needle of needles) expect(text, String(tablename)).not.toContain(needle);
    }
    for (const bytes of server.stored.values())
      for (const word of words) expect(Buffer.from(bytes).includes(word)).toBe(false);
  });

  it("are told when nobody can read them, and accepted all the same", async () => {
    const camera = await TestCamera.enrol(server, met, "MET-2");
    await camera.add({ kind: "assigned", body: { assignment: newId() } }, { details });
    await camera.add({ kind: "unassigned", body: { assignment: newId() } }, { details });
    const [, , , first, second] = camera.records;
    if (!first || !second) throw new Error("no entries");
    // Each opens at its own place only.
    camera.records[3] = { ...first, opening: second.opening };
    camera.records[4] = { ...second, opening: new Uint8Array([0xa0]) };
    await send(camera);
    const [finding] = await rows("select * from sworn.finding where camera_id = $1", [camera.id]);
    expect(finding?.["detail"]).toMatchObject({
      problem: "opening-unreadable",
      openings: [
        { sequence: 3, reason: "does-not-open" },
        { sequence: 4, reason: "malformed" },
      ],
    });
    expect(await chainHolds(camera)).toBe(true);
  });
});

describe("segments that were stored as sent", () => {
  /** As a version stored it that wrapped nothing. */
  async function putBack(camera: TestCamera): Promise<string> {
    const bytes = encodeSegment(camera.records);
    const hash = await sha256(bytes);
    for (const key of objectsOf(camera)) server.stored.delete(key);
    const key = journalSegmentKey(forceId(), camera.id as CameraId, 0, hash);
    server.stored.set(key, bytes);
    await rows(
      "update sworn.journal_segment set hash = $2, sent_hash = null, details = 'as-sent' where camera_id = $1",
      [camera.id, Buffer.from(hash)],
    );
    return key;
  }

  it("are wrapped before an ingest key goes, whatever fails on the way", async () => {
    const camera = await enrolled("MET-4");
    await send(camera);
    const sent = await putBack(camera);
    expect(await assigned(camera)).toContain(details.officer);
    const { segments } = server.ports;
    Object.assign(server.ports, {
      segments: { ...segments, remove: () => Promise.reject(new Error("the disk failed")) },
    });
    await expect(wrapStored(server.ports, forceId())).rejects.toThrow("the disk failed");
    Object.assign(server.ports, { segments });
    expect(server.stored.has(sent)).toBe(true);
    expect(await wrapStored(server.ports, forceId())).toMatchObject({ waiting: 0 });
    expect(server.stored.has(sent)).toBe(false);
    expect(objectsOf(camera)).toHaveLength(1);
    expect(await segmentOf(camera)).toMatchObject({ details: "wrapped", replaced_hash: null });
    expect(await assigned(camera)).toContain(details.officer);
    const entries = await rows(
      "select index from sworn.ledger_entry where camera_id = $1 and event = 'journal-details-wrapped'",
      [camera.id],
    );
    expect(entries).toHaveLength(1);
    // The camera that sends it again is told what stands.
    const session = (await dock.openSession(camera.id)).body as unknown as DockingSession;
    const again = await dock.sendJournal(camera.id, 0, camera.segment(0), session);
    expect(again.body).toMatchObject({ accepted: 0, duplicate: camera.next, findings: [] });
    expect(objectsOf(camera)).toHaveLength(1);
  });

  it("keep every ingest key while one cannot be wrapped, and a finding says so", async () => {
    const camera = await enrolled("MET-5");
    await send(camera);
    const key = await putBack(camera);
    server.stored.set(key, new Uint8Array([1, 2, 3]));
    server.clock.advanceMs(130 * DAY_MS);
    await run("rotate-ingest-keys");
    const [finding] = await rows(
      "select * from sworn.finding where camera_id = $1 and kind = 'destruction'",
      [camera.id],
    );
    expect(finding?.["detail"]).toMatchObject({ problem: "details-not-wrapped", because: "segment-damaged" });
    expect(await hasIngestKey(camera)).toBe(true);
    await run("rotate-ingest-keys");
    const findings = await rows("select 1 from sworn.finding where camera_id = $1", [camera.id]);
    expect(findings).toHaveLength(1);

    // A person answers for it: what is lost is lost, and the keys go.
    await rows("update sworn.finding set resolved_at = found_at where camera_id = $1", [camera.id]);
    await run("rotate-ingest-keys");
    expect(await hasIngestKey(camera)).toBe(false);
  });
});

describe("the key of a month", () => {
  it("keeps details beyond the ingest key, and takes them with it when its period is over", async () => {
    const camera = lasting;
    expect(await hasIngestKey(camera)).toBe(false);
    await run("destroy-journal-keys");
    expect(await assigned(camera)).toContain(details.officer);

    const [key] = await rows("select * from sworn.journal_key where camera_id = $1", [camera.id]);
    expect(key).toMatchObject({ month: "2026-01", period_days: 2_557, destroyed_at: null });
    expect((key?.["due_at"] as Date).getTime()).toBe(Date.UTC(2026, 1, 1) + 2_557 * DAY_MS);
    server.clock.setMs(Date.UTC(2026, 1, 1) + 2_557 * DAY_MS);

    // A recording that is kept keeps the word of who wore the camera.
    const kept =
      "update sworn.recording set state = 'collected', verdict = 'verified', received_at = created_at where camera_id = $1";
    await rows(kept, [camera.id]);
    await run("destroy-journal-keys");
    expect(await assigned(camera)).toContain(details.officer);
    await rows("update sworn.recording set state = 'expected' where camera_id = $1", [camera.id]);

    // It fails after the order, before the key is gone and after; each time the next run goes on.
    const { keys } = server.ports;
    for (const when of ["before", "after"] as const) {
      Object.assign(server.ports, {
        keys: {
          ...keys,
          async delete(id: string) {
            if (when === "after") await keys.delete(id);
            throw new Error("the disk failed");
          },
        },
      });
      await expect(run("destroy-journal-keys")).rejects.toThrow("the disk failed");
      expect(await assigned(camera)).toMatch(when === "before" ? /Quillfeather/ : /^no-key$/);
    }
    Object.assign(server.ports, { keys });
    await run("destroy-journal-keys");
    await run("destroy-journal-keys");
    expect(await assigned(camera)).toBe("no-key");
    expect(await chainHolds(camera)).toBe(true);
    const entries = await rows(
      "select event, index from sworn.ledger_entry where camera_id = $1 and event like 'journal-key-%' order by id",
      [camera.id],
    );
    expect(entries.map(({ event }) => event)).toEqual([
      "journal-key-destroy-ordered",
      "journal-key-destroyed",
    ]);
    expect(entries.every(({ index }) => index !== null)).toBe(true);
  });
});
