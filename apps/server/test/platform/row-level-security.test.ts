// One force never sees another's (invariant 7): the database itself refuses, whatever the query.
import { randomUUID } from "node:crypto";
import type { BoroughId, ForceId, PersonId } from "@sworn/contract";
import { sql } from "kysely";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withForce, withPlatform, type Actor } from "../../src/platform/database/database.ts";
import { startTestDatabase, type TestDatabase } from "./test-database.ts";

// Tables that are not a force's: no row of theirs is anybody's but the machinery's.
const withoutForce = ["setup_code", "job_run", "job_schedule"];

let test: TestDatabase;
const met: Actor = { forceId: randomUUID() as ForceId, personId: randomUUID() as PersonId };
const bedfordshire: Actor = { forceId: randomUUID() as ForceId, personId: randomUUID() as PersonId };

beforeAll(async () => {
  test = await startTestDatabase();
  for (const [actor, slug] of [
    [met, "met"],
    [bedfordshire, "bedfordshire"],
  ] as const) {
    await test.asAdministrator("insert into sworn.force values ($1, default, $2, $2, now())", [
      actor.forceId,
      slug,
    ]);
    await test.asAdministrator(
      "insert into sworn.person (id, force_id, name, created_at) values ($1, $2, $3, now())",
      [actor.personId, actor.forceId, slug],
    );
  }
});
afterAll(() => test.stop());

const borough = (actor: Actor, id = randomUUID()) => ({
  id: id as BoroughId,
  force_id: actor.forceId,
  name: "Camden",
  slug: id.slice(0, 8),
  created_at: new Date(0),
});

describe("row-level security", () => {
  it("is enabled and forced on every table of the schema, and each has force_id", async () => {
    const tables = await test.asAdministrator(
      `select c.relname as name, c.relrowsecurity and c.relforcerowsecurity as forced,
         exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'force_id' and a.attnotnull) as owned,
         exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'own_force') as policed,
         pg_get_userbyid(c.relowner) as owner
       from pg_class c where c.relnamespace = 'sworn'::regnamespace and c.relkind in ('r', 'p') order by 1`,
    );
    expect(tables.length).toBeGreaterThan(6);
    for (const table of tables) {
      const own = !withoutForce.includes(String(table["name"]));
      expect(table).toMatchObject({
        forced: true,
        owner: "sworn_owner",
        ...(own ? { owned: true, policed: true } : {}),
      });
    }
  });

  it("gives no view or function a way round: none is owned by a role that bypasses it", async () => {
    const owners = await test.asAdministrator(
      `select distinct rolname, rolsuper or rolbypassrls as strong from pg_roles r
       where oid in (select relowner from pg_class where relnamespace = 'sworn'::regnamespace
         union select proowner from pg_proc where pronamespace = 'sworn'::regnamespace)`,
    );
    expect(owners.length).toBeGreaterThan(2);
    expect(owners.filter((row) => row["strong"] === true)).toEqual([]);
  });

  it("shows a force its own rows only", async () => {
    for (const actor of [met, bedfordshire]) {
      const people = await withForce(test.database, actor, (tx) =>
        tx.selectFrom("person").select("id").execute(),
      );
      expect(people).toEqual([{ id: actor.personId }]);
    }
  });

  it("shows hand-made SQL without a force nothing, in every table", async () => {
    const client = new Client(test.source.server);
    await client.connect();
    await client.query("set role sworn_app");
    for (const table of ["force", "borough", "team", "person", "api_key"]) {
      expect((await client.query(`select * from sworn.${table}`)).rows).toEqual([]);
      await client.query("select set_config('sworn.force_id', '', false)");
      expect((await client.query(`select * from sworn.${table}`)).rows).toEqual([]);
    }
    await client.end();
  });

  it("lets the server's session do nothing before it takes a role, and never become the owner", async () => {
    const client = new Client(test.source.server);
    await client.connect();
    await expect(client.query("select * from sworn.person")).rejects.toThrow(/permission denied/);
    for (const role of ["sworn_owner", "sworn_definer", "sworn_admin"]) {
      await expect(client.query(`set role ${role}`)).rejects.toThrow(/permission denied/);
    }
    await client.end();
  });

  it("refuses an insert into another force, an update of its rows, and a reference into it", async () => {
    await expect(
      withForce(test.database, met, (tx) => tx.insertInto("borough").values(borough(bedfordshire)).execute()),
    ).rejects.toThrow(/row-level security/);

    const theirs = borough(bedfordshire);
    await withForce(test.database, bedfordshire, (tx) => tx.insertInto("borough").values(theirs).execute());
    const seen = await withForce(test.database, met, (tx) =>
      tx.selectFrom("borough").selectAll().where("id", "=", theirs.id).execute(),
    );
    expect(seen).toEqual([]);
    const person = {
      id: randomUUID() as PersonId,
      force_id: met.forceId,
      name: "A",
      collar_number: null,
      team_id: null,
    };
    await expect(
      withForce(test.database, met, (tx) =>
        tx
          .insertInto("person")
          .values({ ...person, borough_id: theirs.id, is_administrator: false, created_at: new Date(0) })
          .execute(),
      ),
    ).rejects.toThrow(/foreign key/);
  });

  it("leaves nothing of one transaction's force on the connection for the next", async () => {
    await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const actor = index % 2 === 0 ? met : bedfordshire;
        const rows = await withForce(test.database, actor, (tx) =>
          tx.selectFrom("person").select("force_id").execute(),
        );
        expect(rows.every((row) => row.force_id === actor.forceId)).toBe(true);
        const platform = withPlatform(test.database, (tx) => tx.selectFrom("person").select("id").execute());
        await expect(platform).rejects.toThrow(/permission denied/);
      }),
    );
  });

  it("refuses an actor that is no id before asking the database", async () => {
    const actor = { forceId: "' or true --" as ForceId, personId: null };
    await expect(withForce(test.database, actor, () => Promise.resolve())).rejects.toMatchObject({
      code: "invalid-actor",
    });
  });

  it("rolls back what a failing transaction wrote", async () => {
    const row = borough(met);
    await expect(
      withForce(test.database, met, async (tx) => {
        await tx.insertInto("borough").values(row).execute();
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    const found = await withForce(test.database, met, (tx) =>
      sql`select from sworn.borough where id = ${row.id}`.execute(tx),
    );
    expect(found.rows).toEqual([]);
  });
});
