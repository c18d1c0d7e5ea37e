// Opening the platform: the data folder's label and lock, and a database of the operator's own.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/platform/clock.ts";
import { readConfiguration } from "../../src/platform/configuration.ts";
import { openDataFolder } from "../../src/platform/data-folder.ts";
import { databaseAnswers, withPlatform } from "../../src/platform/database/database.ts";
import { silentLog } from "../../src/platform/log.ts";
import { openPlatform } from "../../src/platform/open-platform.ts";
import { startEmbeddedPostgres } from "../../src/platform/postgres/embedded-postgres.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sworn-platform-"));
  chmodSync(folder, 0o711);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("the data folder", () => {
  it("belongs to one process at a time, also by another path", async () => {
    const first = await openDataFolder(join(folder, "d"), "real");
    const again = openDataFolder(join(folder, "d", "..", "d"), "real");
    await expect(again).rejects.toMatchObject({ code: "folder-locked" });
    await first.release();
    await (await openDataFolder(join(folder, "d"), "real")).release();
  });

  it("is never a demo's and a real one", async () => {
    await (await openDataFolder(join(folder, "d"), "demo")).release();
    await expect(openDataFolder(join(folder, "d"), "real")).rejects.toThrow(/labelled "demo"/);
    await (await openDataFolder(join(folder, "d"), "demo")).release();
  });

  it("is not a folder with strangers' files, a damaged label, or a file", async () => {
    writeFileSync(join(folder, "thesis.txt"), "");
    await expect(openDataFolder(folder, "real")).rejects.toThrow(/not a Sworn data folder/);
    writeFileSync(join(folder, "sworn-data.json"), "{");
    await expect(openDataFolder(folder, "real")).rejects.toThrow(/damaged/);
    await expect(openDataFolder(join(folder, "thesis.txt"), "real")).rejects.toMatchObject({
      code: "data-folder-unusable",
    });
  });
});

describe("openPlatform", () => {
  it("makes an embedded database in the data folder, refuses a second start, and closes all of it", async () => {
    const configuration = readConfiguration({}, { dataFolder: join(folder, "data"), port: 0 });
    const given = { clock: systemClock, log: silentLog, purpose: "real" } as const;
    const platform = await openPlatform(configuration, given);
    expect(await databaseAnswers(platform.database)).toBe(true);
    expect(platform.metrics.render()).toContain("sworn_database_connections");
    await expect(openPlatform(configuration, given)).rejects.toMatchObject({ code: "folder-locked" });
    await platform.close();
    const again = await openPlatform(configuration, given);
    await again.embedded?.discard();
    await again.close();
  }, 60_000);

  it("uses the database of DATABASE_URL, whose user need not be a superuser, but refuses roles that see too much", async () => {
    // Roles belong to a whole server, so this needs one of its own.
    const server = await startEmbeddedPostgres({ dataFolder: join(folder, "theirs"), log: silentLog });
    const administrator = new Client(server.administrator);
    await administrator.connect();
    await administrator.query("create role operator login createrole");
    await administrator.query("create database theirs owner operator");
    const host = encodeURIComponent(server.administrator.host);
    const url = `postgres://operator@localhost/theirs?host=${host}`;
    const configuration = readConfiguration({ DATABASE_URL: url }, { dataFolder: join(folder, "data") });
    const given = { clock: systemClock, log: silentLog, purpose: "test" } as const;
    try {
      const platform = await openPlatform(configuration, given);
      expect(platform.embedded).toBeNull();
      const who = await withPlatform(platform.database, (tx) =>
        sql<{ me: string; session: string }>`select current_user as me, session_user as session`.execute(tx),
      );
      expect(who.rows).toEqual([{ me: "sworn_platform", session: "operator" }]);
      await platform.close();
      await administrator.query("alter role sworn_app bypassrls");
      await expect(openPlatform(configuration, given)).rejects.toThrow(
        /sworn_app .*bypasses row-level security/,
      );
    } finally {
      await administrator.end();
      await server.discard();
    }
  }, 60_000);
});
