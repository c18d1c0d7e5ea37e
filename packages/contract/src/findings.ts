// Findings: what a person must look at and explain.
import Type, { type Static } from "typebox";
import { CameraIdSchema, FindingIdSchema, InstantSchema, PersonIdSchema, RecordingIdSchema } from "./ids.ts";

export const findingKinds = [
  "journal-fork",
  "journal-gap",
  "journal-dropped-tail",
  "journal-refused",
  "journal-transition",
  "missing",
  "altered",
  "uncertain-clock",
  "unclean-stop",
  "foreign-upload",
  "destruction",
] as const;
export type FindingKind = (typeof findingKinds)[number];

export const FindingKindSchema = Type.Unsafe<FindingKind>(Type.String({ enum: [...findingKinds] }));

export const FindingSchema = Type.Object(
  {
    id: FindingIdSchema,
    kind: FindingKindSchema,
    cameraId: Type.Union([CameraIdSchema, Type.Null()]),
    recordingId: Type.Union([RecordingIdSchema, Type.Null()]),
    subject: Type.String({ description: "What makes it the same finding, for instance a sequence number." }),
    detail: Type.Record(Type.String(), Type.Unknown()),
    foundAt: InstantSchema,
    resolvedAt: Type.Union([InstantSchema, Type.Null()]),
    resolvedBy: Type.Union([PersonIdSchema, Type.Null()]),
  },
  { title: "Finding" },
);
export const FindingsSchema = Type.Object(
  {
    findings: Type.Array(FindingSchema),
    next: Type.Union([FindingIdSchema, Type.Null()], {
      description: "Ask with `after` for the next page; null at the end.",
    }),
  },
  { title: "Findings" },
);
export const FindingResolutionSchema = Type.Object(
  {
    reason: Type.String({
      minLength: 1,
      maxLength: 2_000,
      pattern: "^[^\\u0000]*\\S[^\\u0000]*$",
      description: "What was found out and done.",
    }),
  },
  { additionalProperties: false, title: "FindingResolution" },
);

export type Finding = Static<typeof FindingSchema>;
export type Findings = Static<typeof FindingsSchema>;
export type FindingResolution = Static<typeof FindingResolutionSchema>;
