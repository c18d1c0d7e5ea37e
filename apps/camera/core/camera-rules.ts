// What a force lays down for its cameras. Data, never constants: lists of reasons and periods differ by force and by year.

export interface CameraRules {
  /** Length of the pre-record buffer; 0 keeps none. */
  readonly prerecordMs: number;
  /** Bound on the memory of the pre-record buffer, whatever its length. */
  readonly prerecordMaximumBytes: number;
  /** A `status` entry at least this often while on (evidence format §4: at most 60 s). */
  readonly statusEveryMs: number;
  /** At this level or below, without a charger, the camera stops and switches off. */
  readonly batteryEmptyPercent: number;
  /** Below this much free storage a recording is stopped while there is still room to end it well. */
  readonly storageStopBytes: number;
  /** How long the encoder may take to give its last fragment after a stop or a pause. */
  readonly encoderWaitMs: number;
  /** How long the camera waits for the wearer to say why before it stops with the reason `unstated`. */
  readonly askReasonMs: number;
  readonly stopReasons: readonly string[];
  readonly pauseReasons: readonly string[];
}

export const DEFAULT_RULES: CameraRules = {
  prerecordMs: 30_000,
  prerecordMaximumBytes: 128 * 1024 * 1024,
  statusEveryMs: 30_000,
  batteryEmptyPercent: 1,
  storageStopBytes: 16 * 1024 * 1024,
  encoderWaitMs: 5_000,
  askReasonMs: 30_000,
  stopReasons: [
    "incident-over",
    "victim-request",
    "medical",
    "confidential-source",
    "privacy",
    "privileged-talk",
    "handed-over",
    "accidental",
    "training",
    "function-check",
    "other",
  ],
  pauseReasons: [
    "victim-request",
    "medical",
    "confidential-source",
    "privacy",
    "privileged-talk",
    "intimate-search",
    "other",
  ],
};

/** Reasons that only the camera itself gives; no force list can take them away. */
export type OwnStopReason =
  "unstated" | "docked" | "powered-off" | "storage-full" | "battery-empty" | "fault";
