// The change log's crashes: between its sync and the commit, in the middle of an append, between a new file's name and the
// database; a restored database is told from all of these, and damage in the middle is never taken for a cut end.
import { randomUUID } from "node:crypto";
import { mkdtemp, open, readdir, rm, stat, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ForceId } from "@sworn/contract";
import { openKeyRing, type KeyRing } from "@sworn/vault";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { movableClock } from "../../src/platform/clock.ts";
import { withForce } from "../../src/platform/database/database.ts";
import { silentLog } from "../../src/platform/log.ts";
import { ChangeKeeper, checkChanges } from "../../src/recovery/index.ts";
import { startTestDatabase, type TestDatabase } from "../platform/test-database.ts";

const clock = movableClock();
let test: TestDatabase;
let folder: string;
let keys: KeyRing;
let forceId: ForceId;

beforeAll(async () => {
  test = await startTestDatabase();
  folder = await mkdtemp(join(tmpdir(), "sworn-changes-"));
  keys = await openKeyRing({
    places: [join(folder, "a"), join(folder, "b")],
    rootFolder: join(folder, "roots"),
  });
}, 120_000);
afterAll(async () => {
  await test.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  forceId = randomUUID() as ForceId;
  await test.asAdministrator(
    "insert into sworn.force (id, name, slug, created_at) values ($1, 'F', $2, now())",
    [forceId, forceId.slice(0, 8)],
  );
});

const keeper = () =>
  new ChangeKeeper({
    ...{ database: test.database, clock, log: silentLog, keys },
    ...{ ledgerFolder: join(folder, "ledger"), migration: 1 },
  });
const flush = (by: ChangeKeeper) =>
  withForce(test.database, { forceId, personId: null }, (tx) => by.flush(tx, forceId));
const addBorough = (slug: string) =>
  test.asAdministrator(
    "insert into sworn.borough (id, force_id, name, slug, created_at) values ($1, $2, $3, $3, now())",
    [randomUUID(), forceId, slug],
  );
const noted = async () =>
  Number(
    (
      await test.asAdministrator("select count(*) as n from sworn.change where force_id = $1", [forceId])
    )[0]?.["n"],
  );
const head = async () =>
  (
    await test.asAdministrator("select epoch, frame::int from sworn.change_head where force_id = $1", [
      forceId,
    ])
  )[0];
const files = async () => {
  const at = join(folder, "ledger", forceId, "private", "changes");
  return (await readdir(at)).map((name) => join(at, name));
};

class Cut extends Error {
  readonly code = "cut";
}

async function flushAndCut(by: ChangeKeeper): Promise<void> {
  const cut = withForce(test.database, { forceId, personId: null }, async (tx) => {
    await by.flush(tx, forceId);
    throw new Cut("power");
  });
  await expect(cut).rejects.toThrow(Cut);
}

describe("the change log", () => {
  it("takes what was noted, and nothing twice", async () => {
    const one = keeper();
    await one.prepare(forceId);
    expect(await noted()).toBe(0);
    await addBorough("camden");
    await flush(one);
    expect(await noted()).toBe(0);
    const before = await head();
    await flush(one);
    expect(await head()).toEqual(before);
    await one.close();
  });

  it("goes on after a crash between its sync and the commit", async () => {
    const one = keeper();
    await one.prepare(forceId);
    await addBorough("camden");
    await flushAndCut(one);
    await addBorough("brent");
    await one.close();
    const two = keeper();
    await two.prepare(forceId);
    await flush(two);
    expect(await noted()).toBe(0);
    // And without a new start: the same transaction that failed is tried again.
    await addBorough("barnet");
    await flushAndCut(two);
    await two.prepare(forceId);
    await flush(two);
    expect(await noted()).toBe(0);
    await two.close();
  });

  it("writes over what a crash cut off", async () => {
    const one = keeper();
    await one.prepare(forceId);
    await addBorough("camden");
    const [file = ""] = await files();
    const { size } = await stat(file);
    await flushAndCut(one);
    await one.close();
    await truncate(file, size + 20);
    const two = keeper();
    await two.prepare(forceId);
    await flush(two);
    expect(await noted()).toBe(0);
    await two.close();
  });

  it("refuses a database that was put back, and one that was lost", async () => {
    const one = keeper();
    await one.prepare(forceId);
    const before = await head();
    await addBorough("camden");
    await flush(one);
    await one.close();
    await test.asAdministrator("update sworn.change_head set frame = $2 where force_id = $1", [
      forceId,
      before?.["frame"],
    ]);
    await expect(keeper().prepare(forceId)).rejects.toMatchObject({ code: "ledger-behind" });
    await test.asAdministrator("delete from sworn.change_head where force_id = $1", [forceId]);
    await expect(keeper().prepare(forceId)).rejects.toMatchObject({ code: "ledger-behind" });
  });

  it("begins a new file each month, and the old one's key is gone from both places", async () => {
    const one = keeper();
    await one.prepare(forceId);
    await addBorough("camden");
    clock.advanceMs(31 * 86_400_000);
    await one.prepare(forceId);
    expect(await head()).toMatchObject({ epoch: 2 });
    expect(await files()).toHaveLength(1);
    const where = await keys.locate(`changes/${forceId}/1`);
    expect(where).toEqual({ keys: [false, false], tombstones: [true, true] });
    expect(await noted()).toBe(0);
    await one.close();
  });

  it("does not take damage in the middle for a cut end", async () => {
    const one = keeper();
    await one.prepare(forceId);
    const before = await head();
    const [file = ""] = await files();
    const { size } = await stat(file);
    await addBorough("camden");
    await flush(one);
    await addBorough("brent");
    await flush(one);
    await one.close();
    const looked = () =>
      checkChanges({
        ...{ forceId, keys, ledgerFolder: join(folder, "ledger"), onFrame: () => undefined },
        query: (work) => withForce(test.database, { forceId, personId: null }, work),
      });
    expect(await looked()).toEqual([]);
    const handle = await open(file, "r+");
    await handle.write(Buffer.from([1, 2, 3, 4]), 0, 4, size + 100);
    await handle.close();
    expect(await looked()).toEqual([expect.stringMatching(/damaged in frame \d+ of file 1/)]);
    await test.asAdministrator("update sworn.change_head set frame = $2 where force_id = $1", [
      forceId,
      before?.["frame"],
    ]);
    await expect(keeper().prepare(forceId)).rejects.toMatchObject({ code: "changes-damaged" });
  });
});

it("keeps every table of a force but those that are begun again", async () => {
  const rows = await test.asAdministrator(
    `select c.relname as name from pg_class c where c.relnamespace = 'sworn'::regnamespace and c.relkind = 'r'
       and not exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'keep_insert') order by 1`,
  );
  expect(rows.map((row) => row["name"])).toEqual([
    ...["change", "change_head", "docking_session", "job_run", "job_schedule", "ledger_entry", "ledger_head"],
    ...["play", "poster_view", "scrub", "setup_code", "upload"],
  ]);
});
