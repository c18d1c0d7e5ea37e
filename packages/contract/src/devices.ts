// Cameras, docks, assignments, losses and breaches: the API's shapes.
import Type, { type Static } from "typebox";
import { bytesSchema } from "./bytes.ts";
import {
  AssignmentIdSchema,
  BoroughIdSchema,
  BreachIdSchema,
  CameraIdSchema,
  DockIdSchema,
  InstantSchema,
  PersonIdSchema,
  RecordingIdSchema,
  TeamIdSchema,
} from "./ids.ts";

const closed = { additionalProperties: false } as const;
const orNull = <T extends Type.TSchema>(schema: T): Type.TUnion<[T, Type.TNull]> =>
  Type.Union([schema, Type.Null()]);

// No control characters, and no space at either end, where it would be invisible.
const shown = (maxLength: number, description: string): Type.TString =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern: "^[^\\s\\p{Cc}]([^\\p{Cc}]*[^\\s\\p{Cc}])?$",
    description,
  });
const spki = bytesSchema(200, "SubjectPublicKeyInfo (RFC 5280 §4.1) of a P-256 key, DER.");

export const CameraRequestSchema = Type.Object(
  {
    id: CameraIdSchema,
    name: shown(60, "For instance MET-0042."),
    model: shown(200, "Maker and model."),
    spki,
    boroughId: Type.Optional(BoroughIdSchema),
    teamId: Type.Optional(TeamIdSchema),
  },
  { ...closed, title: "CameraRequest" },
);

export const CameraSchema = Type.Object(
  {
    id: CameraIdSchema,
    name: Type.String(),
    model: Type.String(),
    boroughId: orNull(BoroughIdSchema),
    teamId: orNull(TeamIdSchema),
    state: Type.Unsafe<"in-service" | "lost" | "retired">(
      Type.String({ enum: ["in-service", "lost", "retired"] }),
    ),
    enrolledAt: InstantSchema,
    lastDockedAt: orNull(InstantSchema),
    headSequence: orNull(
      Type.Integer({ minimum: 0, description: "The last journal entry that was accepted." }),
    ),
    assignment: orNull(
      Type.Object({ id: AssignmentIdSchema, personId: PersonIdSchema, startedAt: InstantSchema }),
    ),
  },
  { title: "Camera" },
);

/** What a device needs of its force, to check everything else against. */
export const EnrolmentSchema = Type.Object(
  {
    certificate: bytesSchema(16_384, "The device's certificate, DER."),
    anchor: bytesSchema(16_384, "The force's anchor, DER."),
    service: bytesSchema(16_384, "The certificate that signs ingest keys and receipts, DER."),
    ingestKey: bytesSchema(4_096, "The signed ingest key (evidence format §5)."),
    ledgerVerifierKey: Type.String({ description: "The log's key (C2SP signed-note verifier key)." }),
  },
  { title: "Enrolment" },
);
export const CameraEnrolmentSchema = Type.Object(
  { camera: CameraSchema, enrolment: EnrolmentSchema },
  { title: "CameraEnrolment" },
);
export const CamerasSchema = Type.Object(
  {
    cameras: Type.Array(CameraSchema),
    next: Type.Union([CameraIdSchema, Type.Null()], {
      description: "Ask with `after` for the next page; null at the end.",
    }),
  },
  { title: "Cameras" },
);

export const DockRequestSchema = Type.Object(
  { id: DockIdSchema, name: shown(60, "Where it stands."), spki, boroughId: Type.Optional(BoroughIdSchema) },
  { ...closed, title: "DockRequest" },
);
export const DockSchema = Type.Object(
  {
    id: DockIdSchema,
    name: Type.String(),
    boroughId: orNull(BoroughIdSchema),
    state: Type.Unsafe<"in-service" | "retired">(Type.String({ enum: ["in-service", "retired"] })),
    enrolledAt: InstantSchema,
  },
  { title: "Dock" },
);
export const DockEnrolmentSchema = Type.Object(
  { dock: DockSchema, enrolment: EnrolmentSchema },
  { title: "DockEnrolment" },
);
export const DocksSchema = Type.Object({ docks: Type.Array(DockSchema) }, { title: "Docks" });

export const AssignmentRequestSchema = Type.Object(
  {
    personId: PersonIdSchema,
    boroughId: Type.Optional(BoroughIdSchema),
    teamId: Type.Optional(TeamIdSchema),
  },
  { ...closed, title: "AssignmentRequest" },
);
export const AssignmentSchema = Type.Object(
  {
    id: AssignmentIdSchema,
    cameraId: CameraIdSchema,
    personId: PersonIdSchema,
    boroughId: orNull(BoroughIdSchema),
    teamId: orNull(TeamIdSchema),
    startedAt: InstantSchema,
    endedAt: orNull(InstantSchema),
    officer: Type.String({ description: "The officer's name, for the camera's journal." }),
    collarNumber: orNull(Type.String()),
    borough: orNull(Type.String()),
    team: orNull(Type.String()),
  },
  { title: "Assignment" },
);
export const AssignmentsSchema = Type.Object(
  { assignments: Type.Array(AssignmentSchema) },
  { title: "Assignments" },
);

export const LossRequestSchema = Type.Object(
  {
    circumstances: Type.String({
      minLength: 1,
      maxLength: 4_000,
      pattern: "^[^\\u0000]*\\S[^\\u0000]*$",
      description: "When, where and how it was lost, as far as is known.",
    }),
  },
  { ...closed, title: "LossRequest" },
);

/** Something that a lost camera may hold, and how much is known of it. */
export const MayHoldSchema = Type.Object(
  {
    kind: Type.Unsafe<"sealed" | "unsealed" | "not-freed" | "unknown-since">(
      Type.String({
        enum: ["sealed", "unsealed", "not-freed", "unknown-since"],
        description:
          "sealed, unsealed: promised by the journal and not collected. not-freed: collected, but the camera " +
          "has not said that it removed its copy. unknown-since: whatever was recorded after the last accepted " +
          "journal entry.",
      }),
    ),
    recording: orNull(RecordingIdSchema),
    number: orNull(Type.Integer()),
    startedAt: orNull(InstantSchema),
    durationMs: orNull(Type.Integer()),
    storedBytes: orNull(Type.Integer()),
    receivedBytes: Type.Integer({ minimum: 0, description: "Bytes of it that arrived." }),
    afterSequence: orNull(Type.Integer()),
    lastDockedAt: orNull(InstantSchema),
  },
  { title: "MayHold" },
);
export const BreachSchema = Type.Object(
  {
    id: BreachIdSchema,
    cameraId: orNull(CameraIdSchema),
    openedAt: InstantSchema,
    notifyBy: InstantSchema,
    circumstances: Type.String(),
    mayHold: Type.Array(MayHoldSchema),
    closedAt: orNull(InstantSchema),
  },
  { title: "Breach" },
);
export const LossSchema = Type.Object({ camera: CameraSchema, breach: BreachSchema }, { title: "Loss" });
export const BreachesSchema = Type.Object({ breaches: Type.Array(BreachSchema) }, { title: "Breaches" });

export type CameraRequest = Static<typeof CameraRequestSchema>;
export type Camera = Static<typeof CameraSchema>;
export type Cameras = Static<typeof CamerasSchema>;
export type Enrolment = Static<typeof EnrolmentSchema>;
export type CameraEnrolment = Static<typeof CameraEnrolmentSchema>;
export type DockRequest = Static<typeof DockRequestSchema>;
export type Dock = Static<typeof DockSchema>;
export type Docks = Static<typeof DocksSchema>;
export type DockEnrolment = Static<typeof DockEnrolmentSchema>;
export type AssignmentRequest = Static<typeof AssignmentRequestSchema>;
export type Assignment = Static<typeof AssignmentSchema>;
export type Assignments = Static<typeof AssignmentsSchema>;
export type LossRequest = Static<typeof LossRequestSchema>;
export type Loss = Static<typeof LossSchema>;
export type MayHold = Static<typeof MayHoldSchema>;
export type Breach = Static<typeof BreachSchema>;
export type Breaches = Static<typeof BreachesSchema>;
