// Docking: sessions, journals, what the camera holds, and a camera's life as intervals: the API's shapes.
import Type, { type Static } from "typebox";
import { bytesSchema } from "./bytes.ts";
import {
  CameraIdSchema,
  DockingSessionIdSchema,
  FindingIdSchema,
  InstantSchema,
  RecordingIdSchema,
} from "./ids.ts";
import { FindingKindSchema } from "./findings.ts";

const closed = { additionalProperties: false } as const;
const sequence = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** The media type of a journal segment (RFC 8742). */
export const JOURNAL_MEDIA_TYPE = "application/cbor-seq";
/** The largest journal segment, in bytes (evidence format §4). */
export const JOURNAL_SEGMENT_MAXIMUM_BYTES = 4 * 1024 * 1024;
/** The header that names the docking session; its nonce is the `nonce` of the signature. */
export const SESSION_HEADER = "sworn-session";
/** The header in which the server tells its time, ms since 1970, to a dock whose clock is off. */
export const TIME_HEADER = "sworn-time";

export const JournalHeadSchema = Type.Object(
  { sequence, hash: bytesSchema(32, "SHA-256 of that entry.") },
  { ...closed, title: "JournalHead" },
);
export const DockingSessionRequestSchema = Type.Object(
  {
    camera: CameraIdSchema,
    head: Type.Optional(
      Type.Union([JournalHeadSchema, Type.Null()], { description: "The head that the camera shows." }),
    ),
  },
  { ...closed, title: "DockingSessionRequest" },
);
export const DockingSessionSchema = Type.Object(
  {
    session: DockingSessionIdSchema,
    nonce: bytesSchema(32, "For the camera's `docked` entry and the dock's signatures."),
    serverTimeMs: Type.Integer({ description: "The server's time, ms since 1970." }),
    head: Type.Union([JournalHeadSchema, Type.Null()]),
    ingestKey: bytesSchema(4_096, "The signed ingest key to use from now on (evidence format §5)."),
    service: bytesSchema(16_384, "The certificate that signed it, DER."),
  },
  { title: "DockingSession" },
);

export const ExpectedRecordingSchema = Type.Object(
  {
    recording: RecordingIdSchema,
    number: Type.Integer({ minimum: 1 }),
    storedBytes: Type.Union([Type.Integer(), Type.Null()], { description: "Null until it is sealed." }),
    state: Type.Unsafe<"expected" | "collected" | "destroy-ordered" | "destroyed">(
      Type.String({ enum: ["expected", "collected", "destroy-ordered", "destroyed"] }),
    ),
    offset: Type.Integer({ minimum: 0, description: "Bytes of it that are here." }),
  },
  { title: "ExpectedRecording" },
);
export const JournalFindingSchema = Type.Object(
  { id: FindingIdSchema, kind: FindingKindSchema, subject: Type.String() },
  { title: "JournalFinding" },
);
export const JournalAnswerSchema = Type.Object(
  {
    head: Type.Union([JournalHeadSchema, Type.Null()]),
    accepted: Type.Integer({ minimum: 0, description: "Entries that are new." }),
    duplicate: Type.Integer({ minimum: 0, description: "Entries that were here already." }),
    refused: Type.Integer({
      minimum: 0,
      description: "Entries that do not follow: kept, and told as a finding.",
    }),
    opened: Type.Boolean({ description: "Whether the camera has shown itself: media may follow." }),
    findings: Type.Array(JournalFindingSchema),
    expected: Type.Array(ExpectedRecordingSchema, {
      description: "Recordings of the camera that it has not freed, oldest first, 2,000 at most.",
    }),
  },
  { title: "JournalAnswer" },
);

export const HoldingsRequestSchema = Type.Object(
  { recordings: Type.Array(RecordingIdSchema, { maxItems: 10_000 }) },
  { ...closed, title: "HoldingsRequest" },
);
export const HoldingsAnswerSchema = Type.Object(
  { missing: Type.Array(Type.Object({ recording: RecordingIdSchema, number: Type.Integer() })) },
  { title: "HoldingsAnswer" },
);

export const IntervalSchema = Type.Object(
  {
    state: Type.String({ enum: ["off", "standby", "recording", "muted", "paused", "docked"] }),
    fromSequence: sequence,
    toSequence: sequence,
    from: Type.Union([InstantSchema, Type.Null()], { description: "Corrected." }),
    to: Type.Union([InstantSchema, Type.Null()], { description: "Corrected." }),
    clock: Type.Unsafe<"dock" | "bounded" | "unbounded">(
      Type.String({ enum: ["dock", "bounded", "unbounded"] }),
    ),
    fromWallMs: Type.Integer({ description: "As the camera's clock said." }),
    toWallMs: Type.Integer({ description: "As the camera's clock said." }),
    recording: Type.Union([RecordingIdSchema, Type.Null()]),
    reason: Type.Union([Type.String(), Type.Null()]),
    uncertainEnd: Type.Boolean({ description: "It ended without a word, somewhere before `to`." }),
  },
  { title: "Interval" },
);
export const IntervalsSchema = Type.Object(
  {
    intervals: Type.Array(IntervalSchema),
    problems: Type.Array(Type.Object({ sequence, message: Type.String() })),
    fromSequence: Type.Union([sequence, Type.Null()]),
    toSequence: Type.Union([sequence, Type.Null()]),
  },
  { title: "Intervals" },
);

export type JournalHead = Static<typeof JournalHeadSchema>;
export type DockingSessionRequest = Static<typeof DockingSessionRequestSchema>;
export type DockingSession = Static<typeof DockingSessionSchema>;
export type ExpectedRecording = Static<typeof ExpectedRecordingSchema>;
export type JournalFinding = Static<typeof JournalFindingSchema>;
export type JournalAnswer = Static<typeof JournalAnswerSchema>;
export type HoldingsRequest = Static<typeof HoldingsRequestSchema>;
export type HoldingsAnswer = Static<typeof HoldingsAnswerSchema>;
export type Interval = Static<typeof IntervalSchema>;
export type Intervals = Static<typeof IntervalsSchema>;
