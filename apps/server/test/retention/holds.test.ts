// Holds through HTTP: a hold beats a clock, and catches what arrives later.
import { randomUUID } from "node:crypto";
import type { RecordingId } from "@sworn/contract";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { destroyRecording, keyIdOf } from "../../src/retention/index.ts";
import { orderDestruction } from "../../src/retention/order-destruction.ts";
import { dayMs, startRetentionTest, type RetentionTest } from "./retention-fixture.ts";

let test: RetentionTest;
let startMs: number;
beforeAll(async () => {
  test = await startRetentionTest();
  startMs = test.server.clock.nowMs();
});
beforeEach(() => {
  test.server.clock.setMs(startMs);
});
afterAll(async () => {
  await test.stop();
});

const call = (method: string, path: string, body?: unknown, key = test.key) =>
  test.server.call(method, path, { key, ...(body === undefined ? {} : { body }) });
const run = async () => (await call("POST", "/v1/retention/run")).body;
const inDays = (days: number): string => new Date(test.server.clock.nowMs() + days * dayMs).toISOString();
const place = async (scope: unknown, more: Record<string, unknown> = {}) =>
  call("POST", "/v1/holds", { kind: "evidence", reason: "Case 12", reviewAt: inDays(90), scope, ...more });
const holdOf = (body: Record<string, unknown>) => body["hold"] as { id: string };
const release = (id: string) => call("POST", `/v1/holds/${id}/release`, { reason: "No further action" });

describe("a hold", () => {
  it("keeps a recording past its clock until the last of several is released, each with an entry", async () => {
    const id = await test.collect();
    const first = await place({ kind: "recording", recordingId: id });
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({ caught: 1, ordersCancelled: [], tooLate: [] });
    const second = await place({ kind: "recording", recordingId: id }, { kind: "complaint" });
    test.server.clock.advanceMs(60 * dayMs);
    expect(await run()).toMatchObject({ destroyed: 0 });
    expect((await release(holdOf(first.body).id)).status).toBe(200);
    expect((await release(holdOf(first.body).id)).status).toBe(409);
    expect(await run()).toMatchObject({ destroyed: 0 });
    const plan = (await call("GET", "/v1/retention/plan?days=0")).body;
    expect(plan).toMatchObject({
      falling: 0,
      heldCount: 1,
      held: [{ recordingId: id, holds: [{ kind: "complaint" }] }],
    });
    expect((await release(holdOf(second.body).id)).status).toBe(200);
    expect(await run()).toMatchObject({ destroyed: 1 });
    expect(await test.events(id)).toEqual([
      "hold-placed",
      "hold-placed",
      "hold-released",
      "hold-released",
      "destroy-ordered",
      "recording-destroyed",
    ]);
    const all = (await call("GET", `/v1/recordings/${id}/holds`)).body["holds"] as unknown[];
    expect(all).toHaveLength(2);
  });

  it("past its review date is listed, and stands", async () => {
    const id = await test.collect();
    const placed = await place({ kind: "recording", recordingId: id }, { reviewAt: inDays(10) });
    test.server.clock.advanceMs(50 * dayMs);
    const listed = (await call("GET", "/v1/holds?pastReview=true")).body["holds"] as { id: string }[];
    expect(listed).toMatchObject([{ id: holdOf(placed.body).id, reviewIsPast: true }]);
    const plan = (await call("GET", "/v1/retention/plan")).body;
    expect(plan["holdsPastReview"]).toMatchObject([{ id: holdOf(placed.body).id }]);
    expect(await run()).toMatchObject({ destroyed: 0 });
    await release(holdOf(placed.body).id);
    await run();
  });

  it("on an incident catches what arrives or is named later, whatever its spelling", async () => {
    const placed = await place({ kind: "incident", incident: "CAD 4711/15Jan26" });
    expect(placed.body).toMatchObject({ caught: 0 });
    const later = await test.collect({ incident: "cad4711/15jan26" });
    const named = await test.collect();
    const other = await test.collect({ incident: "CAD 4712/15Jan26" });
    await test.server.test.asAdministrator("update sworn.recording set incident = $2 where id = $1", [
      named,
      "CAD 4711/15JAN26",
    ]);
    test.server.clock.advanceMs(40 * dayMs);
    expect(await run()).toMatchObject({ destroyed: 1, recordings: [other] });
    await release(holdOf(placed.body).id);
    expect(await run()).toMatchObject({ destroyed: 2 });
    expect(await test.state(later)).toBe("destroyed");
  });

  it("on a time, an area and people catches a colleague's footage, and what is not known counts as fitting", async () => {
    const officer = test.personId;
    const camden = (await call("POST", "/v1/boroughs", { name: "Camden", slug: "camden" })).body[
      "id"
    ] as string;
    const barnet = (await call("POST", "/v1/boroughs", { name: "Barnet", slug: "barnet" })).body[
      "id"
    ] as string;
    const near = [515_000_000, -1_500_000, 515_100_000, -1_400_000] as const;
    const far = [530_000_000, -1_500_000, 530_100_000, -1_400_000] as const;
    const scope = {
      kind: "event",
      from: inDays(-0.01),
      to: inDays(0.01),
      boroughId: camden,
      area: { south: 51.5, west: -0.15, north: 51.52, east: -0.14 },
      people: [officer],
    };
    const placed = await place(scope);
    expect(placed.status).toBe(201);
    expect((placed.body["hold"] as { scope: unknown }).scope).toEqual(scope);
    const kept = [
      await test.collect({ officer, borough: camden, box: near }),
      await test.collect({ officer, borough: camden }),
      await test.collect({}),
    ];
    const goes = [
      await test.collect({ officer, borough: camden, box: far }),
      await test.collect({ officer, borough: barnet, box: near }),
      await test.collect({ officer: test.second.personId, borough: camden, box: near }),
      await test.collect({ officer, borough: camden, box: near, endedDays: -1 }),
    ];
    test.server.clock.advanceMs(40 * dayMs);
    const done = await run();
    expect(new Set(done["recordings"] as string[])).toEqual(new Set(goes));
    for (const id of kept) expect(await test.state(id)).toBe("collected");
    await release(holdOf(placed.body).id);
    expect(await run()).toMatchObject({ destroyed: 3 });
  });

  it("that comes after the order and before the key is gone calls the order off", async () => {
    const id = await test.collect({ incident: "CAD 88" });
    test.server.clock.advanceMs(31 * dayMs);
    expect(await orderDestruction(test.ports, test.forceId, id)).toEqual({ outcome: "ordered" });
    const placed = await place({ kind: "incident", incident: "CAD 88" });
    expect(placed.body).toMatchObject({ ordersCancelled: [id], tooLate: [] });
    expect(await test.state(id)).toBe("collected");
    expect(await destroyRecording(test.ports, test.forceId, id)).toBe("kept");
    expect((await test.keys.get(keyIdOf(id))).kind).toBe("key");
    expect(await test.events(id)).toEqual(["destroy-ordered", "destroy-cancelled"]);
    await release(holdOf(placed.body).id);
    expect(await run()).toMatchObject({ destroyed: 1 });
    expect(await test.events(id)).toHaveLength(4);
  });

  it("that comes too late is told so, and one of wider scope names what it came too late for", async () => {
    const id = await test.collect({ incident: "CAD 9" });
    test.server.clock.advanceMs(31 * dayMs);
    await run();
    const refused = await place({ kind: "recording", recordingId: id });
    expect(refused).toMatchObject({ status: 410, body: { code: "gone" } });
    const wider = await place({ kind: "incident", incident: "CAD 9" });
    expect(wider.body).toMatchObject({ caught: 0, tooLate: [id] });
  });

  it("is placed once for one id, and refused with a clear answer where it says nothing useful", async () => {
    const id = randomUUID();
    const scope = { kind: "incident", incident: "CAD 77" };
    expect((await place(scope, { id })).status).toBe(201);
    expect((await place(scope, { id })).status).toBe(201);
    expect((await place(scope, { id, reason: "Another" })).status).toBe(409);
    const listed = (await call("GET", "/v1/holds")).body["holds"] as { id: string }[];
    expect(listed.filter((hold) => hold.id === id)).toHaveLength(1);
    const recordingId = randomUUID() as RecordingId;
    for (const [body, status] of [
      [{ scope: { kind: "recording", recordingId } }, 422],
      [{ scope, ownerId: randomUUID() }, 422],
      [{ scope, reviewAt: inDays(-1) }, 422],
      [{ scope, reason: " " }, 400],
      [{ scope: { kind: "event", from: inDays(1), to: inDays(0) } }, 422],
      [{ scope: { kind: "event", from: "yesterday", to: inDays(0) } }, 400],
      [{ scope: { kind: "all" } }, 400],
    ] as const) {
      expect((await place(body.scope, body)).status, JSON.stringify(body)).toBe(status);
    }
  });

  it("is released by its owner, who placed it, or an administrator, and nobody else", async () => {
    const person = await call("POST", "/v1/people", { name: "C. Constable" });
    const issued = await call("POST", "/v1/api-keys", { personId: person.body["id"], label: "theirs" });
    const theirs = String(issued.body["secret"]);
    const placed = await place({ kind: "incident", incident: "CAD 5" });
    const path = `/v1/holds/${holdOf(placed.body).id}/release`;
    expect((await call("POST", path, { reason: "mine now" }, theirs)).status).toBe(403);
    const beds = await test.server.found("beds");
    expect((await call("POST", path, { reason: "mine now" }, beds.key)).status).toBe(404);
    expect((await call("POST", path, { reason: "done" }, test.second.key)).status).toBe(200);
  });
});
