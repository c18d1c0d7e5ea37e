// Holds: reasons why recordings are not destroyed when due. The API's shapes.
import Type, { type Static } from "typebox";
import { BoroughIdSchema, HoldIdSchema, InstantSchema, PersonIdSchema, RecordingIdSchema } from "./ids.ts";

const closed = { additionalProperties: false } as const;
const orNull = <T extends Type.TSchema>(schema: T): Type.TUnion<[T, Type.TNull]> =>
  Type.Union([schema, Type.Null()]);
const said = (description: string): Type.TString =>
  Type.String({ minLength: 1, maxLength: 2_000, pattern: "^[^\\u0000]*\\S[^\\u0000]*$", description });

export const holdKinds = [
  "evidence",
  "complaint",
  "subject-access",
  "restriction",
  "scrutiny",
  "litigation",
  "viewing",
  "other",
] as const;
export type HoldKind = (typeof holdKinds)[number];
export const HoldKindSchema = Type.Unsafe<HoldKind>(Type.String({ enum: [...holdKinds] }));

const degrees = (limit: number): Type.TNumber =>
  Type.Number({ minimum: -limit, maximum: limit, description: "Degrees, WGS 84." });
const BoxSchema = Type.Object(
  { south: degrees(90), west: degrees(180), north: degrees(90), east: degrees(180) },
  { ...closed, title: "Box" },
);

export const HoldScopeSchema = Type.Union(
  [
    Type.Object({ kind: Type.Literal("recording"), recordingId: RecordingIdSchema }, closed),
    Type.Object(
      {
        kind: Type.Literal("incident"),
        incident: Type.String({
          minLength: 1,
          maxLength: 80,
          pattern: "^[^\\s\\p{Cc}]([^\\p{Cc}]*[^\\s\\p{Cc}])?$",
          description: "The dispatch reference. Spaces and capitals make no difference.",
        }),
      },
      closed,
    ),
    Type.Object(
      {
        kind: Type.Literal("event"),
        from: InstantSchema,
        to: InstantSchema,
        boroughId: Type.Optional(BoroughIdSchema),
        area: Type.Optional(BoxSchema),
        people: Type.Optional(Type.Array(PersonIdSchema, { minItems: 1, maxItems: 100, uniqueItems: true })),
      },
      {
        ...closed,
        description:
          "Every recording that overlaps the time and fits what else is given. What is not known of a recording counts as fitting.",
      },
    ),
  ],
  { title: "HoldScope" },
);

export const HoldRequestSchema = Type.Object(
  {
    id: Type.Optional(
      Type.Unsafe<Static<typeof HoldIdSchema>>({
        ...HoldIdSchema,
        description: "Chosen by the caller, so that a request sent again places no second hold.",
      }),
    ),
    kind: HoldKindSchema,
    reason: said("Why; it is read in the ledger for ever."),
    ownerId: Type.Optional(
      Type.Unsafe<Static<typeof PersonIdSchema>>({ ...PersonIdSchema, description: "You unless given." }),
    ),
    reviewAt: InstantSchema,
    scope: HoldScopeSchema,
  },
  { ...closed, title: "HoldRequest" },
);

export const HoldSchema = Type.Object(
  {
    id: HoldIdSchema,
    kind: HoldKindSchema,
    reason: Type.String(),
    ownerId: PersonIdSchema,
    reviewAt: InstantSchema,
    reviewIsPast: Type.Boolean(),
    scope: HoldScopeSchema,
    placedAt: InstantSchema,
    placedBy: PersonIdSchema,
    releasedAt: orNull(InstantSchema),
    releasedBy: orNull(PersonIdSchema),
    releaseReason: orNull(Type.String()),
  },
  { title: "Hold" },
);

export const PlacedHoldSchema = Type.Object(
  {
    hold: HoldSchema,
    caught: Type.Integer({
      minimum: 0,
      description: "Recordings that it keeps now; later arrivals join them.",
    }),
    ordersCancelled: Type.Array(RecordingIdSchema, {
      description: "Recordings whose destruction was ordered and is called off.",
    }),
    tooLate: Type.Array(RecordingIdSchema, {
      description: "Recordings in its scope whose key is destroyed already: nobody can bring them back.",
    }),
  },
  { title: "PlacedHold" },
);
export const HoldReleaseSchema = Type.Object(
  { reason: said("Why it is not needed any more.") },
  { ...closed, title: "HoldRelease" },
);
export const HoldsSchema = Type.Object(
  {
    holds: Type.Array(HoldSchema),
    next: Type.Union([HoldIdSchema, Type.Null()], {
      description: "Ask with `after` for the next page; null at the end.",
    }),
  },
  { title: "Holds" },
);

export type HoldScope = Static<typeof HoldScopeSchema>;
export type HoldRequest = Static<typeof HoldRequestSchema>;
export type Hold = Static<typeof HoldSchema>;
export type PlacedHold = Static<typeof PlacedHoldSchema>;
export type Holds = Static<typeof HoldsSchema>;
