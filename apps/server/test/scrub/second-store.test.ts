// A second store: everything gets there, damage in either is mended from the other and stands in the ledger, damage in
// both stays a finding, and a destruction leaves nothing in either, whatever copies meanwhile.
import { readFile, readdir, rm, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ForceId, RecordingId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { openFolderStore, pairStores, type FolderStore, type PairedStore } from "@sworn/vault";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { silentLog } from "../../src/platform/log.ts";
import { defaultSettings, destroyRecording } from "../../src/retention/index.ts";
import {
  CopyQueue,
  scrubNext,
  scrubOthers,
  startCopies,
  walkStores,
  type CopyPorts,
} from "../../src/scrub/index.ts";
import { flipped, startFsckStore, type FsckStore } from "../fsck/fsck-store.ts";

let store: FsckStore;
let second: FolderStore;
let pair: PairedStore;
const queue = new CopyQueue();
beforeAll(async () => {
  store = await startFsckStore();
  second = await openFolderStore({ root: join(store.server.folder, "second") });
  pair = pairStores(store.server.store, second, (key, sizeBytes) => {
    queue.add(key, sizeBytes);
  });
}, 240_000);
afterAll(() => store.stop());

const ports = (): CopyPorts => ({
  ...{ database: store.server.test.database, clock: store.server.clock, log: silentLog },
  ...{ store: pair, ledger: store.server.ledger, pair },
});

async function pass(): Promise<{ damaged: number; mended: number }> {
  const sum = { damaged: 0, mended: 0 };
  const add = (step: { damaged: number; mended: number }): void => {
    sum.damaged += step.damaged;
    sum.mended += step.mended;
  };
  for (let step = await scrubNext(ports(), store.forceId); step.isMore;)
    [, step] = [add(step), await scrubNext(ports(), store.forceId)];
  for await (const step of scrubOthers(ports(), store.forceId)) add(step);
  return sum;
}

const findings = (key: string) =>
  store.sql(
    `select subject, resolved_at is not null as resolved from sworn.finding
     where detail ->> 'object' = $1 and subject like 'stored %' order by found_at, subject`,
    [key],
  );
const keysOf = async (of: FolderStore): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { key, kind } of of.list()) if (kind === "complete") keys.push(key);
  return keys.sort();
};
const mediaKey = async (id: string): Promise<string> => {
  const [row] = await store.sql("select object_key from sworn.recording where id = $1", [id]);
  return String(row?.["object_key"]);
};

async function fileOf(which: "objects" | "second", key: string, name: string): Promise<string> {
  const root = join(store.server.folder, which, "objects");
  const all = await readdir(root, { recursive: true, withFileTypes: true });
  const found = all.find(
    (entry) => entry.name === name && entry.parentPath.endsWith(key.replaceAll("/", "_")),
  );
  if (found === undefined) throw new Error(`no ${name} of ${key}`);
  return join(found.parentPath, found.name);
}
async function flip(path: string, byte = 1_000): Promise<void> {
  await writeFile(path, flipped(await readFile(path), 8 * byte));
}

it("has a copy of everything that was there before it", async () => {
  const walk = await walkStores(ports());
  expect(walk).toMatchObject({ restored: 0, removed: 0, extra: 0 });
  const all = await keysOf(store.server.store);
  expect(walk.copied).toBe(all.length);
  expect(await keysOf(second)).toEqual(all);
  for (const area of ["/journals/", "/receipt", "/manifest-", "/derivatives/", "/media-"])
    expect(
      all.some((key) => key.includes(area)),
      area,
    ).toBe(true);
  expect(await walkStores(ports())).toEqual({ copied: 0, restored: 0, removed: 0, extra: 0 });
});

it("gets what comes, behind its acknowledgement, also after a fault", async () => {
  const key = `${store.forceId}/journal-refused/${"ab".repeat(32)}`;
  let faults = 1;
  const flaky: PairedStore = Object.create(pair, {
    copy: {
      value: (wanted: string) => {
        faults -= 1;
        return faults >= 0 ? Promise.reject(new Error("the disk is away")) : pair.copy(wanted);
      },
    },
  }) as PairedStore;
  const copies = startCopies({ ...ports(), pair: flaky }, { queue, retryMs: 20, onWalked: () => undefined });
  try {
    await pair.putObject(key, new Uint8Array(100));
    await vi.waitFor(async () => expect((await second.stat(key)).kind).toBe("complete"), { timeout: 10_000 });
    await vi.waitFor(() => expect(queue.size).toBe(0));
    expect(queue.oldestMs).toBe(0);
  } finally {
    await copies.stop();
  }
  await pair.delete(key);
});

it("mends a flipped byte and a lost part, with a finding that is resolved in the ledger", async () => {
  const [one, two] = [await mediaKey(store.kept.id), await mediaKey(store.held.id)];
  const before = await readFile(await fileOf("objects", one, "part-00001"));
  await flip(await fileOf("objects", one, "part-00001"));
  await unlink(await fileOf("objects", two, "part-00001"));
  const entries = async (): Promise<number> => {
    const [row] = await store.sql(
      "select count(*)::int as count from sworn.ledger_entry where event = 'finding-resolved'",
    );
    return Number(row?.["count"]);
  };
  const had = await entries();
  expect(await pass()).toEqual({ damaged: 2, mended: 2 });
  expect(await readFile(await fileOf("objects", one, "part-00001"))).toEqual(before);
  for (const key of [one, two])
    expect(await findings(key)).toEqual([{ subject: `stored ${key}`, resolved: true }]);
  expect(await entries()).toBe(had + 2);
  expect(await pass()).toEqual({ damaged: 0, mended: 0 });
  // The damaged bytes are evidence of what happened to the disk.
  expect((await store.files("objects/damaged")).length).toBe(1);
  // The same object again: another finding.
  await flip(await fileOf("objects", one, "part-00001"), 7);
  expect(await pass()).toEqual({ damaged: 1, mended: 1 });
  expect(await findings(one)).toHaveLength(2);
});

it("is itself mended from the first, and a journal too", async () => {
  const key = (await keysOf(second)).find((name) => name.includes("/journals/")) ?? "";
  await flip(await fileOf("second", await mediaKey(store.kept.id), "part-00001"));
  await unlink(await fileOf("second", key, "part-00001"));
  expect(await pass()).toEqual({ damaged: 0, mended: 2 });
  await flip(await fileOf("objects", key, "part-00001"), 9);
  expect(await pass()).toEqual({ damaged: 1, mended: 1 });
  for (const name of await keysOf(second)) expect(await second.check(name, "hash"), name).toEqual([]);
});

it("cannot mend what is damaged in both: the finding stays, until the bytes are put back", async () => {
  const key = await mediaKey(store.kept.id);
  const path = await fileOf("objects", key, "part-00001");
  const before = await readFile(path);
  await flip(path, 3);
  await flip(await fileOf("second", key, "part-00001"), 4);
  const open = async (): Promise<number> =>
    (await findings(key)).filter((row) => row["resolved"] === false).length;
  expect(await pass()).toEqual({ damaged: 1, mended: 0 });
  expect(await pass()).toEqual({ damaged: 1, mended: 0 });
  expect(await open()).toBe(1);
  expect(await readFile(path)).not.toEqual(before);
  await writeFile(path, before);
  expect(await pass()).toEqual({ damaged: 0, mended: 1 });
  expect(await open()).toBe(0);
});

it("gives a lost disk back: every object of the first store", async () => {
  const all = await keysOf(store.server.store);
  const objects = join(store.server.folder, "objects", "objects");
  for (const shard of await readdir(objects))
    for (const name of await readdir(join(objects, shard)))
      if (!name.includes("journal-refused")) await rm(join(objects, shard, name), { recursive: true });
  const walk = await walkStores(ports());
  const lost = (await keysOf(second)).filter((key) => !all.includes(key));
  expect(lost).toEqual([]);
  expect(walk.restored + walk.extra).toBe(all.length);
  // Of the upload that was cut off there was no copy; of all that a row names there was.
  expect(walk.extra, JSON.stringify(walk)).toBe(0);
  const report = await store.check(3);
  expect(report.problems.filter(({ severity }) => severity === "damage")).toEqual([]);
}, 60_000);

it("loses what is destroyed before the certificate says so, and a copy under way brings nothing back", async () => {
  const { server, forceId, kept } = store;
  const id = kept.id as RecordingId;
  const key = await mediaKey(id);
  await store.sql("update sworn.recording set class = 'non-evidential', clock = 'dock' where id = $1", [id]);
  server.clock.advanceMs(40 * 86_400_000);
  let away = true;
  const objects = {
    openObject: (name: string) => pair.openObject(name),
    putObject: (name: string, bytes: Uint8Array) => pair.putObject(name, bytes),
    delete: (name: string) =>
      away
        ? Promise.reject(new Error("the second disk is away"))
        : Promise.all([pair.delete(name), pair.copy(name)]).then(([gone]) => gone),
  };
  const retention = {
    ...{
      database: server.test.database,
      clock: server.clock,
      ledger: server.ledger,
      keys: server.keys,
      objects,
    },
    serviceOf: async (of: ForceId) => (await server.authorities.of(parseId(of))).service,
    settings: defaultSettings,
  };
  await expect(destroyRecording(retention, forceId, id)).rejects.toThrow("away");
  const [row] = await store.sql("select state, destruction_certificate from sworn.recording where id = $1", [
    id,
  ]);
  expect(row).toEqual({ state: "destroy-ordered", destruction_certificate: null });
  // Between the order and the end nothing of it is mended or brought back.
  await unlink(await fileOf("objects", key, "index.json"));
  await walkStores(ports());
  expect((await server.store.stat(key)).kind).not.toBe("complete");
  away = false;
  expect(await destroyRecording(retention, forceId, id)).toBe("destroyed");
  await walkStores(ports());
  for (const side of [server.store, second])
    for (const name of await keysOf(side))
      if (name.includes(id)) expect(name).toMatch(/receipt$|manifest-|destruction$/);
  expect(await store.files("objects/damaged").then((all) => all.filter((path) => path.includes(id)))).toEqual(
    [],
  );
  // A second store that was away at the time has it still, until the next walk.
  await second.putObject(key, new Uint8Array(10));
  expect(await walkStores(ports())).toMatchObject({ removed: 1, restored: 0 });
  expect(await second.stat(key)).toEqual({ kind: "absent" });
}, 60_000);
