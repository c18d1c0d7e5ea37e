// Last night's database beside today's key ring brings nothing back.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keyIdOf, runRetention } from "../../src/retention/index.ts";
import { dayMs, startRetentionTest, type RetentionTest } from "./retention-fixture.ts";

let test: RetentionTest;
beforeEach(async () => {
  test = await startRetentionTest();
});
afterEach(async () => {
  await test.stop();
});

const own = ["recording", "destruction", "hold", "derivative", "finding"];
const withLedger = [...own, "ledger_entry", "ledger_head"];

async function save(tables: readonly string[]): Promise<void> {
  await test.server.test.asAdministrator("create schema saved");
  for (const table of tables)
    await test.server.test.asAdministrator(`create table saved.${table} as table sworn.${table}`);
}
async function restore(tables: readonly string[]): Promise<void> {
  const sql = (text: string, values?: unknown[]) => test.server.test.asAdministrator(text, values);
  await sql("set session_replication_role = replica");
  for (const table of tables) {
    const columns = await sql(
      `select string_agg(quote_ident(column_name), ',') as names from information_schema.columns
       where table_schema = 'sworn' and table_name = $1 and is_generated = 'NEVER'`,
      [table],
    );
    const names = String(columns[0]?.["names"]);
    await sql(`delete from sworn.${table}`);
    await sql(
      `insert into sworn.${table} (${names}) overriding system value select ${names} from saved.${table}`,
    );
  }
  await sql("set session_replication_role = origin");
}

describe("a restored database", () => {
  it("shows a recording whose key is gone, and the next run catches up without a second act", async () => {
    const { ports, forceId, keys, objects, server } = test;
    const id = await test.collect({ endedDays: -40, receivedDays: -40 });
    const held = await test.collect({ endedDays: -40, receivedDays: -40, incident: "CAD 1" });
    const person = { key: test.key };
    const reviewAt = new Date(server.clock.nowMs() + dayMs).toISOString();
    const scope = { kind: "incident", incident: "CAD 1" };
    const hold = await server.call("POST", "/v1/holds", {
      ...person,
      body: { kind: "evidence", reason: "x", reviewAt, scope },
    });
    await save(own);
    const release = `/v1/holds/${(hold.body["hold"] as { id: string }).id}/release`;
    await server.call("POST", release, { ...person, body: { reason: "y" } });
    expect(await runRetention(ports, forceId)).toMatchObject({ destroyed: 2 });
    const certificates = () =>
      server.test.asAdministrator(
        "select id, encode(destruction_certificate, 'hex') as c, state from sworn.recording order by id",
      );
    const before = await certificates();
    const events = [await test.events(id), await test.events(held)];

    await restore(own);
    expect(await test.state(id)).toBe("collected");
    expect((await keys.get(keyIdOf(id))).kind).toBe("destroyed");
    expect(await keys.put(keyIdOf(id), new Uint8Array(32))).toMatchObject({ kind: "destroyed" });
    expect(await objects.stat(test.mediaKey(id))).toEqual({ kind: "absent" });
    expect(await runRetention(ports, forceId)).toMatchObject({ destroyed: 1, failed: 0 });
    expect(await test.state(id)).toBe("destroyed");
    // The hold of last night stands again over a recording that is gone; once it is released the row catches up too.
    expect(await test.state(held)).toBe("collected");
    await server.call("POST", release, { ...person, body: { reason: "y" } });
    expect(await runRetention(ports, forceId)).toMatchObject({ destroyed: 1, failed: 0 });
    expect(await certificates()).toEqual(before);
    expect(await test.events(id)).toEqual(events[0]);
    expect(
      (await test.events(held)).filter(
        (event) => event.startsWith("destroy") || event === "recording-destroyed",
      ),
    ).toEqual(["destroy-ordered", "recording-destroyed"]);
  });

  it("from before the key was gone, restored after a crash between key and certificate, is finished", async () => {
    const { ports, forceId } = test;
    const id = await test.collect({ endedDays: -40, receivedDays: -40 });
    await save(own);
    const broken = {
      ...ports,
      objects: { ...ports.objects, delete: () => Promise.reject(new Error("cut")) },
    };
    expect(await runRetention(broken, forceId)).toMatchObject({ failed: 1 });
    await restore(own);
    expect(await runRetention(ports, forceId)).toMatchObject({ destroyed: 1, failed: 0 });
    expect(await test.events(id)).toEqual(["destroy-ordered", "recording-destroyed"]);
    expect(await test.objects.stat(test.mediaKey(id))).toEqual({ kind: "absent" });
  });

  it("that is behind its published ledger destroys nothing and forks nothing", async () => {
    const { ports, forceId, folder } = test;
    const gone = await test.collect({ endedDays: -40, receivedDays: -40 });
    await save(withLedger);
    expect(await runRetention(ports, forceId)).toMatchObject({ destroyed: 1 });
    const checkpoint = () => readFile(join(folder, "ledger", forceId, "checkpoint"), "utf8");
    const published = await checkpoint();
    await restore(withLedger);
    const due = await test.collect({ endedDays: -40, receivedDays: -40 });
    await expect(runRetention(ports, forceId)).rejects.toMatchObject({ code: "ledger-behind" });
    expect(await checkpoint()).toBe(published);
    expect(await test.state(due)).toBe("collected");
    expect((await test.keys.get(keyIdOf(due))).kind).toBe("key");
    expect((await test.keys.get(keyIdOf(gone))).kind).toBe("destroyed");
  });

  it("whose key somebody destroyed without an order is told, not certified", async () => {
    const { ports, forceId, keys } = test;
    const id = await test.collect({ endedDays: -40, receivedDays: -40 });
    await keys.delete(keyIdOf(id));
    expect(await runRetention(ports, forceId)).toMatchObject({ destroyed: 0, failed: 1 });
    expect(await test.state(id)).toBe("collected");
    const found = await test.server.test.asAdministrator(
      "select subject from sworn.finding where recording_id = $1",
      [id],
    );
    expect(found).toEqual([{ subject: "destroyed-without-order" }]);
  });
});
