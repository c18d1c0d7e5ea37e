// Devices over HTTP: enrolment, assignments, a lost camera and its breach record, and what the public may have.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  decodePem,
  formatId,
  newId,
  parseCertificate,
  parseIngestKey,
  readRevocationList,
  validatePath,
  verifySign1,
} from "@sworn/custody";
import { fromBase64url, toBase64url, type DockingSession, type Loss } from "@sworn/contract";
import { startDockingServer, type DockingServer, type Founded } from "../docking/docking-server.ts";
import { TestCamera } from "../docking/test-camera.ts";
import { TestDock } from "../docking/test-dock.ts";

let server: DockingServer;
let met: Founded;
let bedfordshire: Founded;
let count = 0;
let camera: TestCamera;

beforeAll(async () => {
  server = await startDockingServer();
  met = await server.found("met");
  bedfordshire = await server.found("bedfordshire");
});
afterAll(() => server.stop());
beforeEach(async () => {
  count += 1;
  camera = await TestCamera.enrol(server, met, `MET-${count.toString()}`);
});

async function newSpki(curve = "P-256"): Promise<string> {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: curve }, true, [
    "sign",
    "verify",
  ]);
  return toBase64url(new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey)));
}
const bytes = (text: unknown) => fromBase64url(String(text)) ?? new Uint8Array();
const entries = (event: string) =>
  server.test.asAdministrator("select * from sworn.ledger_entry where camera_id = $1 and event = $2", [
    camera.id,
    event,
  ]);
const publicBytes = async (name: string, force = met.forceId) =>
  new Uint8Array(await (await fetch(`${server.url}/v1/forces/${force}/${name}`)).arrayBuffer());

describe("enrolment", () => {
  it("certifies the camera's key below the force's anchor, once, and stands in the ledger", async () => {
    const { enrolment } = camera.enrolment ?? {};
    const certificate = await parseCertificate(bytes(enrolment?.certificate));
    const path = await validatePath(certificate, [bytes(enrolment?.anchor)], {
      role: "camera",
      atMs: server.clock.nowMs(),
    });
    expect(path.kind).toBe("valid");
    expect(formatId(certificate.subjectId)).toBe(camera.id);
    const service = await parseCertificate(bytes(enrolment?.service));
    expect(await verifySign1(parseIngestKey(bytes(enrolment?.ingestKey)).sign1, service.publicKey)).toBe(
      true,
    );
    expect(await entries("camera-enrolled")).toHaveLength(1);
    const body = { id: camera.id, name: "another", model: "Test 1", spki: toBase64url(certificate.spki) };
    const again = await server.call("POST", "/v1/cameras", { key: met.key, body });
    expect([again.status, (again.body["enrolment"] as { certificate: string }).certificate]).toEqual([
      200,
      enrolment?.certificate,
    ]);
    expect(await entries("camera-enrolled")).toHaveLength(1);
  });

  it("refuses another key under an id, a taken name, a key of another kind, and an unknown unit", async () => {
    const request = {
      id: formatId(newId()),
      name: `New ${count.toString()}`,
      model: "M",
      spki: await newSpki(),
    };
    const post = (change: object, key = met.key) =>
      server.call("POST", "/v1/cameras", { key, body: { ...request, ...change } });
    expect((await post({ id: camera.id })).body["code"]).toBe("conflict");
    expect((await post({ id: camera.id }, bedfordshire.key)).body["code"]).toBe("conflict");
    expect((await post({ name: `MET-${count.toString()}` })).body["code"]).toBe("conflict");
    for (const spki of [await newSpki("P-384"), "AAAA", "", request.spki.slice(0, 60)]) {
      expect((await post({ spki })).body["code"], spki).toBe("not-processable");
    }
    expect((await post({ boroughId: formatId(newId()) })).body["code"]).toBe("not-processable");
    expect((await post({ teamId: formatId(newId()) })).body["code"]).toBe("not-processable");
    expect((await post({ name: "" })).body["code"]).toBe("request-invalid");
    expect((await post({})).status).toBe(201);
  });

  it("lists cameras and docks of one's own force only", async () => {
    const dock = await TestDock.enrol(server, met, `Dock ${count.toString()}`);
    const listed = await server.call("GET", "/v1/cameras", { key: met.key });
    expect((listed.body["cameras"] as { id: string }[]).map(({ id }) => id)).toContain(camera.id);
    const docks = await server.call("GET", "/v1/docks", { key: met.key });
    expect((docks.body["docks"] as { id: string }[]).map(({ id }) => id)).toContain(dock.id);
    for (const path of ["/v1/cameras", "/v1/docks"]) {
      const foreign = await server.call("GET", path, { key: bedfordshire.key });
      expect(JSON.stringify(foreign.body)).not.toContain(path === "/v1/docks" ? dock.id : camera.id);
    }
    expect((await server.call("GET", `/v1/cameras/${camera.id}`, { key: bedfordshire.key })).status).toBe(
      404,
    );
    expect((await server.call("GET", `/v1/cameras/${camera.id}`)).status).toBe(401);
  });
});

describe("an assignment", () => {
  const assign = (body: object, key = met.key) =>
    server.call("POST", `/v1/cameras/${camera.id}/assignments`, { key, body });

  it("is one at a time, ends, and stands in the ledger at both", async () => {
    const both = await Promise.all([assign({ personId: met.personId }), assign({ personId: met.personId })]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    const { id } = both.find(({ status }) => status === 201)?.body ?? {};
    const shown = await server.call("GET", `/v1/cameras/${camera.id}`, { key: met.key });
    expect(shown.body["assignment"]).toMatchObject({ id, personId: met.personId });
    server.clock.advanceMs(1_000);
    const end = `/v1/cameras/${camera.id}/assignments/${String(id)}/end`;
    const ended = await server.call("POST", end, { key: met.key });
    server.clock.advanceMs(1_000);
    expect((await server.call("POST", end, { key: met.key })).body["endedAt"]).toBe(ended.body["endedAt"]);
    expect((await assign({ personId: met.personId })).status).toBe(201);
    expect(await entries("camera-assigned")).toHaveLength(2);
    expect(await entries("camera-unassigned")).toHaveLength(1);
    const list = await server.call("GET", `/v1/cameras/${camera.id}/assignments`, { key: met.key });
    expect(list.body["assignments"]).toHaveLength(2);
  });

  it("is refused for another force's person, camera or unit, and for a lost camera", async () => {
    expect((await assign({ personId: bedfordshire.personId })).body["code"]).toBe("not-processable");
    expect((await assign({ personId: met.personId }, bedfordshire.key)).body["code"]).toBe("not-found");
    expect((await assign({ personId: met.personId, teamId: formatId(newId()) })).body["code"]).toBe(
      "not-processable",
    );
    expect((await assign({ personId: met.personId, boroughId: formatId(newId()) })).body["code"]).toBe(
      "not-processable",
    );
    await server.call("POST", `/v1/cameras/${camera.id}/lost`, {
      key: met.key,
      body: { circumstances: "x" },
    });
    expect((await assign({ personId: met.personId })).body["code"]).toBe("not-processable");
  });
});

describe("a lost camera", () => {
  it("is revoked, and what it may hold is listed with a clock of 72 hours, once", async () => {
    const dock = await TestDock.enrol(server, met, `Dock ${count.toString()}`);
    const sealed = await camera.film(2);
    const session = (await dock.openSession(camera.id)).body as unknown as DockingSession;
    await camera.dock(dock.id, session);
    const { recording } = await camera.begin();
    await dock.sendJournal(camera.id, 0, camera.segment(0), session);
    const nowMs = server.clock.nowMs();
    const report = () =>
      server.call("POST", `/v1/cameras/${camera.id}/lost`, {
        key: met.key,
        body: { circumstances: "Torn off in a struggle in the High Street." },
      });
    const loss = (await report()).body as unknown as Loss;
    expect(loss.camera.state).toBe("lost");
    expect(loss.breach.notifyBy).toBe(new Date(nowMs + 72 * 3_600_000).toISOString());
    expect(loss.breach.mayHold).toMatchObject([
      { kind: "sealed", recording: sealed.id, number: 1, storedBytes: sealed.storedBytes, receivedBytes: 0 },
      { kind: "unsealed", recording: formatId(recording), number: 2 },
      { kind: "unknown-since", afterSequence: camera.next - 1, lastDockedAt: new Date(nowMs).toISOString() },
    ]);
    server.clock.advanceMs(60_000);
    expect((await report()).body).toEqual(JSON.parse(JSON.stringify(loss)));
    const breaches = await server.call("GET", "/v1/breaches", { key: met.key });
    expect(
      (breaches.body["breaches"] as { cameraId: string }[]).filter((one) => one.cameraId === camera.id),
    ).toHaveLength(1);
    expect((await server.call("GET", "/v1/breaches", { key: bedfordshire.key })).body["breaches"]).toEqual(
      [],
    );
    expect(await entries("camera-lost")).toHaveLength(1);
    const anchor = bytes(camera.enrolment?.enrolment.anchor);
    const certificate = await parseCertificate(bytes(camera.enrolment?.enrolment.certificate));
    const list = await readRevocationList(await publicBytes("revoked.crl"), anchor);
    expect(list?.revocations).toContainEqual({ serial: certificate.serial, revokedAtMs: nowMs });
  });

  it("that never docked may hold anything", async () => {
    const answer = await server.call("POST", `/v1/cameras/${camera.id}/lost`, {
      key: met.key,
      body: { circumstances: "Not in its locker." },
    });
    expect((answer.body as unknown as Loss).breach.mayHold).toMatchObject([
      { kind: "unknown-since", afterSequence: null, lastDockedAt: null },
    ]);
    const foreign = await server.call("POST", `/v1/cameras/${camera.id}/lost`, {
      key: bedfordshire.key,
      body: { circumstances: "x" },
    });
    expect(foreign.status).toBe(404);
  });
});

describe("what anybody may have", () => {
  it("is the anchor, the ingest key, the revocation list and the ledger's key", async () => {
    const [anchor] = decodePem("CERTIFICATE", new TextDecoder().decode(await publicBytes("anchor.pem")));
    expect(anchor && toBase64url(anchor)).toBe(camera.enrolment?.enrolment.anchor);
    expect(toBase64url(await publicBytes("ingest-key"))).toBe(camera.enrolment?.enrolment.ingestKey);
    const vkey = new TextDecoder().decode(await publicBytes("ledger.vkey")).trim();
    expect(vkey).toBe(camera.enrolment?.enrolment.ledgerVerifierKey);
    expect((await fetch(`${server.url}/v1/forces/${formatId(newId())}/anchor.pem`)).status).toBe(404);
    expect((await fetch(`${server.url}/v1/forces/no/anchor.pem`)).status).toBe(400);
  });

  it("signs the revocation list once until something changes, with a number that grows", async () => {
    const first = await publicBytes("revoked.crl");
    expect(Buffer.compare(await publicBytes("revoked.crl"), first)).toBe(0);
    await server.call("POST", `/v1/cameras/${camera.id}/lost`, {
      key: met.key,
      body: { circumstances: "x" },
    });
    expect(Buffer.compare(await publicBytes("revoked.crl"), first)).not.toBe(0);
    const row = () =>
      server.test.asAdministrator("select number from sworn.revocation_list where force_id = $1", [
        met.forceId,
      ]);
    const [before] = await row();
    server.clock.advanceMs(25 * 3_600_000);
    await publicBytes("revoked.crl");
    const [after] = await row();
    expect(Number(after?.["number"])).toBe(Number(before?.["number"]) + 1);
  });
});

describe("findings", () => {
  it("are listed by page, resolved with a reason once, and seen by their force only", async () => {
    const dock = await TestDock.enrol(server, met, `Dock ${count.toString()}`);
    await camera.add({ kind: "resumed", body: { recording: newId(), atMs: 1 } });
    const session = (await dock.openSession(camera.id)).body as unknown as DockingSession;
    await dock.sendJournal(camera.id, 0, camera.segment(0), session);
    const list = async (query: string, key = met.key) =>
      (await server.call("GET", `/v1/findings?camera=${camera.id}${query}`, { key })).body["findings"] as {
        id: string;
        resolvedAt: string | null;
      }[];
    const [finding] = await list("&kind=journal-transition");
    expect(await list("", bedfordshire.key)).toEqual([]);
    const path = `/v1/findings/${finding?.id ?? ""}/resolve`;
    expect((await server.call("POST", path, { key: bedfordshire.key, body: { reason: "x" } })).status).toBe(
      404,
    );
    expect((await server.call("POST", path, { key: met.key, body: { reason: " " } })).status).toBe(400);
    const resolved = await server.call("POST", path, {
      key: met.key,
      body: { reason: "A test of the firmware." },
    });
    expect(resolved.body).toMatchObject({ id: finding?.id, resolvedBy: met.personId });
    server.clock.advanceMs(1_000);
    const again = await server.call("POST", path, { key: met.key, body: { reason: "Another." } });
    expect(again.body["resolvedAt"]).toBe(resolved.body["resolvedAt"]);
    expect(await entries("finding-resolved")).toHaveLength(1);
    expect(await list("")).toEqual([]);
    expect(await list("&resolved=true")).toHaveLength(1);
    expect(await list(`&resolved=true&after=${finding?.id ?? ""}`)).toEqual([]);
  });
});
