// Forces, boroughs, teams, people and their personal API keys, and the one-time setup: the API's shapes.
import Type, { type Static } from "typebox";
import {
  ApiKeyIdSchema,
  BoroughIdSchema,
  ForceIdSchema,
  InstantSchema,
  PersonIdSchema,
  TeamIdSchema,
} from "./ids.ts";

const closed = { additionalProperties: false } as const;

// No control characters, and no space at either end, where it would be invisible.
const name = (description: string): Type.TString =>
  Type.String({
    minLength: 1,
    maxLength: 200,
    pattern: "^[^\\s\\p{Cc}]([^\\p{Cc}]*[^\\s\\p{Cc}])?$",
    description,
  });
const collarNumber = Type.String({ pattern: "^[A-Z0-9]{1,12}$", description: "Capitals and digits." });
const slug = Type.String({
  pattern: "^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$",
  description: "A short name for addresses: small letters, digits, hyphens; 40 at most.",
});

export const SetupRequestSchema = Type.Object(
  {
    code: Type.String({
      minLength: 1,
      maxLength: 100,
      description: "The one-time code from the server's log.",
    }),
    force: Type.Object({ name: name("As the public knows it."), slug }, closed),
    person: Type.Object(
      { name: name("Who administers the force."), collarNumber: Type.Optional(collarNumber) },
      closed,
    ),
  },
  { ...closed, title: "SetupRequest" },
);

export const ForceSchema = Type.Object(
  { id: ForceIdSchema, name: Type.String(), slug: Type.String() },
  { title: "Force" },
);

export const BoroughRequestSchema = Type.Object(
  { name: name("For instance Camden."), slug },
  { ...closed, title: "BoroughRequest" },
);
export const BoroughSchema = Type.Object(
  { id: BoroughIdSchema, name: Type.String(), slug: Type.String() },
  { title: "Borough" },
);

export const TeamRequestSchema = Type.Object(
  { boroughId: BoroughIdSchema, name: name("For instance Response A.") },
  { ...closed, title: "TeamRequest" },
);
export const TeamSchema = Type.Object(
  { id: TeamIdSchema, boroughId: BoroughIdSchema, name: Type.String() },
  { title: "Team" },
);

export const PersonRequestSchema = Type.Object(
  {
    name: name("As colleagues know them."),
    collarNumber: Type.Optional(collarNumber),
    boroughId: Type.Optional(BoroughIdSchema),
    teamId: Type.Optional(TeamIdSchema),
    administrator: Type.Optional(Type.Boolean({ description: "May add people, keys, boroughs and teams." })),
  },
  { ...closed, title: "PersonRequest" },
);
export const PersonSchema = Type.Object(
  {
    id: PersonIdSchema,
    forceId: ForceIdSchema,
    name: Type.String(),
    collarNumber: Type.Union([Type.String(), Type.Null()]),
    boroughId: Type.Union([BoroughIdSchema, Type.Null()]),
    teamId: Type.Union([TeamIdSchema, Type.Null()]),
    administrator: Type.Boolean(),
  },
  { title: "Person" },
);

export const ApiKeyRequestSchema = Type.Object(
  {
    personId: PersonIdSchema,
    label: name("What the key is for."),
    validForDays: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 3650, description: "365 unless given." }),
    ),
  },
  { ...closed, title: "ApiKeyRequest" },
);
export const ApiKeySchema = Type.Object(
  {
    id: ApiKeyIdSchema,
    personId: PersonIdSchema,
    label: Type.String(),
    createdAt: InstantSchema,
    expiresAt: InstantSchema,
    revokedAt: Type.Union([InstantSchema, Type.Null()]),
  },
  { title: "ApiKey" },
);
export const NewApiKeySchema = Type.Object(
  {
    ...ApiKeySchema.properties,
    secret: Type.String({ description: "Shown this once; the server keeps only its hash." }),
  },
  { title: "NewApiKey" },
);

export const SetupResponseSchema = Type.Object(
  { force: ForceSchema, person: PersonSchema, apiKey: NewApiKeySchema },
  { title: "SetupResponse" },
);
export const MeSchema = Type.Object({ person: PersonSchema, force: ForceSchema }, { title: "Me" });
export const PeopleSchema = Type.Object(
  {
    people: Type.Array(PersonSchema),
    next: Type.Union([PersonIdSchema, Type.Null()], {
      description: "Ask with `after` for the next page; null at the end.",
    }),
  },
  { title: "People" },
);
export const BoroughsSchema = Type.Object(
  { boroughs: Type.Array(BoroughSchema), teams: Type.Array(TeamSchema) },
  { title: "Boroughs" },
);
export const ApiKeysSchema = Type.Object({ apiKeys: Type.Array(ApiKeySchema) }, { title: "ApiKeys" });

export type SetupRequest = Static<typeof SetupRequestSchema>;
export type SetupResponse = Static<typeof SetupResponseSchema>;
export type Force = Static<typeof ForceSchema>;
export type BoroughRequest = Static<typeof BoroughRequestSchema>;
export type Borough = Static<typeof BoroughSchema>;
export type TeamRequest = Static<typeof TeamRequestSchema>;
export type Team = Static<typeof TeamSchema>;
export type PersonRequest = Static<typeof PersonRequestSchema>;
export type Person = Static<typeof PersonSchema>;
export type ApiKeyRequest = Static<typeof ApiKeyRequestSchema>;
export type ApiKey = Static<typeof ApiKeySchema>;
export type NewApiKey = Static<typeof NewApiKeySchema>;
export type Me = Static<typeof MeSchema>;
