// Playback: a play session is one view of one recording by one person.
import Type, { type Static } from "typebox";
import { idSchema, InstantSchema, RecordingIdSchema, type Id } from "./ids.ts";

export type PlayId = Id<"play">;
export const PlayIdSchema = idSchema<PlayId>("A play session: one view of one recording by one person.");

/** With an API key: names the play session to go on with; the answer names the one that was used. */
export const PLAY_HEADER = "sworn-play";

export const PlayRequestSchema = Type.Object(
  {
    reason: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 500,
        pattern: "^[^\\u0000]*\\S[^\\u0000]*$",
        description: "Why it is viewed. It goes into the ledger's private entry.",
      }),
    ),
  },
  { additionalProperties: false, title: "PlayRequest" },
);

export const PlaySchema = Type.Object(
  {
    play: PlayIdSchema,
    recording: RecordingIdSchema,
    url: Type.String({
      description: "Path of the page. It holds a one-time code: it opens once, within five minutes.",
    }),
    playlist: Type.Union([Type.String(), Type.Null()], {
      description: "Path of the HLS playlist; null for footage that has no fragments.",
    }),
    media: Type.String({ description: "Path of the playable file; takes byte ranges." }),
    codeExpiresAt: InstantSchema,
    expiresAt: InstantSchema,
  },
  { title: "Play" },
);

export type PlayRequest = Static<typeof PlayRequestSchema>;
export type Play = Static<typeof PlaySchema>;
