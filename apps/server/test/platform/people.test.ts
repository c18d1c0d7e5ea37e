// Set-up, keys and people through the front door: codes work once, keys belong to people, people to one force.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { issueFirstSetupCode, issueSetupCode, setupCodeValidMs } from "../../src/people/index.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

let server: TestServer;
let met: { key: string; forceId: string; personId: string };
let bedfordshire: typeof met;

beforeAll(async () => {
  server = await startTestServer();
  met = await server.found("met");
  bedfordshire = await server.found("bedfordshire");
});
afterAll(() => server.stop());

const request = (code: string, slug: string) => ({
  code,
  force: { name: slug, slug },
  person: { name: "B. Administrator", collarNumber: "A1" },
});

describe("a name", () => {
  it("with a NUL is refused with words, not with a fault", async () => {
    const answer = await server.call("POST", "/v1/people", { key: met.key, body: { name: "A\u0000B" } });
    expect(answer).toMatchObject({ status: 400, body: { code: "request-invalid" } });
  });
});

describe("set-up", () => {
  it("gives a first code only while nobody has a key", async () => {
    expect(await issueFirstSetupCode(server.test.database, server.clock)).toBeNull();
  });

  it("lets a code found one force, once, even when asked twice at the same moment", async () => {
    const code = await issueSetupCode(server.test.database, server.clock);
    const answers = await Promise.all(
      ["kent", "essex", "surrey"].map((slug) =>
        server.call("POST", "/v1/setup", { body: request(code, slug) }),
      ),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 403, 403]);
    expect(answers.find((answer) => answer.status === 403)?.body).toMatchObject({
      code: "setup-code-invalid",
    });
  });

  it("takes a code typed in small letters without hyphens, and keeps it when the slug is taken", async () => {
    const code = await issueSetupCode(server.test.database, server.clock);
    const typed = code.toLowerCase().replaceAll("-", " ");
    const taken = await server.call("POST", "/v1/setup", { body: request(typed, "met") });
    expect([taken.status, taken.body["code"]]).toEqual([409, "conflict"]);
    expect((await server.call("POST", "/v1/setup", { body: request(typed, "dorset") })).status).toBe(201);
  });

  it("refuses a code that is wrong, an hour old, or replaced by a newer one", async () => {
    const old = await issueSetupCode(server.test.database, server.clock);
    const newer = await issueSetupCode(server.test.database, server.clock);
    expect((await server.call("POST", "/v1/setup", { body: request(old, "one") })).status).toBe(403);
    server.clock.advanceMs(setupCodeValidMs);
    expect((await server.call("POST", "/v1/setup", { body: request(newer, "two") })).status).toBe(403);
    expect((await server.call("POST", "/v1/setup", { body: request("00000", "three") })).status).toBe(403);
  });

  it("keeps no secret: neither code nor key is in the database", async () => {
    const rows = await server.test.asAdministrator(
      "select t::text as row from sworn.api_key t union all select t::text from sworn.setup_code t",
    );
    const secret = met.key.slice(4);
    expect(rows.length).toBeGreaterThan(4);
    expect(JSON.stringify(rows)).not.toContain(secret);
  });
});

describe("keys", () => {
  it("say who calls", async () => {
    const me = await server.call("GET", "/v1/me", { key: met.key });
    expect(me.status).toBe(200);
    expect(me.body).toMatchObject({
      person: { id: met.personId, administrator: true, collarNumber: null },
      force: { id: met.forceId, slug: "met" },
    });
  });

  it("are refused when missing, malformed, unknown", async () => {
    const none = await server.call("GET", "/v1/me");
    expect([none.status, none.body["code"]]).toEqual([401, "key-missing"]);
    expect(none.headers.get("www-authenticate")).toContain("Bearer");
    for (const key of ["x", "swk_short", `${met.key.slice(0, -1)}!`, `swk_${"A".repeat(43)}`]) {
      const answer = await server.call("GET", "/v1/me", { key });
      expect([answer.status, answer.body["code"]]).toEqual([401, "key-invalid"]);
    }
    const basic = await server.call("GET", "/v1/me", { headers: { authorization: "Basic eDp5" } });
    expect(basic.status).toBe(401);
  });

  it("belong to people: a second person's key is theirs, and stops when revoked or expired", async () => {
    const person = await server.call("POST", "/v1/people", {
      key: met.key,
      body: { name: "P. Constable", collarNumber: "PC42" },
    });
    expect(person.status).toBe(201);
    const issue = { personId: person.body["id"], label: "laptop", validForDays: 2 };
    const issued = await server.call("POST", "/v1/api-keys", { key: met.key, body: issue });
    expect(issued.status).toBe(201);
    expect(issued.headers.get("cache-control")).toBe("no-store");
    const key = String(issued.body["secret"]);
    const me = await server.call("GET", "/v1/me", { key });
    expect(me.body).toMatchObject({ person: { id: person.body["id"], administrator: false } });

    const listed = await server.call("GET", "/v1/api-keys", { key });
    expect(JSON.stringify(listed.body)).not.toContain("secret");
    for (const [method, path, body] of [
      ["POST", "/v1/people", { name: "X" }],
      ["POST", "/v1/api-keys", issue],
      ["POST", "/v1/boroughs", { name: "X", slug: "x" }],
    ] as const) {
      const answer = await server.call(method, path, { key, body });
      expect([answer.status, answer.body["code"]]).toEqual([403, "not-allowed"]);
    }

    const second = await server.call("POST", "/v1/api-keys", { key: met.key, body: issue });
    const revoke = (id: unknown, by: string) =>
      server.call("DELETE", `/v1/api-keys/${String(id)}`, { key: by });
    const mine = (await server.call("GET", "/v1/api-keys", { key: met.key })).body["apiKeys"] as {
      id: string;
    }[];
    expect((await revoke(mine[0]?.id, key)).status).toBe(403);
    expect((await revoke(issued.body["id"], bedfordshire.key)).status).toBe(404);
    expect((await revoke(issued.body["id"], key)).status).toBe(204);
    expect((await server.call("GET", "/v1/me", { key })).body["detail"]).toMatch(/revoked/);

    const other = String(second.body["secret"]);
    expect((await server.call("GET", "/v1/me", { key: other })).status).toBe(200);
    server.clock.advanceMs(2 * 86_400_000);
    expect((await server.call("GET", "/v1/me", { key: other })).body["detail"]).toMatch(/expired/);
  });

  it("are not issued across forces", async () => {
    const body = { personId: bedfordshire.personId, label: "theft" };
    const answer = await server.call("POST", "/v1/api-keys", { key: met.key, body });
    expect([answer.status, answer.body["code"]]).toEqual([422, "not-processable"]);
  });
});

describe("people", () => {
  it("have boroughs and teams of their own force only", async () => {
    const borough = await server.call("POST", "/v1/boroughs", {
      key: met.key,
      body: { name: "Camden", slug: "camden" },
    });
    const twice = await server.call("POST", "/v1/boroughs", {
      key: met.key,
      body: { name: "Camden", slug: "camden" },
    });
    expect([borough.status, twice.status]).toEqual([201, 409]);
    const boroughId = borough.body["id"];
    const team = await server.call("POST", "/v1/teams", {
      key: met.key,
      body: { boroughId, name: "Response A" },
    });
    const stolen = await server.call("POST", "/v1/teams", {
      key: bedfordshire.key,
      body: { boroughId, name: "Response A" },
    });
    expect([team.status, stolen.status]).toEqual([201, 422]);

    const member = await server.call("POST", "/v1/people", {
      key: met.key,
      body: { name: "T. Member", teamId: team.body["id"] },
    });
    expect(member.body).toMatchObject({ boroughId, teamId: team.body["id"] });
    const foreign = await server.call("POST", "/v1/people", {
      key: bedfordshire.key,
      body: { name: "F", boroughId },
    });
    expect(foreign.status).toBe(422);
    const same = { name: "Same", collarNumber: "PC42" };
    expect((await server.call("POST", "/v1/people", { key: met.key, body: same })).status).toBe(409);
    expect((await server.call("POST", "/v1/people", { key: bedfordshire.key, body: same })).status).toBe(201);

    const theirs = await server.call("GET", "/v1/boroughs", { key: bedfordshire.key });
    expect(theirs.body).toEqual({ boroughs: [], teams: [] });
    const people = await server.call("GET", "/v1/people", { key: bedfordshire.key });
    const names = (people.body["people"] as { name: string }[]).map((person) => person.name).sort();
    expect(names).toEqual(["A. Administrator", "Same"]);
  });
});
