// HTTP of people: set-up, who am I, people, keys, boroughs and teams.
import Type from "typebox";
import {
  ApiKeyIdSchema,
  ApiKeyRequestSchema,
  ApiKeysSchema,
  BoroughRequestSchema,
  BoroughSchema,
  BoroughsSchema,
  MeSchema,
  NewApiKeySchema,
  PeopleSchema,
  PersonIdSchema,
  PersonRequestSchema,
  PersonSchema,
  ProblemSchema,
  SetupRequestSchema,
  SetupResponseSchema,
  TeamRequestSchema,
  TeamSchema,
} from "@sworn/contract";
import { administratorOf, staffOf, type RegisterRoutes } from "../http/app.ts";
import { Problem } from "../http/problem.ts";
import type { Clock } from "../platform/clock.ts";
import { withForce, type Database } from "../platform/database/database.ts";
import { addBorough, addPerson, addTeam, type Added } from "./add-person.ts";
import { issueKey, revokeKey } from "./issue-key.ts";
import { presentBorough, presentKey, presentPerson, presentTeam } from "./present.ts";
import { setUpForce, type Founding } from "./set-up-force.ts";
import { listBoroughs, listKeys, listPeople, listTeams, readForce, readPerson } from "./store.ts";

const security = [{ apiKey: [] }];
const tags = ["people"];
const pageSize = 500;

function added<T>(outcome: Added<T>, taken: string): T {
  switch (outcome.outcome) {
    case "added":
      return outcome.added;
    case "taken":
      throw new Problem("conflict", taken);
    case "borough-not-found":
      throw new Problem("not-processable", "There is no such borough in your force.");
    case "team-not-found":
      throw new Problem("not-processable", "There is no such team in that borough of your force.");
  }
}

export function peopleRoutes(given: {
  readonly database: Database;
  readonly clock: Clock;
  readonly founding?: Founding;
}): RegisterRoutes {
  const { database, clock } = given;
  return (app, access) => {
    const staff = { onRequest: [...access.staff] };
    const describe = (operationId: string, summary: string) => ({ operationId, summary, tags, security });

    app.post(
      "/v1/setup",
      {
        onRequest: [...access.loopback],
        schema: {
          ...describe("setUpForce", "Found a force with the one-time code from the server's log"),
          security: [],
          body: SetupRequestSchema,
          response: { 201: SetupResponseSchema, "4xx": ProblemSchema },
        },
      },
      async (request, reply) => {
        const result = await setUpForce(given, request.body);
        if (result.outcome === "founded")
          return reply.code(201).header("cache-control", "no-store").send(result.response);
        if (result.outcome === "slug-taken")
          throw new Problem("conflict", "Another force has that slug. Choose another.");
        throw new Problem(
          "setup-code-invalid",
          "Use the newest code from the server's log; it works once, for an hour.",
        );
      },
    );

    app.get(
      "/v1/me",
      {
        ...staff,
        schema: {
          ...describe("getMe", "Whose key this is"),
          response: { 200: MeSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const me = staffOf(request);
        return withForce(database, me, async (tx) => {
          const person = await readPerson(tx, me.personId);
          if (person === undefined) throw new Problem("not-found", "The person of this key is gone.");
          const { id, name, slug } = await readForce(tx, me.forceId);
          return { person: presentPerson(person), force: { id, name, slug } };
        });
      },
    );

    app.get(
      "/v1/people",
      {
        ...staff,
        schema: {
          ...describe("listPeople", "The people of the force, a page at a time"),
          querystring: Type.Object({ after: Type.Optional(PersonIdSchema) }, { additionalProperties: false }),
          response: { 200: PeopleSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const rows = await withForce(database, staffOf(request), (tx) =>
          listPeople(tx, pageSize, request.query.after),
        );
        return {
          people: rows.map(presentPerson),
          next: rows.length === pageSize ? (rows.at(-1)?.id ?? null) : null,
        };
      },
    );

    app.post(
      "/v1/people",
      {
        ...staff,
        schema: {
          ...describe("addPerson", "Add a person (administrators)"),
          body: PersonRequestSchema,
          response: { 201: PersonSchema, "4xx": ProblemSchema },
        },
      },
      async (request, reply) => {
        const outcome = await addPerson(database, clock, administratorOf(request), request.body);
        return reply.code(201).send(added(outcome, "Another person of the force has that collar number."));
      },
    );

    app.get(
      "/v1/boroughs",
      {
        ...staff,
        schema: {
          ...describe("listBoroughs", "The boroughs and teams of the force"),
          response: { 200: BoroughsSchema, "4xx": ProblemSchema },
        },
      },
      async (request) =>
        withForce(database, staffOf(request), async (tx) => ({
          boroughs: (await listBoroughs(tx)).map(presentBorough),
          teams: (await listTeams(tx)).map(presentTeam),
        })),
    );

    app.post(
      "/v1/boroughs",
      {
        ...staff,
        schema: {
          ...describe("addBorough", "Add a borough (administrators)"),
          body: BoroughRequestSchema,
          response: { 201: BoroughSchema, "4xx": ProblemSchema },
        },
      },
      async (request, reply) => {
        const outcome = await addBorough(database, clock, administratorOf(request), request.body);
        return reply.code(201).send(added(outcome, "Another borough of the force has that slug."));
      },
    );

    app.post(
      "/v1/teams",
      {
        ...staff,
        schema: {
          ...describe("addTeam", "Add a team to a borough (administrators)"),
          body: TeamRequestSchema,
          response: { 201: TeamSchema, "4xx": ProblemSchema },
        },
      },
      async (request, reply) => {
        const outcome = await addTeam(database, clock, administratorOf(request), request.body);
        return reply.code(201).send(added(outcome, "The borough has a team of that name."));
      },
    );

    app.get(
      "/v1/api-keys",
      {
        ...staff,
        schema: {
          ...describe("listApiKeys", "Your keys, without their secrets"),
          response: { 200: ApiKeysSchema, "4xx": ProblemSchema },
        },
      },
      async (request) => {
        const me = staffOf(request);
        const keys = await withForce(database, me, (tx) => listKeys(tx, me.personId));
        return { apiKeys: keys.map(presentKey) };
      },
    );

    app.post(
      "/v1/api-keys",
      {
        ...staff,
        schema: {
          ...describe("issueApiKey", "Issue a key to a person (administrators); the secret is shown once"),
          body: ApiKeyRequestSchema,
          response: { 201: NewApiKeySchema, "4xx": ProblemSchema },
        },
      },
      async (request, reply) => {
        const result = await issueKey(database, clock, administratorOf(request), request.body);
        if (result.outcome === "person-not-found")
          throw new Problem("not-processable", "There is no such person in your force.");
        return reply.code(201).header("cache-control", "no-store").send(result.apiKey);
      },
    );

    app.delete(
      "/v1/api-keys/:keyId",
      {
        ...staff,
        schema: {
          ...describe("revokeApiKey", "Revoke a key: your own, or anybody's as an administrator"),
          params: Type.Object({ keyId: ApiKeyIdSchema }),
          response: { 204: Type.Null(), "4xx": ProblemSchema },
        },
      },
      async (request, reply) => {
        const outcome = await revokeKey(database, clock, staffOf(request), request.params.keyId);
        if (outcome === "not-found") throw new Problem("not-found", "There is no such key in your force.");
        if (outcome === "not-yours")
          throw new Problem("not-allowed", "Only its owner or an administrator may revoke a key.");
        return reply.code(204).send(null);
      },
    );
  };
}
