// Dock requests over HTTP: only a dock in service, at about this time, once, within its own session, is listened to.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { DockingSession } from "@sworn/contract";
import { SIGNATURE_WINDOW_MS } from "../../src/docking/check-dock-request.ts";
import { startDockingServer, type DockingServer, type Founded } from "./docking-server.ts";
import { TestCamera } from "./test-camera.ts";
import { TestDock } from "./test-dock.ts";

let server: DockingServer;
let met: Founded;
let bedfordshire: Founded;
let dock: TestDock;
let camera: TestCamera;
let count = 0;

beforeAll(async () => {
  server = await startDockingServer();
  met = await server.found("met");
  bedfordshire = await server.found("bedfordshire");
  dock = await TestDock.enrol(server, met, "Camden");
});
afterAll(() => server.stop());
beforeEach(async () => {
  count += 1;
  camera = await TestCamera.enrol(server, met, `MET-${count.toString()}`);
});

async function opened(of = camera, by = dock): Promise<DockingSession> {
  const session = (await by.openSession(of.id)).body as unknown as DockingSession;
  const from = of.next;
  await of.dock(by.id, session);
  const answer = await by.sendJournal(
    of.id,
    session.head === null ? 0 : from,
    of.segment(session.head === null ? 0 : from),
    session,
  );
  expect(answer.body["opened"]).toBe(true);
  return session;
}
const codeOf = (answer: { status: number; body: Record<string, unknown> }) => [
  answer.status,
  answer.body["code"],
];
const path = "/v1/test/opened";

describe("a dock's signature", () => {
  it("is needed, and lets its dock in", async () => {
    const session = await opened();
    const answer = await dock.send("GET", path, { session });
    expect([answer.status, answer.body]).toEqual([200, { dock: dock.id, session: session.session }]);
    const bare = await server.call("GET", path);
    expect(codeOf(bare)).toEqual([401, "signature-missing"]);
    expect(bare.headers.get("www-authenticate")).toContain("Signature");
  });

  it("fits one method, path, query, session, length and offset only", async () => {
    const session = await opened();
    const other = await opened(await TestCamera.enrol(server, met, `MET-x${count.toString()}`));
    const headers = { "upload-offset": "0" };
    const patch = {
      body: new Uint8Array([1, 2, 3]),
      contentType: "application/offset+octet-stream",
      headers,
      session,
    };
    expect((await dock.send("PATCH", path, patch)).status).toBe(200);
    const changed: Record<string, string>[] = [
      { "upload-offset": "5" },
      { "upload-length": "5" },
      { "upload-metadata": "camera YQ==" },
      { "sworn-session": other.session },
    ];
    for (const change of changed) {
      const answer = await dock.send("PATCH", path, {
        ...patch,
        tamper: (signed) => ({ ...signed, ...change }),
      });
      expect(codeOf(answer), JSON.stringify(change)).toEqual([401, "signature-invalid"]);
    }
    const signed = await dock.signed("PATCH", path, patch);
    expect(codeOf(await dock.sendWith("PATCH", path, signed, new Uint8Array(4)))).toEqual([
      401,
      "signature-invalid",
    ]);
    const forGet = await dock.signed("GET", path, { session });
    expect(codeOf(await dock.sendWith("GET", `${path}?x=1`, forGet))).toEqual([401, "signature-invalid"]);
    expect(codeOf(await dock.sendWith("PATCH", path, forGet, new Uint8Array(0)))).toEqual([
      401,
      "signature-invalid",
    ]);
  });

  it("counts once, whichever of its two forms is sent", async () => {
    const session = await opened();
    const signed = await dock.signed("GET", path, { session });
    expect((await dock.sendWith("GET", path, signed)).status).toBe(200);
    expect(codeOf(await dock.sendWith("GET", path, signed))).toEqual([401, "signature-replayed"]);
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const [label = "", encoded = ""] = (signed["signature"] ?? "").split(/=:|:$/);
    const bytes = Buffer.from(encoded, "base64");
    const s = order - BigInt(`0x${bytes.subarray(32).toString("hex")}`);
    const twin = Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, "0"), "hex")]);
    const malleated = { ...signed, signature: `${label}=:${twin.toString("base64")}:` };
    expect(codeOf(await dock.sendWith("GET", path, malleated))).toEqual([401, "signature-replayed"]);
  });

  it("is refused when the dock's clock is more than five minutes off, and tells the server's", async () => {
    const session = await opened();
    const nowMs = server.clock.nowMs();
    for (const off of [-SIGNATURE_WINDOW_MS - 1_000, SIGNATURE_WINDOW_MS + 1_000]) {
      const answer = await dock.send("GET", path, { session, nowMs: nowMs + off });
      expect(codeOf(answer)).toEqual([401, "signature-untimely"]);
      expect(answer.headers.get("sworn-time")).toBe(nowMs.toString());
    }
    expect((await dock.send("GET", path, { session, nowMs: nowMs + SIGNATURE_WINDOW_MS })).status).toBe(200);
  });

  it("is refused when forged, by an unknown key, without what it must cover, or twice in one request", async () => {
    const session = await opened();
    const other = await TestDock.enrol(server, met, `Dock ${count.toString()}`);
    const signed = await dock.signed("GET", path, { session });
    const byOther = await other.signed("GET", path, { session });
    const forgeries: Record<string, string>[] = [
      { ...signed, signature: byOther["signature"] ?? "" },
      {
        ...signed,
        "signature-input": (signed["signature-input"] ?? "").replace(dock.key.keyId, other.key.keyId),
      },
      {
        ...signed,
        "signature-input": (signed["signature-input"] ?? "").replace(dock.key.keyId, "0".repeat(64)),
      },
      { ...signed, "signature-input": (signed["signature-input"] ?? "").replace('"@path" ', "") },
      {
        ...signed,
        "signature-input": (signed["signature-input"] ?? "").replace('"sworn-session"', '"host"'),
      },
      { ...signed, "signature-input": `${signed["signature-input"] ?? ""}, b=("@method");created=1` },
      { ...signed, "signature-input": "" },
      { ...signed, signature: `${signed["signature"] ?? ""}, ${byOther["signature"] ?? ""}` },
      { ...signed, "signature-input": `${signed["signature-input"] ?? ""};expires=1` },
      {
        ...signed,
        "signature-input": (signed["signature-input"] ?? "").replace("ecdsa-p256-sha256", "hmac-sha256"),
      },
    ];
    for (const headers of forgeries) {
      expect(codeOf(await dock.sendWith("GET", path, headers)), JSON.stringify(headers)).toEqual([
        401,
        "signature-invalid",
      ]);
    }
    expect((await dock.sendWith("GET", path, signed)).status).toBe(200);
  });

  it("works within its own session only: not another dock's, not with another nonce, not after it ended", async () => {
    const session = await opened();
    const other = await TestDock.enrol(server, met, `Dock ${count.toString()}`);
    expect(codeOf(await other.send("GET", path, { session }))).toEqual([403, "session-invalid"]);
    const forged = { ...session, nonce: Buffer.alloc(32).toString("base64url") };
    expect(codeOf(await dock.send("GET", path, { session: forged }))).toEqual([403, "session-invalid"]);
    expect(codeOf(await dock.send("GET", path))).toEqual([403, "session-invalid"]);
    const next = await opened(camera, other);
    expect(codeOf(await dock.send("GET", path, { session }))).toEqual([403, "session-invalid"]);
    server.clock.advanceMs(13 * 3_600_000);
    expect(codeOf(await other.send("GET", path, { session: next }))).toEqual([403, "session-invalid"]);
  });

  it("opens nothing before the camera has shown itself, nor for another camera", async () => {
    const session = (await dock.openSession(camera.id)).body as unknown as DockingSession;
    expect(codeOf(await dock.send("GET", path, { session }))).toEqual([403, "session-invalid"]);
    const other = await TestCamera.enrol(server, met, `MET-y${count.toString()}`);
    const answer = await dock.sendJournal(other.id, 0, other.segment(0), session);
    expect(codeOf(answer)).toEqual([403, "session-invalid"]);
  });

  it("of another force's dock finds no camera of this one", async () => {
    const foreign = await TestDock.enrol(server, bedfordshire, `Bedford ${count.toString()}`);
    expect(codeOf(await foreign.openSession(camera.id))).toEqual([404, "not-found"]);
    const session = await opened();
    expect(codeOf(await foreign.send("GET", path, { session }))).toEqual([403, "session-invalid"]);
  });

  it("of a retired dock is refused, and a lost camera opens no session and loses the one it has", async () => {
    const retired = await TestDock.enrol(server, met, `Old ${count.toString()}`);
    const answer = await server.call("POST", `/v1/docks/${retired.id}/retire`, { key: met.key });
    expect(answer.body["state"]).toBe("retired");
    expect(codeOf(await retired.openSession(camera.id))).toEqual([403, "device-refused"]);
    const session = await opened();
    const body = { circumstances: "Lost in a pursuit." };
    expect((await server.call("POST", `/v1/cameras/${camera.id}/lost`, { key: met.key, body })).status).toBe(
      200,
    );
    expect(codeOf(await dock.openSession(camera.id))).toEqual([403, "device-refused"]);
    expect(codeOf(await dock.send("GET", path, { session }))).toEqual([403, "device-refused"]);
  });

  it("is refused without a length, which it would have to cover", async () => {
    const session = await opened();
    const signed = await dock.signed("PATCH", path, { session, headers: { "upload-offset": "0" } });
    const chunked = new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array(3));
        controller.close();
      },
    });
    const headers = { ...signed, "content-type": "application/offset+octet-stream" };
    delete (headers as Record<string, string>)["content-length"];
    const request = { method: "PATCH", headers, body: chunked, duplex: "half" } as RequestInit;
    const answer = await fetch(server.url + path, request);
    expect(answer.status).toBe(411);
    expect(((await answer.json()) as Record<string, unknown>)["code"]).toBe("length-required");
  });
});
