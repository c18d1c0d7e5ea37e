import { issueCertificate, keySigner, newId, parseCertificate } from "@sworn/custody";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createCamera, installCertificate } from "../../node/enrol.ts";
import { sendOrder, listenForOrders } from "../../node/control-socket.ts";
import { type HeadlessCamera, openCamera } from "../../node/headless-camera.ts";
import {
  NOW_MS,
  type TestCamera,
  type TestForce,
  decryptAll,
  newCamera,
  newForce,
  receiptFor,
  testClock,
  verifiedEntries,
} from "./camera-rig.ts";
import { fastEncoder } from "./fake-encoder.ts";

const FAST = { source: { kind: "scene", seed: "s" }, pace: "as-fast" } as const;
const options = () => ({ clock: testClock(), pulseEveryMs: null, startEncoder: fastEncoder() });
const dock = newId();

let force: TestForce;
let test: TestCamera;
let camera: HeadlessCamera;
beforeAll(async () => {
  force = await newForce();
});
beforeEach(async () => {
  test = await newCamera(force);
  camera = await openCamera(test.folder, options());
  await camera.powerOn();
  await camera.record({ filming: FAST, durationMs: 4_000, prerecordMs: 2_000 });
  await camera.record({ filming: FAST, durationMs: 4_000, prerecordMs: 2_000 });
  await camera.dock.connect();
  await camera.dock.docked({ dock, session: newId(), nonce: new Uint8Array(32).fill(9) });
});
afterEach(async () => {
  await camera.close();
  await test.remove();
});

describe("a dock", () => {
  it("reads journal and media from any offset", async () => {
    const [first] = camera.dock.listRecordings();
    if (!first) throw new Error("no recording");
    const chunks: Uint8Array[] = [];
    for await (const chunk of camera.dock.readMedia(1)) chunks.push(chunk);
    const whole = Buffer.concat(chunks);
    expect(whole.length).toBe(first.storedBytes);
    const rest: Uint8Array[] = [];
    for await (const chunk of camera.dock.readMedia(1, 1_234, 5_000)) rest.push(chunk);
    expect(Buffer.concat(rest)).toEqual(whole.subarray(1_234, 6_234));
    for await (const segment of camera.dock.readJournal(5)) expect(segment.fromSequence).toBe(5);
    await expect(camera.dock.readMedia(9).next()).rejects.toMatchObject({ code: "no-recording" });
  });

  it("sets the clock, and the entry says the time to which it was set", async () => {
    const before = camera.dock.readClock().wallMs;
    expect(await camera.dock.setClock({ dock, timeMs: before - 90_000, errorMs: 12 })).toEqual({
      kind: "done",
    });
    const entry = (await verifiedEntries(camera)).at(-1);
    expect(entry).toMatchObject({
      kind: "clock-set",
      wallMs: before - 90_000,
      body: { beforeMs: before, afterMs: before - 90_000, errorMs: 12 },
    });
    await camera.powerOff("dock");
    await camera.close();
    camera = await openCamera(test.folder, options());
    // The real time clock outlives the boot: 90 s behind, and the time that was filmed ahead is kept.
    expect(Math.abs(camera.dock.readClock().wallMs - (before - 90_000))).toBeLessThan(1_000);
  });

  it("frees a recording against its receipt only", async () => {
    const otherForce = await newForce();
    const cases: [Parameters<typeof receiptFor>[3], string][] = [
      [{ number: 2 }, "other-recording"],
      [{ recording: newId() }, "other-recording"],
      [{ camera: newId() }, "other-recording"],
      [{ camera: null }, "other-recording"],
      [{ force: newId() }, "other-recording"],
      [{ verdict: "unattested" }, "other-recording"],
      [{ identity: new Uint8Array(32) }, "other-content"],
    ];
    for (const [changes, why] of cases) {
      expect(await camera.dock.free(1, await receiptFor(camera, force, 1, changes))).toEqual({
        kind: "refused",
        why,
      });
    }
    const foreign = await receiptFor(camera, force, 1, {}, otherForce.signer);
    expect(await camera.dock.free(1, foreign, [otherForce.service])).toEqual({
      kind: "refused",
      why: "not-signed-by-the-service",
    });
    expect(await camera.dock.free(1, foreign)).toEqual({ kind: "refused", why: "not-signed-by-the-service" });
    const receipt = await receiptFor(camera, force, 1);
    for (let place = 0; place < receipt.length; place += 29) {
      const flipped = receipt.slice();
      flipped[place] = (flipped[place] ?? 0) ^ 1;
      expect((await camera.dock.free(1, flipped)).kind).toBe("refused");
    }
    expect(camera.dock.listRecordings().map((one) => one.number)).toEqual([1, 2]);
    expect(await camera.dock.free(1, receipt)).toEqual({ kind: "freed", verdict: "verified" });
    expect(await camera.dock.free(1, receipt)).toEqual({ kind: "gone" });
    expect(camera.dock.listRecordings().map((one) => one.number)).toEqual([2]);
    await decryptAll(camera, force);
  });

  it("takes a receipt under a newer service certificate, but not one of another role", async () => {
    const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
      "sign",
      "verify",
    ]);
    const spki = new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey));
    const validity = { notBeforeMs: NOW_MS - 1_000, notAfterMs: NOW_MS + 86_400_000 };
    for (const [role, kind] of [
      ["dock", "refused"],
      ["service", "freed"],
    ] as const) {
      const der = await issueCertificate(
        force.authority,
        { role, subjectId: force.id, commonName: role, spki },
        validity,
      );
      const signer = keySigner(keys.privateKey, (await parseCertificate(der)).hash);
      const receipt = await receiptFor(camera, force, 1, {}, signer);
      expect((await camera.dock.free(1, receipt, [der])).kind).toBe(kind);
    }
  });

  it("frees what a named person accepted as altered", async () => {
    const receipt = await receiptFor(camera, force, 1, { verdict: "altered", identity: new Uint8Array(32) });
    expect(await camera.dock.free(1, receipt)).toEqual({ kind: "freed", verdict: "altered" });
  });

  it("prunes what was accepted, but never what a recording on the camera needs", async () => {
    const { sequence, hash } = camera.dock.journalHead();
    expect(await camera.dock.prune({ through: sequence, head: new Uint8Array(32) })).toEqual({
      kind: "refused",
      why: "other-head",
    });
    const entries = await verifiedEntries(camera);
    const started = entries
      .filter((entry) => entry.kind === "recording-started")
      .map((entry) => entry.sequence);
    expect(await camera.dock.prune({ through: sequence, head: hash })).toEqual({
      kind: "pruned",
      through: (started[0] ?? 0) - 1,
    });
    await camera.dock.free(1, await receiptFor(camera, force, 1));
    expect(await camera.dock.prune({ through: sequence, head: hash })).toEqual({
      kind: "pruned",
      through: (started[1] ?? 0) - 1,
    });
    await camera.dock.free(2, await receiptFor(camera, force, 2));
    expect(await camera.dock.prune({ through: sequence, head: hash })).toEqual({
      kind: "pruned",
      through: sequence,
    });
    expect(await camera.dock.prune({ through: sequence, head: hash })).toEqual({ kind: "nothing-to-prune" });
    expect(camera.dock.firstSequence()).toBe(sequence + 1);
    // The chain and the numbers go on where they stood, also after a restart.
    await camera.dock.undock("off");
    await camera.close();
    camera = await openCamera(test.folder, options());
    await camera.powerOn();
    await camera.record({ filming: FAST, durationMs: 2_000, prerecordMs: 2_000 });
    expect(camera.dock.listRecordings().map((one) => one.number)).toEqual([3]);
    await verifiedEntries(camera, entries);
    await decryptAll(camera, force);
  });
});

describe("another process", () => {
  it("gives orders to a running camera", async () => {
    await camera.dock.undock("standby");
    const socket = await listenForOrders(test.folder, camera);
    const answer = await sendOrder(test.folder, { kind: "status" });
    expect(answer).toMatchObject({ kind: "done", status: { state: "standby", recordings: 2 } });
    expect(await sendOrder(test.folder, { kind: "people-told" })).toMatchObject({
      kind: "refused",
      why: "not-recording",
    });
    expect(await sendOrder(test.folder, { kind: "press", button: "event", press: "short" })).toMatchObject({
      kind: "done",
    });
    // @ts-expect-error no such order exists
    expect(await sendOrder(test.folder, { kind: "delete", recording: 1 })).toMatchObject({ kind: "error" });
    await socket.close();
    await expect(sendOrder(test.folder, { kind: "status" })).rejects.toMatchObject({ code: "not-running" });
  });

  it("is told that none runs where none ever did", async () => {
    await expect(sendOrder(`${test.folder}/${"long/".repeat(40)}`, { kind: "status" })).rejects.toMatchObject(
      { code: "not-running" },
    );
  });
});

describe("enrolment", () => {
  it("refuses what does not lead to one anchor and this key", async () => {
    const other = await newForce();
    const fresh = await newCamera(force);
    const { anchor, service, ingestKey } = force;
    const install = (changes: object): Promise<unknown> =>
      installCertificate(
        fresh.folder,
        { certificate: fresh.certificate, anchor, service, ingestKey, ...changes },
        { model: "test" },
      );
    await expect(install({ anchor: other.anchor })).rejects.toMatchObject({ code: "enrolment-invalid" });
    await expect(install({ service: other.service })).rejects.toMatchObject({ code: "enrolment-invalid" });
    await expect(install({ ingestKey: other.ingestKey })).rejects.toMatchObject({
      code: "enrolment-invalid",
    });
    await expect(install({ certificate: test.certificate })).rejects.toMatchObject({
      code: "enrolment-invalid",
    });
    await expect(install({ certificate: service })).rejects.toMatchObject({ code: "enrolment-invalid" });
    await expect(install({ certificate: new Uint8Array(50) })).rejects.toMatchObject({
      code: "enrolment-invalid",
    });
    await expect(install({})).resolves.toBeDefined();
    await expect(createCamera(fresh.folder)).rejects.toMatchObject({ code: "folder-taken" });
    await fresh.remove();
  });
});
