// Hand-ins: what a named person brings of a camera that is no longer trusted: the API's shapes.
import Type, { type Static } from "typebox";
import { JournalFindingSchema, JournalHeadSchema } from "./docking.ts";
import { CameraIdSchema, HandInIdSchema, InstantSchema, PersonIdSchema, RecordingIdSchema } from "./ids.ts";

export const HandInRequestSchema = Type.Object(
  {
    reason: Type.String({
      minLength: 1,
      maxLength: 2_000,
      pattern: "^[^\\u0000]*\\S[^\\u0000]*$",
      description: "Why it is taken in, and where it comes from. It stands in the ledger.",
    }),
    head: JournalHeadSchema,
  },
  { additionalProperties: false, title: "HandInRequest" },
);
export const HandedInRecordingSchema = Type.Object(
  {
    recording: RecordingIdSchema,
    number: Type.Integer({ minimum: 1 }),
    state: Type.Unsafe<"expected" | "collected" | "destroy-ordered" | "destroyed">(
      Type.String({ enum: ["expected", "collected", "destroy-ordered", "destroyed"] }),
    ),
    verdict: Type.Union([Type.String(), Type.Null()], {
      description: "What it was collected as; untrusted, unless it had been collected before the loss.",
    }),
    storedBytes: Type.Union([Type.Integer(), Type.Null()], {
      description: "Bytes of ciphertext to send; null while no journal says how many there are.",
    }),
    isSealed: Type.Boolean(),
    isQuarantined: Type.Boolean({ description: "Bytes that differ from the journal wait for a decision." }),
    isHandedIn: Type.Boolean({ description: "Only a handed-in journal says what it is." }),
  },
  { title: "HandedInRecording" },
);
export const HandInSchema = Type.Object(
  {
    id: HandInIdSchema,
    camera: CameraIdSchema,
    reason: Type.String(),
    handedInBy: PersonIdSchema,
    createdAt: InstantSchema,
    head: JournalHeadSchema,
    fromSequence: Type.Union([Type.Integer(), Type.Null()]),
    toSequence: Type.Union([Type.Integer(), Type.Null()], { description: "The last entry that is here." }),
    isComplete: Type.Boolean(),
    forkSequence: Type.Union([Type.Integer(), Type.Null()], {
      description: "The first entry that differs from the camera's accepted journal.",
    }),
    recordings: Type.Array(HandedInRecordingSchema, {
      description: "Recordings of the camera that are not collected, and those that this journal promised.",
    }),
  },
  { title: "HandIn" },
);
export const HandInAnswerSchema = Type.Object(
  {
    accepted: Type.Integer({ minimum: 0 }),
    duplicate: Type.Integer({ minimum: 0 }),
    refused: Type.Integer({ minimum: 0, description: "Entries that the camera did not sign as they are." }),
    findings: Type.Array(JournalFindingSchema),
    handIn: HandInSchema,
  },
  { title: "HandInAnswer" },
);

export type HandInRequest = Static<typeof HandInRequestSchema>;
export type HandedInRecording = Static<typeof HandedInRecordingSchema>;
export type HandIn = Static<typeof HandInSchema>;
export type HandInAnswer = Static<typeof HandInAnswerSchema>;
