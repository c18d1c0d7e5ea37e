// Whatever a stranger or a broken dock sends, the answer is a problem, never a fault of the server.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DockingSession } from "@sworn/contract";
import { ReplayGuard } from "../../src/docking/replay-guard.ts";
import { verifyDockSignature } from "../../src/docking/verify-signature.ts";
import { startDockingServer, type DockingServer, type Founded } from "./docking-server.ts";
import { TestCamera } from "./test-camera.ts";
import { TestDock } from "./test-dock.ts";

let server: DockingServer;
let met: Founded;
let dock: TestDock;
let camera: TestCamera;

beforeAll(async () => {
  server = await startDockingServer();
  met = await server.found("met");
  dock = await TestDock.enrol(server, met, "Camden");
  camera = await TestCamera.enrol(server, met, "MET-1");
  await camera.film(3);
});
afterAll(() => server.stop());

const headerText = fc.string({
  unit: fc.constantFrom(...Array.from('abz09"@-();=:,?*/+ \\.')),
  maxLength: 200,
});

function mutate(text: string, at: number, by: string): string {
  const position = text.length === 0 ? 0 : at % text.length;
  return text.slice(0, position) + by + text.slice(position + 1);
}

describe("fuzzed", () => {
  it("signature headers never make the verifier throw, nor pass", async () => {
    await fc.assert(
      fc.asyncProperty(headerText, headerText, headerText, async (input, signature, target) => {
        const headers = { "signature-input": input, signature, "sworn-session": "x", "content-length": "0" };
        const verdict = await verifyDockSignature(
          { method: "GET", target: `/${target}`, headers },
          async () => null,
        );
        expect(verdict.kind).toBe("invalid");
      }),
      { numRuns: 500 },
    );
  });

  it("changed signatures of a real request never pass and never fault", async () => {
    const key = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
      "sign",
      "verify",
    ]);
    const spki = new Uint8Array(await crypto.subtle.exportKey("spki", key.publicKey));
    const signed = await dock.signed("GET", "/v1/test/opened?a=b", { headers: { "upload-offset": "7" } });
    const name = fc.constantFrom("signature", "signature-input", "upload-offset");
    const byte = fc.string({ unit: "grapheme-ascii", maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(name, fc.nat(), byte, async (which, at, by) => {
        const headers = { ...signed, [which]: mutate(signed[which] ?? "", at, by) };
        const request = { method: "GET", target: "/v1/test/opened?a=b", headers };
        expect((await verifyDockSignature(request, async () => spki)).kind).toBe("invalid");
      }),
      { numRuns: 500 },
    );
  });

  it("requests over HTTP never get a 5xx", async () => {
    const signed = await dock.signed("POST", "/v1/docking-sessions", { body: "{}" });
    const names = Object.keys(signed);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.nat(),
        headerText,
        fc.json(),
        async (which, at, by, body) => {
          const headers = { ...signed, [which]: mutate(signed[which] ?? "", at, by.trim()) };
          if (which === "content-type") headers["content-type"] = "application/json";
          const answer = await dock.sendWith("POST", "/v1/docking-sessions", headers, body);
          expect(answer.status).toBeGreaterThanOrEqual(400);
          expect(answer.status).toBeLessThan(500);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("session bodies never get a 5xx", async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (body) => {
        const answer = await dock.send("POST", "/v1/docking-sessions", { body });
        expect([400, 404, 415]).toContain(answer.status);
      }),
      { numRuns: 60 },
    );
  });

  it("an entry whose kind holds a NUL is told as a finding, which a text of the database cannot hold as it is", async () => {
    const session = (await dock.openSession(camera.id)).body as unknown as DockingSession;
    const whole = Buffer.from(camera.segment(0));
    // The name of the last entry's kind stands right behind its key.
    const at = whole.lastIndexOf(Buffer.from("kind")) + "kind".length + 1;
    const segment = new Uint8Array(whole);
    segment[at] = 0;
    const answer = await dock.sendJournal(camera.id, 0, segment, session);
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    expect(answer.body["findings"]).not.toEqual([]);
  });

  it("journals, arbitrary and mutated from a real one, never get a 5xx and never change what is accepted wrongly", async () => {
    const session = (await dock.openSession(camera.id)).body as unknown as DockingSession;
    const whole = camera.segment(0);
    const mutated = fc
      .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
      .map((changes) => {
        const copy = new Uint8Array(whole);
        for (const [at, value] of changes) copy[at] = value;
        return copy;
      });
    const cut = fc.nat(whole.length - 1).map((length) => whole.slice(0, length));
    const bytes = fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 300 }), mutated, cut);
    await fc.assert(
      fc.asyncProperty(bytes, async (segment) => {
        const answer = await dock.sendJournal(camera.id, 0, segment, session);
        expect([200, 415, 422, 429], JSON.stringify(answer.body)).toContain(answer.status);
      }),
      { numRuns: 120 },
    );
    await server.test.asAdministrator(
      "update sworn.finding set resolved_at = now() where resolved_at is null",
    );
    const answer = await dock.sendJournal(camera.id, 0, whole, session);
    expect(answer.body["head"]).toEqual(await camera.head());
  });
});

describe("the replay guard", () => {
  it("remembers for the window, forgets after it, and refuses rather than forgets when it is full", () => {
    const guard = new ReplayGuard(1_000, 2);
    expect([guard.take("a", 0), guard.take("a", 1_000), guard.take("b", 500)]).toEqual([
      "new",
      "replayed",
      "new",
    ]);
    expect([guard.take("c", 900), guard.take("c", 1_001), guard.take("a", 1_002)]).toEqual([
      "full",
      "new",
      "full",
    ]);
    expect([guard.take("b", 400), guard.take("c", -1e9)]).toEqual(["replayed", "replayed"]);
  });
});
