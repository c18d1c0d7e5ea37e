// The headless camera, with the real encoder, in the real dock, at the real server: what it journals is accepted whole.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createCamera, installCertificate, openCamera, type MachineClock } from "@sworn/camera";
import { fromBase64url, toBase64url, type CameraEnrolment } from "@sworn/contract";
import { formatId, newId, parseId } from "@sworn/custody";
import { dockCamera, enrolDock, streamRequests } from "@sworn/dock";
import { startDockingServer, type DockingServer, type Founded } from "./docking-server.ts";
import { TestIngest } from "./test-ingest.ts";

let server: DockingServer;
let met: Founded;
let folder: string;
const ingest = new TestIngest();
const requests = streamRequests();

beforeAll(async () => {
  server = await startDockingServer((ports, access) => [ingest.routes(ports, access)]);
  met = await server.found("met");
  folder = await mkdtemp(join(tmpdir(), "sworn-headless-"));
});
afterAll(async () => {
  requests.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const bytes = (text: string): Uint8Array => fromBase64url(text) ?? new Uint8Array();

it("records, docks, is freed, forgets, and docks again without a finding", async () => {
  const startedMs = performance.now();
  // A clock that is two hours off and runs on.
  const clock: MachineClock = {
    wallMs: () => server.clock.nowMs() - 7_200_000,
    monotonicMs: () => Math.round(performance.now() - startedMs),
  };
  const cameraFolder = join(folder, "camera");
  const { spki } = await createCamera(cameraFolder);
  const id = formatId(newId());
  const body = { id, name: "MET-1", model: "headless", spki: toBase64url(spki) };
  const answer = await server.call("POST", "/v1/cameras", { key: met.key, body });
  const { enrolment } = answer.body as unknown as CameraEnrolment;
  await installCertificate(
    cameraFolder,
    {
      certificate: bytes(enrolment.certificate),
      anchor: bytes(enrolment.anchor),
      service: bytes(enrolment.service),
      ingestKey: bytes(enrolment.ingestKey),
    },
    { model: "headless", clock },
  );
  const person = { personId: met.personId };
  const assigned = await server.call("POST", `/v1/cameras/${id}/assignments`, { key: met.key, body: person });
  const identity = await enrolDock({
    folder: join(folder, "dock"),
    server: server.url,
    apiKey: met.key,
    name: "Camden",
  });
  const camera = await openCamera(cameraFolder, { clock, pulseEveryMs: null });
  try {
    await camera.powerOn();
    await camera.assign(parseId(String(assigned.body["id"])), {
      officer: "A. Administrator",
      borough: "Camden",
    });
    const filming = { source: { kind: "scene", seed: "s" }, pace: "as-fast" } as const;
    const sealed = await camera.record({ filming, durationMs: 4_000, prerecordMs: 2_000 });
    const keys: Uint8Array[] = [];
    const options = {
      server: server.url,
      identity,
      clock: server.clock,
      send: requests.send,
      onIngestKey: async (_camera: string, statement: Uint8Array) => void keys.push(statement),
    };
    const report = await dockCamera(camera.dock, options);
    expect(report).toMatchObject({ camera: id, findings: [], missing: [] });
    expect(report.recordings).toMatchObject([{ number: 1, outcome: { kind: "freed", verdict: "verified" } }]);
    expect(toBase64url(keys[0] ?? new Uint8Array())).toBe(enrolment.ingestKey);
    const [row] = await server.test.asAdministrator("select * from sworn.recording where camera_id = $1", [
      id,
    ]);
    expect(row).toMatchObject({ officer_id: met.personId, seal_reason: "stopped", clock: "dock" });
    expect(sealed).toBeDefined();
    expect(camera.dock.firstSequence()).toBeGreaterThan(0);
    const again = await dockCamera(camera.dock, options);
    expect(again).toMatchObject({ recordings: [], findings: [], missing: [] });
  } finally {
    await camera.close();
  }
}, 120_000);
