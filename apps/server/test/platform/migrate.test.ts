// Migrations: once each, in order, whole or not at all; history that changed stops the start.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { migrate } from "../../src/platform/database/migrate.ts";
import { silentLog } from "../../src/platform/log.ts";
import { startTestDatabase, type TestDatabase } from "./test-database.ts";

let test: TestDatabase;
let folder: string;
const put = (name: string, sql: string): void => {
  writeFileSync(join(folder, name), sql);
};
const run = () => migrate(test.source, { log: silentLog, folder });

beforeEach(async () => {
  test = await startTestDatabase({ migrated: false });
  folder = mkdtempSync(join(tmpdir(), "sworn-migrations-"));
  put("0001_begin.sql", "create schema sworn; create table sworn.a (n int)");
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await test.stop();
});

it("runs each once, and only the new ones later", async () => {
  expect(await run()).toEqual(["0001_begin.sql"]);
  put("0002_more.sql", "insert into sworn.a values (1)");
  expect(await run()).toEqual(["0002_more.sql"]);
  expect(await run()).toEqual([]);
  expect(await test.asAdministrator("select n from sworn.a")).toEqual([{ n: 1 }]);
});

it("lets two starts at the same moment do it once", async () => {
  const done = await Promise.all([run(), run(), run()]);
  expect(done.flat()).toEqual(["0001_begin.sql"]);
});

it("keeps nothing of one that fails", async () => {
  put("0002_bad.sql", "insert into sworn.a values (1); select 1/0");
  await expect(run()).rejects.toMatchObject({ code: "migration-failed" });
  expect(await test.asAdministrator("select n from sworn.a")).toEqual([]);
  expect(await test.asAdministrator("select name from sworn_meta.migration")).toEqual([
    { name: "0001_begin.sql" },
  ]);
});

it("refuses history that changed, vanished, was inserted, or is misnamed", async () => {
  put("0003_last.sql", "select 1");
  await run();
  put("0002_late.sql", "select 1");
  await expect(run()).rejects.toMatchObject({ code: "migration-failed" });
  rmSync(join(folder, "0002_late.sql"));
  put("0003_last.sql", "select 2");
  await expect(run()).rejects.toMatchObject({ code: "migration-changed" });
  rmSync(join(folder, "0003_last.sql"));
  await expect(run()).rejects.toMatchObject({ code: "migration-missing" });
  put("notes.txt", "");
  await expect(run()).rejects.toMatchObject({ code: "migration-failed" });
});

it("says so when the database is not there", async () => {
  const administrator = { connectionString: "postgres://nobody@127.0.0.1:1/none" };
  await expect(
    migrate({ administrator, server: administrator }, { log: silentLog, folder }),
  ).rejects.toMatchObject({
    code: "database-unreachable",
  });
});
