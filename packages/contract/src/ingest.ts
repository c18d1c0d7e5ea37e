// Uploads (tus 1.0), receipts and quarantine: the API's shapes.
import Type, { type Static } from "typebox";
import {
  CameraIdSchema,
  InstantSchema,
  PersonIdSchema,
  QuarantineIdSchema,
  RecordingIdSchema,
} from "./ids.ts";

const orNull = <T extends Type.TSchema>(schema: T): Type.TUnion<[T, Type.TNull]> =>
  Type.Union([schema, Type.Null()]);

/** The media type of a receipt, manifest or certificate of destruction (COSE_Sign1). */
export const COSE_MEDIA_TYPE = "application/cose";
/** The media type of a tus PATCH. */
export const TUS_MEDIA_TYPE = "application/offset+octet-stream";
/** The metadata key of a person's import, and its values. */
export const IMPORT_METADATA_KEY = "import";
export const importKinds = ["file", "untrusted-camera"] as const;

export const UploadStatusSchema = Type.Object(
  {
    recording: RecordingIdSchema,
    state: Type.Unsafe<"open" | "verifying" | "collected" | "quarantined" | "refused">(
      Type.String({ enum: ["open", "verifying", "collected", "quarantined", "refused"] }),
    ),
    lengthBytes: Type.Integer(),
    offsetBytes: Type.Integer(),
    problem: orNull(Type.String()),
  },
  { title: "UploadStatus" },
);

export const PartVerdictSchema = Type.Object(
  {
    index: Type.Integer(),
    fromMs: Type.Integer({ description: "On the recording's media time." }),
    toMs: Type.Integer(),
    verdict: Type.Unsafe<"verified" | "altered" | "missing">(
      Type.String({
        enum: ["verified", "altered", "missing"],
        description: "Missing: it did not come whole.",
      }),
    ),
    expected: Type.Optional(Type.Object({ storedHash: Type.String(), plaintextHash: Type.String() })),
    actual: Type.Optional(Type.Object({ storedHash: Type.String(), plaintextHash: orNull(Type.String()) })),
  },
  { title: "PartVerdict", description: "Hashes in hexadecimal. No plaintext hash: it does not decrypt." },
);
export const QuarantineSchema = Type.Object(
  {
    id: QuarantineIdSchema,
    cameraId: orNull(CameraIdSchema),
    recordingId: orNull(RecordingIdSchema),
    number: orNull(Type.Integer()),
    reason: Type.String(),
    verdicts: Type.Array(PartVerdictSchema),
    sizeBytes: Type.Integer(),
    arrivedAt: InstantSchema,
    decidedAt: orNull(InstantSchema),
    decidedBy: orNull(PersonIdSchema),
    decision: orNull(Type.String()),
    decisionReason: orNull(Type.String()),
  },
  { title: "Quarantine" },
);
export const QuarantinesSchema = Type.Object(
  { quarantine: Type.Array(QuarantineSchema), next: orNull(QuarantineIdSchema) },
  { title: "Quarantines" },
);
export const QuarantineDecisionSchema = Type.Object(
  {
    decision: Type.Unsafe<"altered" | "untrusted" | "rejected">(
      Type.String({
        enum: ["altered", "untrusted", "rejected"],
        description: "altered, untrusted: accepted as such, with a receipt. rejected: the bytes are dropped.",
      }),
    ),
    reason: Type.String({ minLength: 1, maxLength: 2_000, pattern: "^[^\\u0000]*\\S[^\\u0000]*$" }),
  },
  { additionalProperties: false, title: "QuarantineDecision" },
);

export type UploadStatus = Static<typeof UploadStatusSchema>;
export type Quarantine = Static<typeof QuarantineSchema>;
export type Quarantines = Static<typeof QuarantinesSchema>;
export type QuarantineDecision = Static<typeof QuarantineDecisionSchema>;
