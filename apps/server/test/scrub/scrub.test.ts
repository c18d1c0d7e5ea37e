// The scrub finds one flipped bit and one lost object, tells each once, goes on where it was, and counts whole passes.
import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ForceId } from "@sworn/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { silentLog } from "../../src/platform/log.ts";
import { scrubNext } from "../../src/scrub/index.ts";
import { flipped, startFsckStore, type FsckStore } from "../fsck/fsck-store.ts";

let store: FsckStore;
beforeAll(async () => {
  store = await startFsckStore();
}, 240_000);
afterAll(() => store.stop());

const ports = () => ({
  database: store.server.test.database,
  clock: store.server.clock,
  log: silentLog,
  store: store.server.store,
  ledger: store.server.ledger,
  pair: null,
});

async function pass(): Promise<{ steps: number; bytes: number; damaged: number }> {
  let steps = 0;
  let bytes = 0;
  let damaged = 0;
  for (;;) {
    const step = await scrubNext(ports(), store.forceId);
    if (!step.isMore) return { steps, bytes, damaged };
    steps += 1;
    bytes += step.bytes;
    damaged += step.damaged;
  }
}
const findings = () =>
  store.sql("select recording_id, subject from sworn.finding where subject like 'stored %' order by subject");

/** The largest file of a recording's media. */
async function mediaFile(id: string): Promise<string> {
  const all = await readdir(join(store.server.folder, "objects"), { recursive: true, withFileTypes: true });
  const files = all.filter(
    (entry) => entry.isFile() && join(entry.parentPath, entry.name).includes(`${id}_media-`),
  );
  const parts = files
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.endsWith(".json"));
  return parts[0] ?? "";
}

it("finds nothing in whole bytes, and says when it was through", async () => {
  const whole = await pass();
  // Destroyed and begun ones are not there to be read.
  expect(whole).toMatchObject({ steps: 3, damaged: 0 });
  expect(whole.bytes).toBeGreaterThan(600_000);
  const [row] = await store.sql("select * from sworn.scrub");
  expect(row).toMatchObject({ position: null, completed_damaged: "0" });
  expect(Number(row?.["completed_bytes"])).toBe(whole.bytes);
});

it("names a flipped bit and a lost object, each once", async () => {
  const path = await mediaFile(store.kept.id);
  const before = await readFile(path);
  await writeFile(path, flipped(before, 8 * 1_000));
  const lost = await mediaFile(store.held.id);
  const kept = await readFile(lost);
  await rm(lost);
  expect(await pass()).toMatchObject({ steps: 3 });
  const told = await findings();
  expect(told.map((row) => row["recording_id"]).sort()).toEqual([store.kept.id, store.held.id].sort());
  expect(await pass()).toMatchObject({ damaged: 2 });
  expect(await findings()).toEqual(told);
  // It has not touched what it found.
  expect(await readFile(path)).toEqual(flipped(before, 8 * 1_000));
  await writeFile(path, before);
  await writeFile(lost, kept);
  expect(await pass()).toMatchObject({ damaged: 0 });
  expect(dirname(path)).toContain("objects");
});

it("goes on where it was", async () => {
  await scrubNext(ports(), store.forceId);
  const [row] = await store.sql("select position from sworn.scrub");
  expect(row?.["position"]).not.toBeNull();
  expect(await pass()).toMatchObject({ steps: 2 });
  expect(store.forceId satisfies ForceId).toBeTruthy();
});
