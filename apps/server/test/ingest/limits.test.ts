// What ingest takes at most: bytes under way, and bytes that wait for a person. Above either the sender is told, nothing
// is lost, and it goes on when there is room.
import { afterEach, expect, it } from "vitest";
import { nodeStoreFs, type StoreFs } from "@sworn/vault";
import type { Founded } from "../docking/docking-server.ts";
import { TestCamera } from "../docking/test-camera.ts";
import { TestDock } from "../docking/test-dock.ts";
import { Docked, film } from "./fake-camera.ts";
import { startIngestServer, type IngestServer } from "./ingest-server.ts";

let server: IngestServer;
afterEach(() => server.stop());

async function dockedCamera(met: Founded, name: string): Promise<{ dock: TestDock; camera: TestCamera }> {
  const dock = await TestDock.enrol(server, met, `Dock of ${name}`);
  return { dock, camera: await TestCamera.enrol(server, met, name) };
}

/** A disk whose appends wait until it is let go. */
function slowFs(): { fs: StoreFs; slow(): void; letGo(): void } {
  let gate: Promise<void> = Promise.resolve();
  let open = (): void => undefined;
  const fs: StoreFs = {
    ...nodeStoreFs,
    async create(path, mode) {
      const file = await nodeStoreFs.create(path, mode);
      return {
        read: (target, position) => file.read(target, position),
        close: () => file.close(),
        datasync: () => file.datasync(),
        async append(buffers) {
          await gate;
          await file.append(buffers);
        },
      };
    },
  };
  return {
    fs,
    slow: () => void (gate = new Promise((resolve) => (open = resolve))),
    letGo: () => {
      open();
    },
  };
}

it("answers 503 with Retry-After while too much is under way, and takes it afterwards", async () => {
  const disk = slowFs();
  server = await startIngestServer({
    fs: disk.fs,
    limits: { totalBytes: 512 * 1024, connectionBytes: 512 * 1024, storePartBytes: 5 * 1024 * 1024 },
  });
  const met = await server.found("met");
  const one = await dockedCamera(met, "MET-0001");
  const two = await dockedCamera(met, "MET-0002");
  const first = await film(one.camera, { fragments: 2, fragmentBytes: 1_500_000 });
  const second = await film(two.camera, { fragments: 1, fragmentBytes: 100_000 });
  const dockedFirst = await Docked.at(server, one.dock, one.camera);
  const dockedSecond = await Docked.at(server, two.dock, two.camera);
  disk.slow();
  const sending = dockedFirst.upload(first);
  await expect.poll(() => server.ingest.ports.inFlight.isFull, { timeout: 5_000 }).toBe(true);

  const created = await dockedSecond.create(second);
  expect(created.status).toBe(201);
  const location = created.headers.get("location") ?? "";
  const refused = await dockedSecond.patch(location, 0, second.media);
  expect(refused).toMatchObject({ status: 503, body: { code: "busy" } });
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await dockedSecond.head(location)).toBe(0);
  expect(server.ingest.ports.inFlight.bytes).toBeLessThan(1024 * 1024);

  disk.letGo();
  expect((await sending).status).toBe(200);
  expect(server.ingest.ports.inFlight.bytes).toBe(0);
  expect((await dockedSecond.patch(location, 0, second.media)).status).toBe(204);
  expect((await dockedSecond.receipt(second.number)).status).toBe(200);
}, 30_000);

it("drops what differs above the quarantine's quota, tells of it, and takes it when there is room", async () => {
  server = await startIngestServer({ limits: { quarantineBytes: 500_000 } });
  const met = await server.found("met");
  const { dock, camera } = await dockedCamera(met, "MET-0001");
  const films = [await film(camera, { fragments: 3 }), await film(camera, { fragments: 3 })] as const;
  const docked = await Docked.at(server, dock, camera);
  const [kept, dropped] = films.map(({ media }) => {
    const altered = Buffer.from(media);
    altered[200_000] = (altered[200_000] ?? 0) ^ 1;
    return altered;
  });
  if (kept === undefined || dropped === undefined) throw new Error("no media");

  expect(await docked.upload(films[0], kept)).toMatchObject({ status: 409, body: { code: "quarantined" } });
  const refused = await docked.upload(films[1], dropped);
  expect(refused).toMatchObject({ status: 507, body: { code: "storage-full" } });
  // Without a receipt the camera keeps its copy; its bytes are not kept here, and a finding says so.
  const list = await server.call("GET", "/v1/quarantine", { key: met.key });
  expect(list.body["quarantine"]).toHaveLength(1);
  const stored: string[] = [];
  for await (const { key } of server.store.list(`${met.forceId}/recordings/${films[1].id}/`))
    stored.push(key);
  expect(stored).toEqual([]);
  const told = await server.call("GET", "/v1/findings", { key: met.key });
  expect(told.body["findings"]).toContainEqual(
    expect.objectContaining({
      kind: "altered",
      recordingId: films[1].id,
      detail: expect.objectContaining({ problem: "quarantine-full" }) as object,
    }),
  );

  const [waiting] = list.body["quarantine"] as { id: string }[];
  const decision = { decision: "rejected", reason: "The camera sends it again." };
  const path = `/v1/quarantine/${waiting?.id ?? ""}/decision`;
  expect((await server.call("POST", path, { key: met.key, body: decision })).status).toBe(200);
  expect(await docked.upload(films[1], dropped)).toMatchObject({
    status: 409,
    body: { code: "quarantined" },
  });
  // What is true goes in whatever waits.
  expect((await docked.upload(films[0])).status).toBe(200);
  expect((await docked.upload(films[1])).status).toBe(200);
}, 30_000);
