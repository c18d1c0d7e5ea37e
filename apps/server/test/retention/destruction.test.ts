// Destruction through HTTP: what goes, what stays, and what the certificate proves.
import type { RecordingId } from "@sworn/contract";
import { formatId, parseDestruction, parseId, verifySign1 } from "@sworn/custody";
import { digestLeaf, parseVerifierKey, verifyTlogProof } from "@sworn/ledger";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ledgerOrigin } from "../../src/authority/index.ts";
import { keyIdOf } from "../../src/retention/index.ts";
import { dayMs, startRetentionTest, type RetentionTest } from "./retention-fixture.ts";

let test: RetentionTest;
beforeEach(async () => {
  test = await startRetentionTest();
});
afterEach(async () => {
  await test.stop();
});

const run = async () => (await test.server.call("POST", "/v1/retention/run", { key: test.key })).body;
const retention = async (id: RecordingId) =>
  (await test.server.call("GET", `/v1/recordings/${id}/retention`, { key: test.key })).body;

describe("destruction", () => {
  it("comes after 31 days from the end, with key, objects and derivatives gone and a certificate that verifies", async () => {
    const { server, keys, objects } = test;
    const id = await test.collect();
    await objects.putObject(`${test.forceId}/recordings/${id}/derivatives/p`, new Uint8Array(30));
    await server.test.asAdministrator(
      `insert into sworn.derivative values (gen_random_uuid(), $1, $2, 'poster', 'image/jpeg', $3, '\\x00', 1, 1, $4, now())`,
      [test.forceId, id, `${test.forceId}/recordings/${id}/derivatives/p`, new Uint8Array(32)],
    );
    const orderedFromMs = server.clock.nowMs() + 31 * dayMs;
    expect(await retention(id)).toMatchObject({
      standing: "not-due",
      destroyAt: new Date(orderedFromMs).toISOString(),
    });
    server.clock.advanceMs(31 * dayMs - 1);
    expect(await run()).toMatchObject({ destroyed: 0, failed: 0 });
    expect(await test.state(id)).toBe("collected");
    server.clock.advanceMs(1);
    expect(await run()).toMatchObject({ destroyed: 1, failed: 0, recordings: [id] });

    expect(await test.state(id)).toBe("destroyed");
    expect(await keys.get(keyIdOf(id))).toMatchObject({ kind: "destroyed", destroyedAtMs: orderedFromMs });
    expect(await objects.stat(test.mediaKey(id))).toEqual({ kind: "absent" });
    expect(await objects.stat(`${test.forceId}/recordings/${id}/derivatives/p`)).toEqual({ kind: "absent" });
    expect((await objects.stat(`${test.forceId}/recordings/${id}/manifest`)).kind).toBe("complete");
    expect(await test.events(id)).toEqual(["destroy-ordered", "recording-destroyed"]);

    const answer = await fetch(`${server.url}/v1/recordings/${id}/destruction`, {
      headers: { authorization: `Bearer ${test.key}` },
    });
    expect(answer.headers.get("content-type")).toBe("application/cose");
    const { value, sign1 } = parseDestruction(new Uint8Array(await answer.arrayBuffer()));
    const { service } = await test.authorities.of(parseId(test.forceId));
    expect(await verifySign1(sign1, service.certificate.publicKey)).toBe(true);
    expect(formatId(value.recording)).toBe(id);
    expect(value).toMatchObject({
      orderedAtMs: orderedFromMs,
      keyDestroyedAtMs: orderedFromMs,
      noBackupAfterMs: orderedFromMs + 7 * dayMs,
      dueAtMs: orderedFromMs,
      rule: { class: "non-evidential", version: 1, periodDays: 31 },
    });
    const verifier = await parseVerifierKey(await test.ledger.verifierKey(test.forceId));
    if (!verifier.ok) throw new Error(verifier.message);
    const policy = { origin: ledgerOrigin(parseId(test.forceId)), logKeys: [verifier.value] };
    expect(await verifyTlogProof(value.proof, await digestLeaf(value.entry), policy)).toMatchObject({
      ok: true,
    });
    expect(await retention(id)).toMatchObject({ standing: "destroyed", destroyAt: null });
    expect(await run()).toMatchObject({ destroyed: 0 });
    expect(await test.events(id)).toEqual(["destroy-ordered", "recording-destroyed"]);
  });

  it("never comes within 7 days of the arrival, however old the recording is", async () => {
    const id = await test.collect({ endedDays: -90, receivedDays: 0 });
    test.server.clock.advanceMs(7 * dayMs - 1);
    expect(await run()).toMatchObject({ destroyed: 0 });
    test.server.clock.advanceMs(1);
    expect(await run()).toMatchObject({ destroyed: 1 });
    expect(await test.state(id)).toBe("destroyed");
  });

  it("of what is unclassified waits until a warning stood for 7 days", async () => {
    const { server } = test;
    const id = await test.collect({ class: null });
    server.clock.advanceMs(23 * dayMs);
    expect(await run()).toMatchObject({ warned: 0 });
    server.clock.advanceMs(3 * dayMs);
    expect(await retention(id)).toMatchObject({ standing: "to-be-warned" });
    expect(await run()).toMatchObject({ warned: 1, destroyed: 0 });
    expect(await run()).toMatchObject({ warned: 0 });
    const warnings = await server.call("GET", "/v1/retention/warnings", { key: test.key });
    const destroyAt = new Date(server.clock.nowMs() + 7 * dayMs).toISOString();
    expect(warnings.body).toMatchObject({ warnings: [{ recordingId: id, destroyAt }], next: null });
    server.clock.advanceMs(7 * dayMs - 1);
    expect(await run()).toMatchObject({ destroyed: 0 });
    server.clock.advanceMs(1);
    expect(await run()).toMatchObject({ destroyed: 1 });
    expect((await server.call("GET", "/v1/retention/warnings", { key: test.key })).body["warnings"]).toEqual(
      [],
    );
  });

  it("warns first even when the server slept through the whole period", async () => {
    const id = await test.collect({ class: null });
    test.server.clock.advanceMs(100 * dayMs);
    expect(await run()).toMatchObject({ warned: 1, destroyed: 0 });
    test.server.clock.advanceMs(7 * dayMs);
    expect(await run()).toMatchObject({ destroyed: 1 });
    expect(await test.state(id)).toBe("destroyed");
  });

  it("leaves what has no clock, an uncertain one or an unknown class to a person, and lists it", async () => {
    const { server } = test;
    const evidence = await test.collect({ class: "evidential" });
    const unbounded = await test.collect({ clock: "unbounded" });
    const stray = await test.collect({ class: "no-such-class" });
    server.clock.advanceMs(300 * dayMs);
    expect(await run()).toMatchObject({ destroyed: 0, warned: 0 });
    const plan = (await server.call("GET", "/v1/retention/plan", { key: test.key })).body;
    expect(plan).toMatchObject({ falling: 0, waitingCount: 2 });
    const waiting = plan["waiting"] as { recordingId: string }[];
    expect(new Set(waiting.map((row) => row.recordingId))).toEqual(new Set([unbounded, stray]));
    expect(await retention(evidence)).toMatchObject({ standing: "kept-until-released", destroyAt: null });
    expect((await retention(stray))["why"]).toMatch(/not one of the force's/);
  });

  it("counts from the arrival where docks only bound the end", async () => {
    const { server } = test;
    const id = await test.collect({ clock: "bounded", endedDays: -9, receivedDays: 0 });
    const due = new Date(server.clock.nowMs() + 31 * dayMs).toISOString();
    expect(await retention(id)).toMatchObject({ standing: "not-due", destroyAt: due });
    server.clock.advanceMs(31 * dayMs - 1);
    expect(await run()).toMatchObject({ destroyed: 0 });
    server.clock.advanceMs(1);
    expect(await run()).toMatchObject({ destroyed: 1 });
    expect(await test.state(id)).toBe("destroyed");
  });

  it("counts from the time that a person decides, which both stand in the ledger", async () => {
    const { server } = test;
    const id = await test.collect({ clock: "unbounded", endedDays: 0 });
    const path = `/v1/recordings/${id}/retention/time`;
    const late = new Date(server.clock.nowMs() + 1).toISOString();
    const refused = await server.call("POST", path, {
      key: test.key,
      body: { recordedEndAt: late, reason: "x" },
    });
    expect(refused.status).toBe(422);
    const recordedEndAt = new Date(server.clock.nowMs() - 20 * dayMs).toISOString();
    const decided = await server.call("POST", path, {
      key: test.key,
      body: { recordedEndAt, reason: "CAD 4711" },
    });
    const destroyAt = new Date(server.clock.nowMs() + 11 * dayMs).toISOString();
    expect(decided.body).toMatchObject({ standing: "not-due", destroyAt });
    expect(await test.events(id)).toEqual(["recorded-time-decided"]);
    server.clock.advanceMs(11 * dayMs);
    expect(await run()).toMatchObject({ destroyed: 1 });
    const certain = await test.collect();
    const no = await server.call("POST", `/v1/recordings/${certain}/retention/time`, {
      key: test.key,
      body: { recordedEndAt, reason: "I want it gone" },
    });
    expect(no.status).toBe(409);
  });

  it("is not for another force to see", async () => {
    const id = await test.collect();
    const other = await test.server.found("beds");
    for (const path of [
      `/v1/recordings/${id}/retention`,
      `/v1/recordings/${id}/destruction`,
      `/v1/recordings/${id}/holds`,
    ])
      expect((await test.server.call("GET", path, { key: other.key })).status).toBe(404);
  });
});
