// What a journal promised and what did not come is named once, with a ledger entry, and resolved when it turns up.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CameraId, DockingSession, ForceId, RecordingId } from "@sworn/contract";
import { resolveMissing, sweepMissing, tellMissing } from "../../src/findings/index.ts";
import { withForce } from "../../src/platform/database/database.ts";
import { startDockingServer, type DockingServer, type Founded } from "../docking/docking-server.ts";
import { TestCamera } from "../docking/test-camera.ts";
import { TestDock } from "../docking/test-dock.ts";

const dayMs = 86_400_000;
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
});

const actor = () => ({ forceId: met.forceId as ForceId, personId: null });
const sweep = (missingAfterDays = 3) =>
  sweepMissing({ ...server.ports, missingAfterDays }, met.forceId as ForceId);
const findings = async (resolved = false) => {
  const answer = await server.call(
    "GET",
    `/v1/findings?kind=missing&camera=${camera.id}&resolved=${String(resolved)}`,
    {
      key: met.key,
    },
  );
  return answer.body["findings"] as Record<string, unknown>[];
};
const entries = async () => {
  const rows = await server.test.asAdministrator(
    "select event from sworn.ledger_entry where camera_id = $1 and recording_id is not null order by id",
    [camera.id],
  );
  return rows.map((row) => row["event"]);
};

/** Films one recording, docks, and sends the journal only. */
async function promise(): Promise<RecordingId> {
  const filmed = await camera.film(2);
  const session = (await dock.openSession(camera.id)).body as unknown as DockingSession;
  await camera.dock(dock.id, session);
  expect((await dock.sendJournal(camera.id, 0, camera.segment(0), session)).status).toBe(200);
  return filmed.id as RecordingId;
}

/** As evidence collects it, as far as its row goes. */
async function collect(id: RecordingId): Promise<void> {
  await withForce(server.ports.database, actor(), async (tx) => {
    await tx
      .updateTable("recording")
      .set({ state: "collected", verdict: "verified", received_at: new Date(server.clock.nowMs()) })
      .where("id", "=", id)
      .execute();
    await resolveMissing(server.ports, tx, id, "It was collected as verified.");
  });
}

describe("the sweep", () => {
  it("names what is overdue, once, with an entry, and not before", async () => {
    const id = await promise();
    expect(await sweep()).toBe(0);
    server.clock.advanceMs(3 * dayMs - 1);
    expect(await sweep()).toBe(0);
    server.clock.advanceMs(2);
    expect([await sweep(), await sweep()]).toEqual([1, 0]);
    expect(await findings()).toMatchObject([
      {
        ...{ kind: "missing", cameraId: camera.id, recordingId: id, subject: "number:1", resolvedAt: null },
        detail: { number: 1, cause: "overdue", isSealed: true, receivedBytes: 0, isQuarantined: false },
      },
    ]);
    expect(await entries()).toEqual(["recording-missing"]);
  });

  it("names what a lost camera has at once, and each of two forces' own", async () => {
    const id = await promise();
    const lost = await server.call("POST", `/v1/cameras/${camera.id}/lost`, {
      key: met.key,
      body: { circumstances: "Fell into the canal at Camden Lock." },
    });
    expect(lost.status, JSON.stringify(lost.body)).toBe(200);
    const other = await server.found(`other-${cameras.toString()}`);
    const given = { ...server.ports, missingAfterDays: 3 };
    expect(await sweepMissing(given, other.forceId as ForceId)).toBe(0);
    expect(await sweep()).toBe(1);
    expect(await findings()).toMatchObject([{ recordingId: id, detail: { cause: "camera-lost" } }]);
  });

  it("leaves what is collected, and resolves a finding when its recording turns up", async () => {
    const id = await promise();
    server.clock.advanceMs(4 * dayMs);
    expect(await sweep()).toBe(1);
    await collect(id);
    expect(await findings()).toEqual([]);
    expect(await findings(true)).toMatchObject([{ recordingId: id, resolvedBy: null }]);
    expect(await entries()).toEqual(["recording-missing", "finding-resolved"]);
    server.clock.advanceMs(40 * dayMs);
    expect(await sweep()).toBe(0);
  });

  it("does not tell again what a person resolved", async () => {
    await promise();
    server.clock.advanceMs(4 * dayMs);
    await sweep();
    const [finding] = await findings();
    const resolved = await server.call("POST", `/v1/findings/${String(finding?.["id"])}/resolve`, {
      key: met.key,
      body: { reason: "The memory burnt with the car." },
    });
    expect(resolved.status).toBe(200);
    expect(await sweep()).toBe(0);
    expect(await findings()).toEqual([]);
  });

  it("waits for who collects at the same moment, and then names nothing", async () => {
    const id = await promise();
    let told: Promise<string> | undefined;
    await withForce(server.ports.database, actor(), async (tx) => {
      await tx.selectFrom("recording").select("id").where("id", "=", id).forUpdate().execute();
      const missing = {
        cameraId: camera.id as CameraId,
        recordingId: id,
        number: 1,
        cause: "overdue",
        detail: {},
      } as const;
      told = withForce(server.ports.database, actor(), (other) => tellMissing(server.ports, other, missing));
      await new Promise((resolve) => setTimeout(resolve, 100));
      await tx
        .updateTable("recording")
        .set({ state: "collected", verdict: "verified", received_at: new Date(server.clock.nowMs()) })
        .where("id", "=", id)
        .execute();
      await resolveMissing(server.ports, tx, id, "It was collected as verified.");
    });
    expect(await told).toBe("collected");
    expect([await findings(), await findings(true)]).toEqual([[], []]);
  });
});
