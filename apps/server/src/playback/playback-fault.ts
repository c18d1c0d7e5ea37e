// The faults of playback. None of them lets a byte out that was not authenticated.

export type PlaybackFaultCode =
  /** Stored bytes do not verify: `altered` says which part. */
  | "media-altered"
  /** The object, or the key that was never destroyed, is not there. */
  | "media-missing"
  /** The row's list of parts is not one, or does not fit the object. */
  | "parts-damaged"
  /** The recording was ordered to be destroyed, or its key is gone, while it was read. */
  | "recording-gone"
  | "bad-payload"
  | "no-decoder"
  | "no-picture"
  | "decoder-failed";

/** Where the damage is, for the finding. */
export interface Damage {
  /** 0 is the init segment of footage in fragments. */
  readonly part: number;
  /** On the recording's media time. */
  readonly fromMs: number;
  readonly toMs: number;
}

export class PlaybackFault extends Error {
  readonly code: PlaybackFaultCode;
  readonly damage: Damage | undefined;
  /** What is damaged: the master unless said. */
  readonly object: "media" | "poster";

  constructor(
    code: PlaybackFaultCode,
    message: string,
    extras: { cause?: unknown; damage?: Damage; object?: "poster" } = {},
  ) {
    super(message, extras.cause === undefined ? undefined : { cause: extras.cause });
    this.name = "PlaybackFault";
    this.code = code;
    this.damage = extras.damage;
    this.object = extras.object ?? "media";
  }
}
