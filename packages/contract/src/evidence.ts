// Recordings: what is listed, classified, put right and exported: the API's shapes.
import Type, { type Static } from "typebox";
import {
  BoroughIdSchema,
  CameraIdSchema,
  ExportIdSchema,
  InstantSchema,
  PersonIdSchema,
  RecordingIdSchema,
  TeamIdSchema,
} from "./ids.ts";

const closed = { additionalProperties: false } as const;
const orNull = <T extends Type.TSchema>(schema: T): Type.TUnion<[T, Type.TNull]> =>
  Type.Union([schema, Type.Null()]);
const oneOf = <T extends string>(values: readonly T[], description: string): Type.TUnsafe<T> =>
  Type.Unsafe<T>(Type.String({ enum: [...values], description }));
const bytesText = (description: string): Type.TString =>
  Type.String({ description: `${description} Base64url.` });
const shown = (maxLength: number, description: string): Type.TString =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern: "^[^\\s\\p{Cc}]([^\\p{Cc}]*[^\\s\\p{Cc}])?$",
    description,
  });

export const recordingStates = ["expected", "collected", "destroy-ordered", "destroyed"] as const;
export const RecordingStateSchema = oneOf(
  recordingStates,
  "expected: its camera's journal promises it. collected: it is here and receipted.",
);
export const RecordingSchema = Type.Object(
  {
    id: RecordingIdSchema,
    cameraId: orNull(CameraIdSchema),
    number: orNull(Type.Integer()),
    boroughId: orNull(BoroughIdSchema),
    teamId: orNull(TeamIdSchema),
    officerId: orNull(PersonIdSchema),
    state: RecordingStateSchema,
    format: oneOf(["cmaf", "file"], "cmaf: from a Sworn camera. file: another maker's."),
    verdict: orNull(oneOf(["verified", "altered", "unattested", "untrusted"], "As its receipt says.")),
    identity: orNull(bytesText("The master's identity (evidence format §5).")),
    recordedStart: orNull(InstantSchema),
    recordedEnd: orNull(InstantSchema),
    clock: orNull(oneOf(["dock", "bounded", "unbounded", "stated", "decided"], "How the times are known.")),
    cameraStartMs: orNull(Type.Integer({ description: "As the camera's clock said, ms since 1970." })),
    cameraEndMs: orNull(Type.Integer()),
    durationMs: orNull(Type.Integer()),
    endReason: orNull(Type.String({ description: "As the seal says." })),
    parts: orNull(Type.Integer()),
    lengthBytes: orNull(Type.Integer()),
    storedBytes: orNull(Type.Integer()),
    fileName: orNull(Type.String()),
    receivedAt: orNull(InstantSchema),
    hasReceipt: Type.Boolean(),
    class: orNull(Type.String()),
    incident: orNull(Type.String()),
    classifiedAt: orNull(InstantSchema),
    classifiedBy: orNull(PersonIdSchema),
    destroyedAt: orNull(InstantSchema),
  },
  { title: "Recording" },
);
export const RecordingsSchema = Type.Object(
  {
    recordings: Type.Array(RecordingSchema),
    next: Type.Union([Type.String(), Type.Null()], {
      description: "Ask with `after` for the next page; null at the end.",
    }),
  },
  { title: "Recordings" },
);
export const RecordingQuerySchema = Type.Object(
  {
    camera: Type.Optional(CameraIdSchema),
    officer: Type.Optional(PersonIdSchema),
    state: Type.Optional(RecordingStateSchema),
    class: Type.Optional(
      Type.String({ maxLength: 60, description: "`unclassified` for those without one." }),
    ),
    incident: Type.Optional(Type.String({ maxLength: 80 })),
    from: Type.Optional(InstantSchema),
    to: Type.Optional(InstantSchema),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: "100 unless given." })),
    after: Type.Optional(Type.String({ maxLength: 100 })),
  },
  closed,
);

export const ClassificationSchema = Type.Object(
  {
    class: Type.Union([Type.String({ pattern: "^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?$" }), Type.Null()], {
      description: "A retention class; null takes the classification back.",
    }),
    incident: Type.Optional(orNull(shown(80, "The incident's reference."))),
  },
  { ...closed, title: "Classification" },
);
export const HistoryEntrySchema = Type.Object(
  {
    event: Type.String(),
    at: InstantSchema,
    index: orNull(
      Type.Integer({ description: "Its place in the ledger; null until a checkpoint covers it." }),
    ),
    person: orNull(PersonIdSchema),
    device: orNull(Type.String()),
    system: orNull(Type.String()),
    data: orNull(
      Type.Record(Type.String(), Type.Unknown(), { description: "Bytes as base64url. Null once shredded." }),
    ),
  },
  { title: "HistoryEntry" },
);
export const HistorySchema = Type.Object(
  { recording: RecordingIdSchema, entries: Type.Array(HistoryEntrySchema) },
  { title: "History" },
);

const ExportDetailsSchema = oneOf(
  ["recording", "none"],
  "recording: what is personal in the recording's own entries (positions, notes, reasons) goes with it.",
);
export const ExportRequestSchema = Type.Object(
  {
    recipient: shown(200, "Who gets it."),
    purpose: shown(500, "What for."),
    details: Type.Optional(ExportDetailsSchema),
  },
  { ...closed, title: "ExportRequest" },
);
export const RecordingExportSchema = Type.Object(
  {
    id: ExportIdSchema,
    recording: RecordingIdSchema,
    recipient: Type.String(),
    purpose: Type.String(),
    details: ExportDetailsSchema,
    createdAt: InstantSchema,
    expiresAt: InstantSchema,
    masterName: Type.String({ description: "The name of the file that holds the master." }),
    masterBytes: Type.Integer(),
  },
  { title: "RecordingExport" },
);
export const ExportFilesSchema = Type.Object(
  {
    folder: Type.String({ description: "What the folder is to be named." }),
    files: Type.Array(Type.Object({ path: Type.String(), content: bytesText("The file.") })),
  },
  { title: "ExportFiles" },
);

export type Recording = Static<typeof RecordingSchema>;
export type Recordings = Static<typeof RecordingsSchema>;
export type RecordingQuery = Static<typeof RecordingQuerySchema>;
export type Classification = Static<typeof ClassificationSchema>;
export type HistoryEntry = Static<typeof HistoryEntrySchema>;
export type History = Static<typeof HistorySchema>;
export type ExportRequest = Static<typeof ExportRequestSchema>;
export type RecordingExport = Static<typeof RecordingExportSchema>;
export type ExportFiles = Static<typeof ExportFilesSchema>;
