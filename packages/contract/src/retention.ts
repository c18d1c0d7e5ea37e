// Retention: classes and their periods, changes of them, what falls due, and why. The API's shapes.
import Type, { type Static } from "typebox";
import { HoldSchema } from "./holds.ts";
import {
  BoroughIdSchema,
  InstantSchema,
  PersonIdSchema,
  RecordingIdSchema,
  RetentionChangeIdSchema,
} from "./ids.ts";

const closed = { additionalProperties: false } as const;
const orNull = <T extends Type.TSchema>(schema: T): Type.TUnion<[T, Type.TNull]> =>
  Type.Union([schema, Type.Null()]);
const said = (maxLength: number, description: string): Type.TString =>
  Type.String({ minLength: 1, maxLength, pattern: "^[^\\u0000]*\\S[^\\u0000]*$", description });
const count = (description: string): Type.TInteger => Type.Integer({ minimum: 0, description });

/** The key of a retention class, for instance `domestic-abuse`. */
export const RetentionClassKeySchema = Type.String({
  pattern: "^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$",
  description: "A class by its key, for instance domestic-abuse.",
});
const periodDays = orNull(
  Type.Integer({
    minimum: 1,
    maximum: 36_500,
    description:
      "Days from the corrected end of the recording. Null: no clock, kept until it is reclassified.",
  }),
);
const reviewDays = orNull(Type.Integer({ minimum: 1, maximum: 3_650, description: "Days between reviews." }));

export const RetentionRuleSchema = Type.Object(
  {
    class: Type.String(),
    version: Type.Integer({ minimum: 1 }),
    periodDays,
    citation: Type.String({ description: "Where the period comes from." }),
  },
  { title: "RetentionRule" },
);
export const RetentionClassSchema = Type.Object(
  {
    class: Type.String(),
    title: Type.String(),
    isDefault: Type.Boolean({ description: "What is not classified is kept as long as this class." }),
    version: Type.Integer({ minimum: 1 }),
    periodDays,
    reviewDays,
    citation: Type.String(),
    effectiveAt: InstantSchema,
  },
  { title: "RetentionClass" },
);
export const RetentionClassesSchema = Type.Object(
  { classes: Type.Array(RetentionClassSchema) },
  { title: "RetentionClasses" },
);

export const RetentionChangeRequestSchema = Type.Object(
  {
    class: RetentionClassKeySchema,
    title: Type.Optional(said(200, "Of a class that is new.")),
    periodDays,
    reviewDays: Type.Optional(reviewDays),
    citation: said(500, "Where the new period comes from."),
    reason: said(2_000, "Why it is changed."),
    applyToExisting: Type.Optional(
      Type.Boolean({
        description:
          "Also for what was received before now. False unless given: then what exists keeps the longer of both periods.",
      }),
    ),
  },
  { ...closed, title: "RetentionChangeRequest" },
);
export const RetentionEffectSchema = Type.Object(
  {
    existing: count("Recordings of the class that exist."),
    longer: count("Those that are kept longer than before."),
    shorter: count("Those that are kept shorter than before."),
    dueByExpiry: count("Those kept shorter that fall due before this proposal expires, holds left aside."),
    held: count("Those kept shorter that a hold keeps in any case."),
    earliestDueAt: orNull(InstantSchema),
    sample: Type.Array(RecordingIdSchema, {
      description: "At most 20 of those kept shorter, first due first.",
    }),
  },
  { title: "RetentionEffect" },
);
export const RetentionChangeSchema = Type.Object(
  {
    id: RetentionChangeIdSchema,
    class: Type.String(),
    title: Type.String(),
    periodDays,
    reviewDays,
    citation: Type.String(),
    reason: Type.String(),
    applyToExisting: Type.Boolean(),
    state: Type.Unsafe<"proposed" | "confirmed" | "withdrawn" | "overtaken">(
      Type.String({ enum: ["proposed", "confirmed", "withdrawn", "overtaken"] }),
    ),
    proposedBy: PersonIdSchema,
    proposedAt: InstantSchema,
    expiresAt: InstantSchema,
    decidedBy: orNull(PersonIdSchema),
    decidedAt: orNull(InstantSchema),
    effect: RetentionEffectSchema,
  },
  { title: "RetentionChange" },
);
export const RetentionChangesSchema = Type.Object(
  { changes: Type.Array(RetentionChangeSchema) },
  { title: "RetentionChanges" },
);

export const retentionStandings = [
  "expected",
  "held",
  "waits-for-person",
  "kept-until-released",
  "not-due",
  "to-be-warned",
  "warned",
  "due",
  "destroy-ordered",
  "destroyed",
] as const;
export type RetentionStanding = (typeof retentionStandings)[number];
const StandingSchema = Type.Unsafe<RetentionStanding>(Type.String({ enum: [...retentionStandings] }));

export const RecordingRetentionSchema = Type.Object(
  {
    recordingId: RecordingIdSchema,
    standing: StandingSchema,
    destroyAt: Type.Union([InstantSchema, Type.Null()], {
      description: "The earliest time at which it may be destroyed; null where no clock runs.",
    }),
    why: Type.String({ description: "In words." }),
    rule: orNull(RetentionRuleSchema),
    holds: Type.Array(HoldSchema),
  },
  { title: "RecordingRetention" },
);

const planned = {
  recordingId: RecordingIdSchema,
  class: orNull(Type.String()),
  officerId: orNull(PersonIdSchema),
  boroughId: orNull(BoroughIdSchema),
  standing: StandingSchema,
  destroyAt: orNull(InstantSchema),
  why: Type.String(),
};
export const PlannedRecordingSchema = Type.Object(planned, { title: "PlannedRecording" });
export const HeldRecordingSchema = Type.Object(
  { ...planned, holds: Type.Array(HoldSchema) },
  { title: "HeldRecording" },
);
export const RetentionPlanSchema = Type.Object(
  {
    asOf: InstantSchema,
    until: InstantSchema,
    falling: count("Recordings that fall due by then and that nothing keeps."),
    byDay: Type.Array(Type.Object({ date: Type.String({ format: "date" }), recordings: count("") })),
    due: Type.Array(PlannedRecordingSchema, { description: "The first 500 of them." }),
    heldCount: count("Recordings that would fall due by then, and that holds keep."),
    held: Type.Array(HeldRecordingSchema, { description: "The first 500 of them." }),
    waitingCount: count("Recordings that wait for a person's decision, and are kept until then."),
    waiting: Type.Array(PlannedRecordingSchema, {
      description: "The first 500 of them, oldest arrival first.",
    }),
    unfinished: count("Destructions that were ordered and are not finished."),
    holdsPastReview: Type.Array(HoldSchema, { description: "They stand until somebody releases them." }),
    changes: Type.Array(RetentionChangeSchema, {
      description: "Proposed and not confirmed: what would change.",
    }),
  },
  { title: "RetentionPlan" },
);
export const RetentionWarningsSchema = Type.Object(
  {
    warnings: Type.Array(
      Type.Object({
        recordingId: RecordingIdSchema,
        officerId: orNull(PersonIdSchema),
        boroughId: orNull(BoroughIdSchema),
        recordedEndAt: InstantSchema,
        warnedAt: InstantSchema,
        destroyAt: InstantSchema,
      }),
    ),
    next: Type.Union([RecordingIdSchema, Type.Null()], {
      description: "Ask with `after` for the next page; null at the end.",
    }),
  },
  { title: "RetentionWarnings" },
);
export const RetentionRunSchema = Type.Object(
  {
    warned: count("Unclassified recordings whose people were warned."),
    destroyed: count("Recordings destroyed, with their certificates."),
    cancelled: count("Orders called off because of a hold, or because they are not due any more."),
    failed: count("Recordings whose destruction could not be finished; the next run goes on with them."),
    recordings: Type.Array(RecordingIdSchema, { description: "At most 1,000 of those destroyed." }),
  },
  { title: "RetentionRun" },
);
export const RecordedTimeDecisionSchema = Type.Object(
  {
    recordedEndAt: Type.Optional(
      Type.String({
        format: "date-time",
        description: "When the recording ended. Left out: the server's estimate stands.",
      }),
    ),
    reason: said(2_000, "How this is known."),
  },
  { ...closed, title: "RecordedTimeDecision" },
);

export type RetentionRule = Static<typeof RetentionRuleSchema>;
export type RetentionClass = Static<typeof RetentionClassSchema>;
export type RetentionChangeRequest = Static<typeof RetentionChangeRequestSchema>;
export type RetentionEffect = Static<typeof RetentionEffectSchema>;
export type RetentionChange = Static<typeof RetentionChangeSchema>;
export type RecordingRetention = Static<typeof RecordingRetentionSchema>;
export type PlannedRecording = Static<typeof PlannedRecordingSchema>;
export type HeldRecording = Static<typeof HeldRecordingSchema>;
export type RetentionPlan = Static<typeof RetentionPlanSchema>;
export type RetentionWarnings = Static<typeof RetentionWarningsSchema>;
export type RetentionRun = Static<typeof RetentionRunSchema>;
export type RecordedTimeDecision = Static<typeof RecordedTimeDecisionSchema>;
