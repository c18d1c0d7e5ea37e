// Journals over HTTP: what follows is accepted and acknowledged once; what does not is kept and told, never accepted.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { decodeSegment, encodeSegment, masterIdentity, newId, parseId } from "@sworn/custody";
import type { DockingSession, JournalAnswer } from "@sworn/contract";
import { startDockingServer, type DockingServer, type Founded } from "./docking-server.ts";
import { TestCamera } from "./test-camera.ts";
import { TestDock } from "./test-dock.ts";

let server: DockingServer;
let met: Founded;
let dock: TestDock;
let camera: TestCamera;
let cameras = 0;

beforeAll(async () => {
  server = await startDockingServer();
  met = await server.found("met");
  dock = await TestDock.enrol(server, met, "Camden front office");
});
afterAll(() => server.stop());
beforeEach(async () => {
  cameras += 1;
  camera = await TestCamera.enrol(server, met, `MET-${cameras.toString()}`);
  server.fault = null;
  server.betweenStoreAndCommit = null;
});

async function openSession(of = camera): Promise<DockingSession> {
  const answer = await dock.openSession(of.id);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body as unknown as DockingSession;
}

async function send(
  session: DockingSession,
  from: number,
  bytes = camera.segment(from),
): Promise<JournalAnswer> {
  const answer = await dock.sendJournal(camera.id, from, bytes, session);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body as unknown as JournalAnswer;
}

const recordingRow = async (id: string) =>
  (await server.test.asAdministrator("select * from sworn.recording where id = $1", [id]))[0];
const findings = (kind: string) =>
  server.test.asAdministrator(
    "select * from sworn.finding where camera_id = $1 and kind = $2 order by subject",
    [camera.id, kind],
  );
const segments = () =>
  server.test.asAdministrator(
    "select * from sworn.journal_segment where camera_id = $1 order by first_sequence",
    [camera.id],
  );

describe("a journal", () => {
  it("is accepted with its recordings, opens the session, and is in the ledger before it is acknowledged", async () => {
    const filmed = await camera.film(3);
    const session = await openSession();
    expect(session.head).toBeNull();
    await camera.dock(dock.id, session);
    const answer = await send(session, 0);
    expect(answer).toMatchObject({
      accepted: camera.next,
      duplicate: 0,
      refused: 0,
      opened: true,
      findings: [],
    });
    expect(answer.head).toEqual(await camera.head());
    expect(answer.expected).toEqual([
      { recording: filmed.id, number: 1, storedBytes: filmed.storedBytes, state: "expected", offset: 0 },
    ]);
    const row = await recordingRow(filmed.id);
    expect(row).toMatchObject({ state: "expected", clock: "dock", part_count: 4, seal_reason: "stopped" });
    expect(new Uint8Array(row?.["identity"] as Buffer)).toEqual(filmed.identity);
    const [entry] = await server.test.asAdministrator(
      "select * from sworn.ledger_entry where camera_id = $1 and event = 'journal-accepted'",
      [camera.id],
    );
    expect(entry?.["index"]).not.toBeNull();
    const head = await server.ledger.head(met.forceId as never);
    expect(head.size).toBeGreaterThan(Number(entry?.["index"]));
  });

  it("takes the same bytes again as a cheap no-op, and an overlap for what is new in it", async () => {
    const session = await openSession();
    await camera.film(2);
    await send(session, 0);
    const before = server.stored.size;
    expect(await send(session, 0)).toMatchObject({ accepted: 0, duplicate: camera.next, findings: [] });
    expect(server.stored.size).toBe(before);
    const was = camera.next;
    await camera.film(1);
    await camera.dock(dock.id, session);
    expect(await send(session, 1)).toMatchObject({
      accepted: camera.next - was,
      duplicate: was - 1,
      opened: true,
    });
    expect(await send(session, 2, camera.segment(2, 5))).toMatchObject({
      accepted: 0,
      duplicate: 3,
      findings: [],
    });
    expect((await segments()).map((row) => [row["first_sequence"], row["last_sequence"]])).toEqual([
      [String(0), String(was - 1)],
      [String(was), String(camera.next - 1)],
    ]);
  });

  it("describes a recording whose entries came in several segments, and dates it when the clock is set", async () => {
    camera.clockOffMs = 1_000_000;
    const session = await openSession();
    const startedMs = server.clock.nowMs();
    const filmed = await camera.film(4);
    await send(session, 0, camera.segment(0, 6));
    expect(await recordingRow(filmed.id)).toMatchObject({
      seal_hash: null,
      part_count: null,
      clock: "unbounded",
    });
    await send(session, 6, camera.segment(6));
    expect(await recordingRow(filmed.id)).toMatchObject({ part_count: 5, clock: "unbounded" });
    const was = camera.next;
    camera.pass(60_000);
    await camera.dock(dock.id, session);
    const answer = await send(session, was);
    expect(answer).toMatchObject({ opened: true, findings: [] });
    const row = await recordingRow(filmed.id);
    expect(row).toMatchObject({ clock: "dock", part_count: 5 });
    expect(Math.abs((row?.["recorded_start_at"] as Date).getTime() - startedMs)).toBeLessThan(20);
    expect(Number(row?.["camera_start_ms"])).toBe(startedMs + 1_000_000);
  });

  it("lets a camera with a dead clock dock, and corrects it", async () => {
    camera.clockOffMs = -server.clock.nowMs();
    const startedMs = server.clock.nowMs();
    const filmed = await camera.film(2);
    const session = await openSession();
    await camera.dock(dock.id, session);
    expect(await send(session, 0)).toMatchObject({ opened: true });
    const row = await recordingRow(filmed.id);
    expect(Number(row?.["camera_start_ms"])).toBe(0);
    expect(Math.abs((row?.["recorded_start_at"] as Date).getTime() - startedMs)).toBeLessThan(20);
  });

  it("tells of an uncertain clock when a reboot lies between recording and dock", async () => {
    const filmed = await camera.film(1);
    await camera.add({ kind: "powered-off", body: { reason: "wearer" } });
    await camera.bootUp("button", true);
    const session = await openSession();
    await camera.dock(dock.id, session);
    const answer = await send(session, 0);
    expect(answer.findings).toMatchObject([{ kind: "uncertain-clock", subject: "number:1" }]);
    expect(await recordingRow(filmed.id)).toMatchObject({ clock: "unbounded" });
  });

  it("tells of a dock whose time is far from the server's", async () => {
    await camera.film(1);
    const session = await openSession();
    camera.dockOffMs = -40 * 86_400_000;
    await camera.dock(dock.id, session);
    const answer = await send(session, 0);
    expect(answer.findings).toMatchObject([
      { kind: "uncertain-clock", subject: `clock-set:${(camera.next - 2).toString()}` },
    ]);
  });

  it("judges on from where it was although what it remembers was lost", async () => {
    const session = await openSession();
    const { recording } = await camera.begin();
    await send(session, 0);
    await server.test.asAdministrator("delete from sworn.camera_journal where camera_id = $1", [camera.id]);
    const was = camera.next;
    await camera.add({ kind: "people-told", body: { recording, atMs: 1 } });
    expect(await send(session, was)).toMatchObject({ accepted: 1, findings: [] });
  });

  it("keeps a fork, tells of it once for the same bytes, and moves no head", async () => {
    const session = await openSession();
    await camera.film(2);
    await send(session, 0);
    const accepted = await camera.head();
    camera.forget(2);
    await camera.relink();
    await camera.add({ kind: "button", body: { button: "event", press: "short" } });
    await camera.add({ kind: "button", body: { button: "event", press: "long" } });
    const answer = await send(session, camera.next - 3);
    expect(answer).toMatchObject({ accepted: 0, duplicate: 1, refused: 2, opened: false, head: accepted });
    expect(answer.findings).toMatchObject([{ kind: "journal-fork" }]);
    await send(session, camera.next - 3);
    const [fork, ...others] = await findings("journal-fork");
    expect(others).toEqual([]);
    const kept = server.stored.get((fork?.["detail"] as { object: string }).object);
    expect(kept && Buffer.compare(kept, camera.segment(camera.next - 3))).toBe(0);
  });

  it("tells of a dropped tail when a camera that shows itself now stands before its accepted head", async () => {
    const session = await openSession();
    await camera.film(3);
    await send(session, 0);
    const accepted = await camera.head();
    camera.forget(4);
    await camera.relink();
    const again = await openSession();
    await camera.dock(dock.id, again);
    const answer = await send(again, camera.next - 2);
    expect(answer.opened).toBe(false);
    expect(answer.head).toEqual(accepted);
    expect(answer.findings.map(({ kind }) => kind)).toEqual(["journal-fork", "journal-dropped-tail"]);
    const shown = await dock.openSession(camera.id, await camera.head());
    expect(shown.status).toBe(201);
    expect(await findings("journal-dropped-tail")).toHaveLength(2);
  });

  it("keeps a gap and asks for what lacks", async () => {
    const session = await openSession();
    await camera.film(1);
    const answer = await send(session, 2);
    expect(answer).toMatchObject({ accepted: 0, refused: camera.next - 2, head: null });
    expect(answer.findings).toMatchObject([{ kind: "journal-gap" }]);
    expect(await send(session, 0)).toMatchObject({ accepted: camera.next });
  });

  it("accepts what is whole before an altered entry, and nothing behind it", async () => {
    const session = await openSession();
    await camera.film(2);
    const altered = decodeSegment(camera.segment(0)).map(({ entry, opening }, index) => {
      const copy = new Uint8Array(entry);
      if (index === 5) copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
      return { entry: copy, opening };
    });
    const answer = await send(session, 0, encodeSegment(altered));
    expect(answer).toMatchObject({ accepted: 5, refused: altered.length - 5 });
    expect(answer.findings).toMatchObject([{ kind: "journal-refused" }]);
    expect(await send(session, 5)).toMatchObject({ accepted: camera.next - 5, findings: [] });
  });

  it("never takes what another key signed for a fork", async () => {
    const session = await openSession();
    await send(session, 0);
    const other = await TestCamera.enrol(server, met, `MET-other-${cameras.toString()}`);
    const forged = await dock.sendJournal(camera.id, 0, other.segment(0), session);
    expect(forged.body["findings"]).toMatchObject([{ kind: "journal-refused" }]);
    const { signer } = camera;
    camera.forget(1);
    await camera.relink();
    camera.signer = { ...other.signer, certificateHash: signer.certificateHash };
    await camera.add({ kind: "standby", body: { prerecordMs: 1 } });
    const answer = await send(session, 0);
    expect(answer.findings).toMatchObject([{ kind: "journal-refused" }]);
    expect(await findings("journal-fork")).toEqual([]);
  });

  it("tells of entries that may not stand where they stand, and accepts them", async () => {
    const session = await openSession();
    await camera.add({ kind: "resumed", body: { recording: newId(), atMs: 1 } });
    const answer = await send(session, 0);
    expect(answer.accepted).toBe(camera.next);
    expect(answer.findings).toMatchObject([
      { kind: "journal-transition", subject: (camera.next - 1).toString() },
    ]);
  });

  it("tells of an unclean stop", async () => {
    const { recording, init } = await camera.begin();
    await camera.bootUp("restart", false);
    await camera.add({ kind: "recovered", body: { recording, parts: 1, cutBytes: 77 } });
    const identity = await masterIdentity([{ lengthBytes: 700, hash: init }]);
    const started = camera.records.length - 4;
    await camera.add({
      kind: "recording-sealed",
      body: { recording, number: 1, parts: 1, identity, durationMs: 0, reason: "power-loss", started },
    });
    const session = await openSession();
    const answer = await send(session, 0);
    expect(answer.findings).toMatchObject([{ kind: "unclean-stop" }]);
    const [finding] = await findings("unclean-stop");
    expect(finding?.["detail"]).toEqual({ reason: "power-loss", recovered: { parts: 1, cutBytes: 77 } });
  });

  it("is not opened by another nonce, nor by the nonce of another session", async () => {
    const session = await openSession();
    await camera.dock(dock.id, session, { nonce: crypto.getRandomValues(new Uint8Array(32)) });
    expect(await send(session, 0)).toMatchObject({ opened: false, accepted: camera.next });
    const next = await openSession();
    const was = camera.next;
    await camera.dock(dock.id, session);
    expect(await send(next, was)).toMatchObject({ opened: false });
  });

  it("loses nothing when the store or the transaction fails: the camera sends again", async () => {
    const session = await openSession();
    await camera.film(1);
    for (const when of ["before", "after"] as const) {
      server.fault = { when, times: 1 };
      const failed = await dock.sendJournal(camera.id, 0, camera.segment(0), session);
      expect([failed.status, failed.body["code"]]).toEqual([500, "fault"]);
      expect(await segments()).toEqual([]);
    }
    await camera.dock(dock.id, session);
    expect(await send(session, 0)).toMatchObject({ accepted: camera.next, opened: true });
    expect(await segments()).toHaveLength(1);
  });

  it("judges again when another segment was accepted between store and commit", async () => {
    const session = await openSession();
    await camera.film(1);
    let nested: JournalAnswer | null = null;
    server.betweenStoreAndCommit = async () => {
      server.betweenStoreAndCommit = null;
      nested = await send(session, 0, camera.segment(0, 3));
    };
    const answer = await send(session, 0);
    expect(nested).toMatchObject({ accepted: 3 });
    expect(answer).toMatchObject({ accepted: camera.next - 3, duplicate: 3, findings: [] });
    expect((await segments()).map((row) => Number(row["first_sequence"]))).toEqual([0, 3]);
  });

  it("names a recording that the camera sealed and no longer offers", async () => {
    const first = await camera.film(1);
    const second = await camera.film(1);
    const session = await openSession();
    await camera.dock(dock.id, session);
    await send(session, 0);
    const path = `/v1/docking-sessions/${session.session}/holdings`;
    const told = await dock.send("PUT", path, { body: JSON.stringify({ recordings: [second.id] }), session });
    expect([told.status, told.body]).toEqual([200, { missing: [{ recording: first.id, number: 1 }] }]);
    const again = await dock.send("PUT", path, {
      body: JSON.stringify({ recordings: [first.id, second.id] }),
      session,
    });
    expect(again.body).toEqual({ missing: [] });
    expect(await findings("missing")).toHaveLength(1);
  });

  it("takes the unit of the assignment that the camera was told of, and the one at the time otherwise", async () => {
    const borough = await server.call("POST", "/v1/boroughs", {
      key: met.key,
      body: { name: `Camden ${cameras.toString()}`, slug: `camden-${cameras.toString()}` },
    });
    const assigned = await server.call("POST", `/v1/cameras/${camera.id}/assignments`, {
      key: met.key,
      body: { personId: met.personId, boroughId: borough.body["id"] },
    });
    expect(assigned.status, JSON.stringify(assigned.body)).toBe(201);
    const assignment = parseId(assigned.body["id"] as string);
    await camera.add(
      { kind: "assigned", body: { assignment } },
      { details: { officer: "A. Administrator", collarNumber: null, borough: "Camden", team: null } },
    );
    const named = await camera.film(1);
    await camera.add({ kind: "unassigned", body: { assignment } });
    const timed = await camera.film(1);
    const session = await openSession();
    await camera.dock(dock.id, session);
    await send(session, 0);
    for (const { id } of [named, timed]) {
      expect(await recordingRow(id)).toMatchObject({
        officer_id: met.personId,
        borough_id: borough.body["id"],
        assignment_id: assigned.body["id"],
      });
    }
  });

  it("does not let a recording's id or number be taken twice, and says so", async () => {
    const taken = await camera.film(1);
    const session = await openSession();
    await send(session, 0);
    const other = await TestCamera.enrol(server, met, `MET-again-${cameras.toString()}`);
    await other.film(1, { recording: taken.recording });
    const second = (await dock.openSession(other.id)).body as unknown as DockingSession;
    const answer = await dock.sendJournal(other.id, 0, other.segment(0), second);
    expect(answer.body["findings"]).toMatchObject([
      { kind: "journal-transition", subject: `recording:${taken.id}` },
    ]);
    expect(await recordingRow(taken.id)).toMatchObject({ camera_id: camera.id });
  });

  it("shows the camera's life to staff as intervals, none unexplained", async () => {
    await camera.film(2);
    const session = await openSession();
    await camera.dock(dock.id, session);
    await send(session, 0);
    const answer = await server.call("GET", `/v1/cameras/${camera.id}/intervals`, { key: met.key });
    const intervals = answer.body["intervals"] as {
      state: string;
      fromSequence: number;
      toSequence: number;
    }[];
    expect(intervals.map(({ state }) => state)).toEqual(["off", "standby", "recording", "standby", "docked"]);
    for (const [index, interval] of intervals.entries()) {
      if (index > 0) expect(interval.fromSequence).toBe(intervals[index - 1]?.toSequence);
    }
    expect(answer.body).toMatchObject({ problems: [], fromSequence: 0, toSequence: camera.next - 1 });
    const bedfordshire = await server.found(`bedfordshire-${cameras.toString()}`);
    const foreign = await server.call("GET", `/v1/cameras/${camera.id}/intervals`, { key: bedfordshire.key });
    expect(foreign.status).toBe(404);
  });

  it("answers malformed segments with a problem that says where", async () => {
    const session = await openSession();
    const whole = camera.segment(0);
    for (const bytes of [
      new Uint8Array([1, 2, 3]),
      whole.subarray(0, whole.length - 3),
      new Uint8Array(10),
    ]) {
      const answer = await dock.sendJournal(camera.id, 0, bytes, session);
      expect([answer.status, answer.body["code"]]).toEqual([422, "not-processable"]);
    }
    const misplaced = await dock.sendJournal(camera.id, 1, whole, session);
    expect([misplaced.status, misplaced.body["code"]]).toEqual([422, "not-processable"]);
  });
});
