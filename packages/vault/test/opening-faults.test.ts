// Opening fails at every call, either way: it did not happen, or it happened and was reported failed. The next start, on the
// same disk, must not take for durable what the first one made and never synced: whatever it acknowledges survives a cut.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openFolderStore, openKeyRing } from "../src/index.ts";
import type { FolderStore, KeyRing, StoreFs } from "../src/index.ts";
import { FaultyFs } from "./faulty-fs.ts";
import type { FaultMode } from "./faulty-fs.ts";
import { PowerCutFs } from "./power-cut-fs.ts";
import { codeOf, readAll } from "./store-suite.ts";

const modes: readonly FaultMode[] = ["did-not-happen", "happened-but-failed"];
const bytes = randomBytes(300);
const key = randomBytes(32);

const openStore = (fs: StoreFs): Promise<FolderStore> =>
  openFolderStore({ root: "/srv/sworn/objects", minPartBytes: 1024, fs });
const openRing = (fs: StoreFs): Promise<KeyRing> =>
  openKeyRing({
    places: [join("/srv/sworn/keys", "a"), join("/srv/sworn/keys", "b")],
    rootFolder: "/srv/sworn/keys/roots",
    fs: { places: [fs, fs], roots: fs },
  });

/** Lets opening fail at one call; false when there was no such call. */
async function failAt(
  at: number,
  mode: FaultMode,
  open: (fs: StoreFs) => Promise<unknown>,
): Promise<PowerCutFs | null> {
  const disk = new PowerCutFs();
  const fs = new FaultyFs(disk);
  fs.arm({ at, mode, code: "EIO" });
  await codeOf(() => open(fs));
  return fs.failed === undefined ? null : disk;
}

// The 256 shards are made one like the other: a few calls of them stand for all.
const strides = (at: number): number => (at < 30 ? 1 : 331);

test.each(modes)(
  "the store: %s",
  async (mode) => {
    let reached = 0;
    for (let at = 0; ; at += strides(at)) {
      const disk = await failAt(at, mode, openStore);
      if (disk === null) break;
      reached += 1;
      await (await openStore(disk)).putObject("kept", bytes);
      disk.cutPower();
      expect((await readAll(await openStore(disk), "kept"))?.equals(bytes), `call ${at.toString()}`).toBe(
        true,
      );
    }
    expect(reached).toBeGreaterThan(15);
  },
  60_000,
);

test.each(modes)(
  "the key ring: %s",
  async (mode) => {
    let reached = 0;
    for (let at = 0; ; at += strides(at)) {
      const disk = await failAt(at, mode, openRing);
      if (disk === null) break;
      reached += 1;
      const ring = await openRing(disk);
      await ring.put("kept", key);
      disk.cutPower();
      expect(await (await openRing(disk)).get("kept"), `call ${at.toString()}`).toEqual({ kind: "key", key });
    }
    expect(reached).toBeGreaterThan(30);
  },
  60_000,
);
