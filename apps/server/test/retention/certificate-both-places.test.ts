// A certificate of destruction is issued only when both places of the key ring have lost the key: whichever call of
// whichever place fails, and whether or not it happened all the same.
import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { ForceId, RecordingId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { nodeStoreFs, openKeyRing, type KeyRing, type StoreFs } from "@sworn/vault";
import { afterAll, beforeAll, expect, it } from "vitest";
import { withForce } from "../../src/platform/database/database.ts";
import { defaultSettings, destroyRecording, seedRetention } from "../../src/retention/index.ts";
import { TestCamera } from "../docking/test-camera.ts";
import { TestDock } from "../docking/test-dock.ts";
import { Docked, film } from "../ingest/fake-camera.ts";
import { startIngestServer, type IngestServer } from "../ingest/ingest-server.ts";

let server: IngestServer;
let forceId: ForceId;
const films: RecordingId[] = [];
const faults = (["rename", "unlink", "syncFolder"] as const).flatMap((call) =>
  ([0, 1] as const).flatMap((place) =>
    (["did-not-happen", "happened-but-failed"] as const).map((mode) => ({ call, place, mode })),
  ),
);

beforeAll(async () => {
  server = await startIngestServer();
  const met = await server.found("met");
  forceId = met.forceId as ForceId;
  await withForce(server.test.database, { forceId, personId: null }, (tx) =>
    seedRetention(tx, forceId, server.clock.nowMs()),
  );
  const dock = await TestDock.enrol(server, met, `Camden ${randomUUID().slice(0, 4)}`);
  const camera = await TestCamera.enrol(server, met, "MET-1");
  for (const _fault of faults) {
    const filmed = await film(camera, { fragments: 1, fragmentBytes: 3_000 });
    const docked = await Docked.at(server, dock, camera);
    expect((await docked.upload(filmed)).status).toBe(200);
    films.push(filmed.id as RecordingId);
  }
  await server.test.asAdministrator("update sworn.recording set class = 'non-evidential', clock = 'dock'");
  server.clock.advanceMs(60 * 86_400_000);
}, 240_000);
afterAll(() => server.stop());

const places = (): readonly [string, string] => [
  join(server.folder, "keys-a"),
  join(server.folder, "keys-b"),
];

/** A file system whose first call of that name after the opening fails. */
async function brokenRing(
  fault: (typeof faults)[number],
): Promise<{ ring: KeyRing; hasFailed: () => boolean }> {
  let armed = false;
  let failed = false;
  const broken: StoreFs = {
    ...nodeStoreFs,
    async [fault.call](...given: [string, string]) {
      const act = (): Promise<void> => nodeStoreFs[fault.call](...given);
      if (!armed) return act();
      [armed, failed] = [false, true];
      if (fault.mode === "happened-but-failed") await act();
      throw Object.assign(new Error("EIO: injected"), { code: "EIO" });
    },
  };
  const fs = fault.place === 0 ? ([broken, nodeStoreFs] as const) : ([nodeStoreFs, broken] as const);
  const ring = await openKeyRing({
    places: places(),
    rootFolder: join(server.folder, "roots"),
    now: () => server.clock.nowMs(),
    fs: { places: fs, roots: nodeStoreFs },
  });
  armed = true;
  return { ring, hasFailed: () => failed };
}

async function keyIn(id: string): Promise<boolean> {
  for (const place of places()) {
    const names = await readdir(join(place, "keys"), { recursive: true });
    if (names.some((name) => name.includes(id))) return true;
  }
  return false;
}

const retention = (keys: Pick<KeyRing, "get" | "delete">) => ({
  ...{
    database: server.test.database,
    clock: server.clock,
    ledger: server.ledger,
    keys,
    objects: server.store,
  },
  serviceOf: async (of: ForceId) => (await server.authorities.of(parseId(of))).service,
  settings: defaultSettings,
});

it.each(faults.map((fault, at) => ({ ...fault, at })))(
  "$call in place $place: $mode",
  async ({ at, ...fault }) => {
    const id = films[at];
    if (id === undefined) throw new Error("no film");
    const { ring, hasFailed } = await brokenRing(fault);
    await expect(destroyRecording(retention(ring), forceId, id)).rejects.toMatchObject({
      name: "VaultError",
    });
    expect(hasFailed()).toBe(true);
    const certificate = `${forceId}/recordings/${id}/destruction`;
    const [row] = await server.test.asAdministrator(
      "select state, destruction_certificate from sworn.recording where id = $1",
      [id],
    );
    expect(row).toEqual({ state: "destroy-ordered", destruction_certificate: null });
    expect(await server.store.stat(certificate)).toEqual({ kind: "absent" });
    // After the restart that a failed disk needs, it ends, and then neither place has the key.
    const again = await openKeyRing({
      ...{ places: places(), rootFolder: join(server.folder, "roots"), now: () => server.clock.nowMs() },
    });
    expect(await destroyRecording(retention(again), forceId, id)).toBe("destroyed");
    expect(await keyIn(id)).toBe(false);
    expect((await again.locate(`recording/${id}`)).tombstones).toEqual([true, true]);
    expect((await server.store.stat(certificate)).kind).toBe("complete");
  },
);
