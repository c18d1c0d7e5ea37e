// Changes of classes through HTTP: a dry run until a second person confirms, and nothing is shortened silently.
import type { RecordingId } from "@sworn/contract";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dayMs, startRetentionTest, type RetentionTest } from "./retention-fixture.ts";

let test: RetentionTest;
beforeEach(async () => {
  test = await startRetentionTest();
});
afterEach(async () => {
  await test.stop();
});

const call = (method: string, path: string, body?: unknown, key = test.key) =>
  test.server.call(method, path, { key, ...(body === undefined ? {} : { body }) });
const run = async () => (await call("POST", "/v1/retention/run")).body;
const propose = async (more: Record<string, unknown> = {}) =>
  (
    await call("POST", "/v1/retention/changes", {
      class: "traffic",
      periodDays: 10,
      citation: "A new order",
      reason: "Storage",
      ...more,
    })
  ).body;
const confirm = (id: unknown, key = test.second.key) =>
  call("POST", `/v1/retention/changes/${String(id)}/confirm`, undefined, key);
const destroyAt = async (id: RecordingId) =>
  (await call("GET", `/v1/recordings/${id}/retention`)).body["destroyAt"];
const inDays = (days: number): string => new Date(test.server.clock.nowMs() + days * dayMs).toISOString();
const classNow = async (key: string) => {
  const classes = (await call("GET", "/v1/retention/classes")).body["classes"] as { class: string }[];
  return classes.find((one) => one.class === key);
};

describe("a changed class", () => {
  it("is a dry run until a second person confirms it, and then keeps the longer of both for what exists", async () => {
    const id = await test.collect({ class: "traffic", endedDays: -20, receivedDays: -20 });
    const change = await propose();
    expect(change).toMatchObject({
      state: "proposed",
      effect: { existing: 1, longer: 0, shorter: 0, sample: [] },
    });
    expect(await classNow("traffic")).toMatchObject({ version: 1, periodDays: 184 });
    expect((await call("GET", "/v1/retention/plan")).body["changes"]).toMatchObject([{ id: change["id"] }]);
    expect((await confirm(change["id"], test.key)).status).toBe(403);
    expect((await confirm(change["id"])).body).toMatchObject({ state: "confirmed" });
    expect((await confirm(change["id"])).status).toBe(409);
    expect(await classNow("traffic")).toMatchObject({ version: 2, periodDays: 10 });
    expect(await destroyAt(id)).toBe(inDays(164));
    const later = await test.collect({ class: "traffic" });
    expect(await destroyAt(later)).toBe(inDays(10));
    expect(await run()).toMatchObject({ destroyed: 0 });
  });

  it("shortens what exists only when it says so, and shows first what that destroys", async () => {
    const old = await test.collect({ class: "traffic", endedDays: -20, receivedDays: -20 });
    const young = await test.collect({ class: "traffic", endedDays: -1, receivedDays: -1 });
    const change = await propose({ applyToExisting: true });
    expect(change["effect"]).toMatchObject({
      existing: 2,
      shorter: 2,
      dueByExpiry: 2,
      held: 0,
      earliestDueAt: inDays(-10),
      sample: [old, young],
    });
    test.server.clock.advanceMs(1);
    const between = await test.collect({ class: "traffic", endedDays: -20, receivedDays: -20 });
    await test.server.test.asAdministrator("update sworn.recording set received_at = $2 where id = $1", [
      between,
      new Date(test.server.clock.nowMs()),
    ]);
    const betweenGoes = inDays(164);
    test.server.clock.advanceMs(1);
    expect((await confirm(change["id"])).status).toBe(200);
    expect(await run()).toMatchObject({ destroyed: 1, recordings: [old] });
    // What came after the proposal was not in what was shown, so it keeps the longer.
    expect(await destroyAt(between)).toBe(betweenGoes);
  });

  it("is refused when it would do more than was shown", async () => {
    const change = await propose({ applyToExisting: true });
    expect(change["effect"]).toMatchObject({ shorter: 0 });
    await test.collect({ class: "traffic", endedDays: -20, receivedDays: -20 });
    expect((await confirm(change["id"])).status).toBe(409);
    const now = (await call("GET", `/v1/retention/changes/${String(change["id"])}`)).body;
    expect(now).toMatchObject({ state: "overtaken", effect: { shorter: 1 } });
    expect(await classNow("traffic")).toMatchObject({ version: 1 });
  });

  it("is refused when a hold that it counted on was released", async () => {
    const recordingId = await test.collect({ class: "traffic", endedDays: -20, receivedDays: -20 });
    const hold = await call("POST", "/v1/holds", {
      kind: "complaint",
      reason: "x",
      reviewAt: inDays(9),
      scope: { kind: "recording", recordingId },
    });
    const change = await propose({ applyToExisting: true });
    expect(change["effect"]).toMatchObject({ shorter: 1, held: 1 });
    await call("POST", `/v1/holds/${(hold.body["hold"] as { id: string }).id}/release`, { reason: "y" });
    expect((await confirm(change["id"])).status).toBe(409);
  });

  it("can be new, lengthen, be withdrawn, expire, and never take the clock from what is not classified", async () => {
    expect((await propose({ class: "protest" }))["code"]).toBe("not-processable");
    const made = await propose({ class: "protest", title: "Protest", periodDays: 93 });
    expect((await confirm(made["id"])).status).toBe(200);
    expect(await classNow("protest")).toMatchObject({ title: "Protest", version: 1, periodDays: 93 });

    const id = await test.collect({ class: null, endedDays: -30, receivedDays: -30 });
    const longer = await propose({ class: "non-evidential", periodDays: 40 });
    expect(longer["effect"]).toMatchObject({ existing: 1, longer: 1, shorter: 0 });
    expect((await confirm(longer["id"])).status).toBe(200);
    test.server.clock.advanceMs(3 * dayMs);
    expect(await destroyAt(id)).toBe(inDays(7));

    const withdrawn = await propose();
    expect((await call("POST", `/v1/retention/changes/${String(withdrawn["id"])}/withdraw`)).status).toBe(
      200,
    );
    expect((await confirm(withdrawn["id"])).status).toBe(409);
    const expired = await propose();
    test.server.clock.advanceMs(14 * dayMs);
    expect((await confirm(expired["id"])).status).toBe(409);
    expect((await propose({ class: "non-evidential", periodDays: null }))["status"]).toBe(422);
    const person = await call("POST", "/v1/people", { name: "C. Constable" });
    const issued = await call("POST", "/v1/api-keys", { personId: person.body["id"], label: "theirs" });
    expect((await call("POST", "/v1/retention/run", undefined, String(issued.body["secret"]))).status).toBe(
      403,
    );
  });

  it("stops an order that is not carried out when the rule becomes longer", async () => {
    const { orderDestruction } = await import("../../src/retention/order-destruction.ts");
    const id = await test.collect({ endedDays: -31, receivedDays: -31 });
    expect(await orderDestruction(test.ports, test.forceId, id)).toEqual({ outcome: "ordered" });
    // The dry run tells of what is collected; an order in hand is judged again before its key goes.
    const longer = await propose({ class: "non-evidential", periodDays: 40 });
    expect((await confirm(longer["id"])).status).toBe(200);
    expect(await run()).toMatchObject({ destroyed: 0, cancelled: 1 });
    expect(await test.state(id)).toBe("collected");
    expect(await test.events(id)).toEqual(["destroy-ordered", "destroy-cancelled"]);
  });
});
