// The personal side of a journal: opened with the right key only, and only if it is what the camera committed to.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import fc from "fast-check";
import { encodeCbor, formatId, newId, parseEntry, parseId, type Envelope } from "@sworn/custody";
import type { CameraId, DockingSession, ForceId } from "@sworn/contract";
import { openOpenings, openSealed, readRecordingBox, type OpeningKeys } from "../../src/docking/index.ts";
import { startDockingServer, type DockingServer, type Founded } from "./docking-server.ts";
import { TestCamera, type Filmed } from "./test-camera.ts";
import { TestDock } from "./test-dock.ts";

let server: DockingServer;
let met: Founded;
let camera: TestCamera;
let filmed: Filmed;
const assignment = newId();
const details = { officer: "A. Administrator", collarNumber: "123AB", borough: "Camden", team: null };

beforeAll(async () => {
  server = await startDockingServer();
  met = await server.found("met");
  const dock = await TestDock.enrol(server, met, "Camden");
  camera = await TestCamera.enrol(server, met, "MET-1");
  await camera.add({ kind: "assigned", body: { assignment } }, { details });
  const positions = [
    [515_300_000, -1_200_000],
    [515_100_000, -1_400_000],
    [5_151_000_000, -1_000_000],
    [515_200_000, -1_300_000],
  ] as const;
  filmed = await camera.film(4, { positions });
  const session = (await dock.openSession(camera.id)).body as unknown as DockingSession;
  await camera.dock(dock.id, session);
  expect((await dock.sendJournal(camera.id, 0, camera.segment(0), session)).status).toBe(200);
});
afterAll(() => server.stop());

const place = () => ({ forceId: met.forceId as ForceId, camera: camera.id as CameraId });

async function keys(recording: Uint8Array | null): Promise<OpeningKeys> {
  const authority = await server.authorities.of(parseId(met.forceId));
  return {
    recordingKey: async () => recording,
    journalKey: async (id) => {
      const found = await server.ports.keys.get(id);
      return found.kind === "key" ? found.key : null;
    },
    openEnvelope: (envelope: Envelope, info, bound) => authority.ingestKeys.open(envelope, info, bound),
  };
}

describe("openings", () => {
  it("open with the recording's key, and with the camera's of the month", async () => {
    const opened = await openOpenings(server.ports, place(), { from: 0, to: 100 }, await keys(filmed.key));
    expect(opened.map(({ entry, opened: one }) => [entry.kind, one.kind])).toEqual([
      ["assigned", "opened"],
      ...Array.from({ length: 4 }, () => ["fragment", "opened"]),
    ]);
    const [first] = opened;
    expect(first?.opened).toMatchObject({ opening: { details } });
  });

  it("stay closed without a key, and under another recording's", async () => {
    const none = await openOpenings(server.ports, place(), { from: 4, to: 100 }, await keys(null));
    expect(none.map(({ opened }) => opened.kind)).toEqual(["no-key", "no-key", "no-key", "no-key"]);
    const other = await keys(crypto.getRandomValues(new Uint8Array(32)));
    const wrong = await openOpenings(server.ports, place(), { from: 4, to: 100 }, other);
    expect(new Set(wrong.map(({ opened }) => opened.kind))).toEqual(new Set(["does-not-fit"]));
  });

  it("say when they were shredded, sealed to a key that is gone, or swapped with another entry's", async () => {
    const records = camera.records.map((record) => ({ record, entry: parseEntry(record.entry).entry }));
    const fragments = records.filter(({ entry }) => entry.kind === "fragment");
    const [first, second] = fragments;
    if (!first || !second) throw new Error("no fragments");
    const force = parseId(met.forceId);
    const all = await keys(filmed.key);
    expect(await openSealed(force, { ...first, record: { ...first.record, opening: null } }, all)).toEqual({
      kind: "absent",
    });
    const swapped = { ...first, record: { ...first.record, opening: second.record.opening } };
    expect((await openSealed(force, swapped, all)).kind).toBe("does-not-fit");
    const envelope = { keyId: newId(), enc: new Uint8Array(65), ciphertext: new Uint8Array(48) };
    const opening = encodeCbor({ envelope, floe: new Uint8Array(100) });
    const assigned = records.find(({ entry }) => entry.kind === "assigned");
    if (!assigned) throw new Error("no assignment");
    const lost = { ...assigned, record: { ...assigned.record, opening } };
    expect(await openSealed(force, lost, all)).toEqual({ kind: "no-key" });
    const plain = records.find(({ entry }) => entry.kind === "booted");
    expect(plain && (await openSealed(force, plain, all))).toEqual({ kind: "nothing" });
  });

  it("never make the reader throw, whatever bytes stand in their place", async () => {
    const all = await keys(filmed.key);
    const force = parseId(met.forceId);
    const record = camera.records.find(({ opening }) => opening !== null);
    if (!record) throw new Error("no opening");
    const { entry } = parseEntry(record.entry);
    const original = record.opening ?? new Uint8Array();
    const flipped = fc
      .tuple(fc.nat(original.length - 1), fc.integer({ min: 1, max: 255 }))
      .map(([at, by]) => {
        const copy = new Uint8Array(original);
        copy[at] = (copy[at] ?? 0) ^ by;
        return copy;
      });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 300 }), flipped), async (opening) => {
        const { kind } = await openSealed(force, { record: { ...record, opening }, entry }, all);
        expect(["does-not-fit", "no-key"]).toContain(kind);
      }),
      { numRuns: 200 },
    );
  });

  it("give the box around a recording's positions, without those that are nowhere on earth", async () => {
    const row = await server.test.asAdministrator("select * from sworn.recording where id = $1", [filmed.id]);
    const range = { from: Number(row[0]?.["first_sequence"]), to: Number(row[0]?.["last_sequence"]) };
    const recording = { id: filmed.recording, key: filmed.key, ...range };
    expect(await readRecordingBox(server.ports, place(), recording)).toEqual({
      south: 515_100_000,
      west: -1_400_000,
      north: 515_300_000,
      east: -1_200_000,
    });
    const closed = { ...recording, key: new Uint8Array(32) };
    expect(await readRecordingBox(server.ports, place(), closed)).toBeNull();
    expect(formatId(recording.id)).toBe(filmed.id);
  });

  it("are read from the stored segments only while these are what was accepted", async () => {
    const [key = ""] = [...server.stored.keys()].filter((name) => name.includes("/journals/"));
    const bytes = server.stored.get(key) ?? new Uint8Array();
    const altered = new Uint8Array(bytes);
    altered[100] = (altered[100] ?? 0) ^ 1;
    server.stored.set(key, altered);
    const read = openOpenings(server.ports, place(), { from: 0, to: 100 }, await keys(null));
    await expect(read).rejects.toMatchObject({ code: "segment-damaged" });
    server.stored.delete(key);
    await expect(openOpenings(server.ports, place(), { from: 0, to: 9 }, await keys(null))).rejects.toThrow(
      /missing/,
    );
    server.stored.set(key, bytes);
  });
});
