// The disk fails: full, sync failed, and both ways: it did not happen, and it happened but was reported failed. Nothing
// acknowledged is lost, and what was not durable is not acknowledged.
import { afterEach, describe, expect, it } from "vitest";
import { nodeStoreFs, type StoreFs } from "@sworn/vault";
import { openIngest } from "../../src/ingest/index.ts";
import type { Founded } from "../docking/docking-server.ts";
import { TestCamera } from "../docking/test-camera.ts";
import { TestDock } from "../docking/test-dock.ts";
import { Docked, film, type Film } from "./fake-camera.ts";
import { startIngestServer, type IngestServer } from "./ingest-server.ts";

interface Faults {
  /** Bytes that still fit; null: as many as come. */
  spaceBytes: number | null;
  sync: "fails" | "works";
  /** The next rename of a part: not done, or done and reported failed. */
  rename: "not-done" | "done-but-failed" | null;
}

function failingFs(faults: Faults): StoreFs {
  const fault = (code: string): Error => Object.assign(new Error(code), { code });
  return {
    ...nodeStoreFs,
    async create(path, mode) {
      const file = await nodeStoreFs.create(path, mode);
      return {
        read: (target, position) => file.read(target, position),
        close: () => file.close(),
        async append(buffers) {
          const sizeBytes = buffers.reduce((sum, buffer) => sum + buffer.byteLength, 0);
          if (faults.spaceBytes !== null) {
            if (sizeBytes > faults.spaceBytes) throw fault("ENOSPC");
            faults.spaceBytes -= sizeBytes;
          }
          await file.append(buffers);
        },
        async datasync() {
          if (faults.sync === "fails") throw fault("EIO");
          await file.datasync();
        },
      };
    },
    async rename(from, to) {
      const kind = /part-\d+$/.test(to) && /media-/.test(to) ? faults.rename : null;
      if (kind === null) return nodeStoreFs.rename(from, to);
      faults.rename = null;
      if (kind === "done-but-failed") await nodeStoreFs.rename(from, to);
      throw fault("EIO");
    },
  };
}

let server: IngestServer;
afterEach(() => server.stop());

async function start(faults: Faults): Promise<{ docked: Docked; filmed: Film; met: Founded }> {
  server = await startIngestServer({ fs: failingFs(faults), limits: { storePartBytes: 5 * 1024 * 1024 } });
  const met = await server.found("met");
  const dock = await TestDock.enrol(server, met, "Camden front office");
  const camera = await TestCamera.enrol(server, met, "MET-0001");
  const filmed = await film(camera, { fragments: 4, fragmentBytes: 3_000_000 });
  return { docked: await Docked.at(server, dock, camera), filmed, met };
}

const healthy = (): Faults => ({ spaceBytes: null, sync: "works", rename: null });

async function finish(docked: Docked, filmed: Film, location: string): Promise<void> {
  const offset = await docked.head(location);
  const sent = await docked.patch(location, offset, filmed.media.subarray(offset));
  expect(sent.status, JSON.stringify(sent.body)).toBe(204);
  const receipt = await docked.receipt(filmed.number);
  expect(receipt.status, JSON.stringify(receipt.body)).toBe(200);
}

describe("ingest", () => {
  it("answers 507 on a full disk, keeps what was durable, and goes on when there is room", async () => {
    const faults = healthy();
    const { docked, filmed } = await start(faults);
    const location = (await docked.create(filmed)).headers.get("location") ?? "";
    faults.spaceBytes = 7_000_000;
    const full = await docked.patch(location, 0, filmed.media);
    expect([full.status, full.body["code"]]).toEqual([507, "storage-full"]);
    const offset = await docked.head(location);
    expect(offset).toBeGreaterThan(5 * 1024 * 1024 - 1);
    expect(offset).toBeLessThanOrEqual(7_000_000);
    faults.spaceBytes = null;
    await finish(docked, filmed, location);
  });

  it("never retries a failed sync: it stores nothing more until it is started again", async () => {
    const faults = healthy();
    const { docked, filmed } = await start(faults);
    const location = (await docked.create(filmed)).headers.get("location") ?? "";
    faults.sync = "fails";
    expect((await docked.patch(location, 0, filmed.media)).status).toBe(503);
    faults.sync = "works";
    expect(await docked.head(location)).toBe(0);
    expect((await docked.patch(location, 0, filmed.media)).status).toBe(503);
    expect(server.ingest.isHealthy()).toBe(false);
  });

  it.each(["not-done", "done-but-failed"] as const)(
    "acknowledges no part whose rename was %s",
    async (kind) => {
      const faults = healthy();
      const { docked, filmed } = await start(faults);
      const location = (await docked.create(filmed)).headers.get("location") ?? "";
      expect((await docked.patch(location, 0, filmed.media.subarray(0, 2_000_000))).status).toBe(204);
      faults.rename = kind;
      const failed = await docked.patch(location, 2_000_000, filmed.media.subarray(2_000_000));
      expect(failed.status).toBe(500);
      expect(await docked.head(location)).toBe(2_000_000);
      // The tail on disk may be longer than what was acknowledged: then it is taken back, and sent again.
      const next = await docked.patch(location, 2_000_000, filmed.media.subarray(2_000_000));
      if (kind === "done-but-failed") {
        expect([next.status, next.headers.get("upload-offset")]).toEqual([409, "0"]);
        await finish(docked, filmed, location);
      } else expect(next.status).toBe(204);
      expect((await docked.receipt(filmed.number)).status).toBe(200);
    },
  );

  it("finishes after a restart what it had not seen itself, and tells altered bytes all the same", async () => {
    const { docked, filmed } = await start(healthy());
    const location = (await docked.create(filmed)).headers.get("location") ?? "";
    const half = Math.floor(filmed.media.length / 2);
    await docked.patch(location, 0, filmed.media.subarray(0, half));
    const again = openIngest({
      evidence: server.evidence,
      storeRoot: `${server.folder}/objects`,
      pool: server.ingest.ports.pool,
    });
    server.ingest.ports.memory.forget(location.split("/").at(-1) ?? "");
    const bad = Buffer.from(filmed.media);
    bad[bad.length - 5] = (bad[bad.length - 5] ?? 0) ^ 1;
    await server.test.asAdministrator("update sworn.upload set length_bytes = length_bytes + 1");
    expect((await docked.patch(location, half, bad.subarray(half))).status).toBe(204);
    server.ingest.ports.memory.forget(location.split("/").at(-1) ?? "");
    // As a crash leaves it: all bytes durable, nothing verified.
    await server.test.asAdministrator(
      "update sworn.upload set length_bytes = length_bytes - 1, state = 'verifying'",
    );
    await again.resume();
    const rows = await server.test.asAdministrator("select verdicts from sworn.quarantine");
    const verdicts = rows[0]?.["verdicts"] as { verdict: string }[];
    expect(verdicts.map(({ verdict }) => verdict)).toEqual([
      "verified",
      "verified",
      "verified",
      "verified",
      "altered",
    ]);
  });

  it("gives the receipt after a crash between collection and receipt", async () => {
    const { docked, filmed } = await start(healthy());
    const first = await docked.upload(filmed);
    expect(first.status).toBe(200);
    // The row lost its receipt, as if the crash had come before it was kept; the object stayed.
    await server.test.asAdministrator("update sworn.recording set receipt = null where id = $1", [filmed.id]);
    await server.ingest.resume();
    expect((await docked.receipt(filmed.number)).bytes).toEqual(first.bytes);
  });
});
