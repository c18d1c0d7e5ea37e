// The dock against a real server: from the camera's place in the dock to its freed memory, whatever breaks in between.
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  dockCamera,
  dockCameras,
  enrolDock,
  openDock,
  streamRequests,
  type DockIdentity,
  type DockOptions,
  type DockProgress,
} from "@sworn/dock";
import { startDockingServer, type DockingServer, type Founded } from "./docking-server.ts";
import { TestCamera } from "./test-camera.ts";
import { TestDockable } from "./test-dockable.ts";
import { TestIngest } from "./test-ingest.ts";

let server: DockingServer;
let met: Founded;
let identity: DockIdentity;
let folder: string;
let ingest: TestIngest;
let count = 0;
const requests = streamRequests();
const progress: DockProgress[] = [];

beforeAll(async () => {
  ingest = new TestIngest();
  server = await startDockingServer((ports, access) => [ingest.routes(ports, access)]);
  met = await server.found("met");
  folder = await mkdtemp(join(tmpdir(), "sworn-dock-"));
  identity = await enrolDock({
    folder: join(folder, "dock"),
    server: server.url,
    apiKey: met.key,
    name: "Camden",
  });
});
afterAll(async () => {
  requests.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  ingest.cutEveryBytes = null;
  ingest.laterTimes = 0;
  ingest.patches = 0;
  progress.length = 0;
});

function options(change: Partial<DockOptions> = {}): DockOptions {
  return {
    server: server.url,
    identity,
    clock: server.clock,
    send: requests.send,
    onProgress: (step) => progress.push(step),
    wait: async (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 20_000) / 100)),
    idleWaitMs: 1_000_000,
    ...change,
  };
}

async function newCamera(films: readonly number[]): Promise<{ test: TestCamera; camera: TestDockable }> {
  count += 1;
  const test = await TestCamera.enrol(server, met, `MET-${count.toString()}`);
  const camera = new TestDockable(server, test);
  for (const fragments of films) await camera.film(fragments);
  await camera.refreshHead();
  return { test, camera };
}
const rows = (sql: string, camera: TestCamera) => server.test.asAdministrator(sql, [camera.id]);

describe("the dock", () => {
  it("keeps its key to itself, enrols once, and finishes an enrolment that broke off", async () => {
    for (const name of ["dock.key", "dock.crt"]) {
      expect((await stat(join(folder, "dock", name))).mode & 0o077, name).toBe(0);
    }
    expect((await openDock(join(folder, "dock"))).id).toBe(identity.id);
    await rm(join(folder, "dock", "dock.crt"));
    await expect(openDock(join(folder, "dock"))).rejects.toMatchObject({ code: "identity-missing" });
    const again = await enrolDock({
      folder: join(folder, "dock"),
      server: server.url,
      apiKey: met.key,
      name: "x",
    });
    expect([again.id, again.key.keyId]).toEqual([identity.id, identity.key.keyId]);
  });

  it("brings journal and media, frees against receipts, tells the server, and prunes what was accepted", async () => {
    const { test, camera } = await newCamera([3, 2]);
    const [first, second] = camera.held.map(({ filmed }) => filmed);
    const media = [...camera.media.values()].map((bytes) => Buffer.from(bytes));
    ingest.laterTimes = 2;
    const report = await dockCamera(camera, options());
    expect(report.recordings.map(({ number, outcome }) => [number, outcome])).toEqual([
      [1, { kind: "freed", verdict: "verified" }],
      [2, { kind: "freed", verdict: "verified" }],
    ]);
    expect(report).toMatchObject({ findings: [], missing: [] });
    expect(ingest.uploads.get(first?.id ?? "")?.bytes.equals(media[0] ?? Buffer.alloc(0))).toBe(true);
    expect(ingest.uploads.get(second?.id ?? "")?.bytes.equals(media[1] ?? Buffer.alloc(0))).toBe(true);
    expect(camera.held).toEqual([]);
    expect(camera.prunedThrough).toBe(test.next - 2);
    expect(await rows("select * from sworn.freed_recording where camera_id = $1", test)).toHaveLength(2);
    const uploads = progress
      .filter((step) => step.kind === "upload")
      .map((step) => [step.number, step.sentBytes]);
    expect(uploads.at(-1)).toEqual([2, second?.storedBytes]);
    const again = await dockCamera(camera, options());
    expect(again).toMatchObject({ recordings: [], findings: [], missing: [] });
  });

  it("resumes where the link broke off, again and again", async () => {
    const { test, camera } = await newCamera([]);
    test.fragmentBytes = 300_000;
    await camera.film(4);
    await camera.refreshHead();
    const [filmed] = camera.held.map((one) => one.filmed);
    const media = Buffer.from(camera.media.get(1) ?? new Uint8Array());
    ingest.cutEveryBytes = 1;
    const report = await dockCamera(camera, options());
    expect(report.recordings[0]?.outcome).toEqual({ kind: "freed", verdict: "verified" });
    expect(ingest.patches).toBeGreaterThan(4);
    expect(ingest.uploads.get(filmed?.id ?? "")?.bytes.equals(media)).toBe(true);
  });

  it("asks only for the receipt of what the server has already", async () => {
    const { camera } = await newCamera([2]);
    const kept = [...camera.held];
    const media = camera.media.get(1) ?? new Uint8Array();
    ingest.laterTimes = 1_000_000;
    const first = await dockCamera(camera, options({ receiptWaitMs: 200 }));
    expect(first.recordings[0]?.outcome).toEqual({ kind: "awaiting-receipt" });
    expect(camera.held).toEqual(kept);
    expect(camera.media.get(1)).toBe(media);
    ingest.laterTimes = 0;
    const { patches } = ingest;
    const second = await dockCamera(camera, options());
    expect(second.recordings[0]?.outcome).toEqual({ kind: "freed", verdict: "verified" });
    expect(ingest.patches).toBe(patches);
  });

  it("leaves on the camera what is quarantined", async () => {
    const { camera } = await newCamera([2]);
    ingest.quarantined.add(camera.held[0]?.filmed.id ?? "");
    const report = await dockCamera(camera, options());
    expect(report.recordings[0]?.outcome.kind).toBe("quarantined");
    expect(camera.held).toHaveLength(1);
  });

  it("sets the camera's clock by the server's, whatever its own says, and says how well it knows it", async () => {
    const { test, camera } = await newCamera([1]);
    test.clockOffMs = -5e11;
    const dockClock = { nowMs: () => server.clock.nowMs() + 3 * 3_600_000 };
    const report = await dockCamera(camera, options({ clock: dockClock }));
    expect(report.clock.offsetMs).toBe(-3 * 3_600_000);
    const [set] = camera.clockSets;
    expect(Math.abs((set?.timeMs ?? 0) - server.clock.nowMs())).toBeLessThanOrEqual(set?.errorMs ?? 0);
    expect(report.recordings[0]?.outcome).toEqual({ kind: "freed", verdict: "verified" });
  });

  it("bounds the clock's error by the round trip", async () => {
    const { camera } = await newCamera([]);
    let askedAt = 0;
    // Each look at the clock is 40 ms later than the one before: the way there and back.
    const dockClock = { nowMs: () => server.clock.nowMs() + 40 * askedAt++ };
    const report = await dockCamera(camera, options({ clock: dockClock }));
    expect(report.clock.errorMs).toBeGreaterThanOrEqual(20);
    const trueOffsetMs = -40;
    expect(Math.abs(report.clock.offsetMs - trueOffsetMs)).toBeLessThanOrEqual(report.clock.errorMs);
  });

  it("names what the camera sealed and has no longer", async () => {
    const { camera } = await newCamera([1, 1]);
    const [lost] = camera.held.splice(0, 1);
    const report = await dockCamera(camera, options());
    expect(report.missing).toEqual([{ recording: lost?.filmed.id, number: 1 }]);
  });

  it("docks several at once, and one that fails stops no other", async () => {
    const broken = await newCamera([1, 1]);
    const cameras = [await newCamera([2]), broken, await newCamera([3])];
    await server.call("POST", `/v1/cameras/${broken.test.id}/lost`, {
      key: met.key,
      body: { circumstances: "Found in a gutter." },
    });
    const outcomes = await dockCameras(
      cameras.map(({ camera }) => camera),
      { ...options(), atOnce: 2 },
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(["docked", "failed", "docked"]);
    expect(outcomes[1]).toMatchObject({ error: { code: "device-refused" } });
    expect(broken.camera.held).toHaveLength(2);
  });

  it("takes no footage from a camera whose journal the server refuses", async () => {
    const { test, camera } = await newCamera([2]);
    await dockCamera(camera, options());
    test.forget(4);
    await test.relink();
    camera.prunedThrough = -1;
    await camera.film(1);
    await camera.refreshHead();
    await expect(dockCamera(camera, options())).rejects.toMatchObject({ code: "journal-refused" });
    expect(camera.held).toHaveLength(1);
    const forks = await rows(
      "select 1 from sworn.finding where camera_id = $1 and kind = 'journal-fork'",
      test,
    );
    expect(forks.length).toBeGreaterThan(0);
  });

  it("says that the server cannot be reached, and changes nothing", async () => {
    const { camera } = await newCamera([1]);
    const gone = dockCamera(camera, options({ server: "http://127.0.0.1:9" }));
    await expect(gone).rejects.toMatchObject({ code: "unreachable" });
    expect(camera.held).toHaveLength(1);
  });
});
