// Everything that can happen to a camera. Times are milliseconds of the monotonic clock of this boot (`nowMs`)
// or of media time, as named; ids and bytes come from outside, so that the machine stays pure.
import type { Details, EntryBody } from "@sworn/custody";

/** `[atMs on the recording's media time, latitude and longitude in 10⁻⁷ degree, accuracy in cm]` */
export type Position = readonly [atMs: number, latitudeE7: number, longitudeE7: number, accuracyCm: number];

/** A fragment as the encoder gave it; times on the encoder's own media time. The machine never looks at `bytes`. */
export interface EncodedFragment {
  readonly bytes: Uint8Array;
  /** Start and length of the picture. */
  readonly startMs: number;
  readonly durationMs: number;
  /** Start of the earliest sample of any track. */
  readonly earliestMs: number;
}

export interface EncodedInit {
  readonly bytes: Uint8Array;
  readonly codecs: readonly string[];
  /** The monotonic clock at media time 0 of this encoder. */
  readonly startedMonotonicMs: number;
}

export interface Levels {
  readonly batteryPercent: number;
  readonly charging: boolean;
  readonly freeBytes: number;
  readonly storedBytes: number;
}

/** A recording that the last boot did not seal, and what was found of it. */
export interface Unfinished {
  readonly recording: Uint8Array;
  readonly number: number;
  readonly parts: number;
  readonly cutBytes: number;
  readonly durationMs: number;
}

export type Trigger = EntryBody<"recording-started">["trigger"];
export type EncoderChange = "muted" | "unmuted" | "paused" | "resumed";
type Button = EntryBody<"button">;

/** What a person does, or a program for them. */
type PersonInput =
  | ({ readonly kind: "button"; readonly recording: Uint8Array } & Button)
  | { readonly kind: "start"; readonly recording: Uint8Array; readonly trigger: Trigger }
  | { readonly kind: "stop"; readonly reason: string; readonly note?: string }
  | { readonly kind: "people-told" }
  | { readonly kind: "marker"; readonly note?: string }
  | { readonly kind: "mute"; readonly reason?: string }
  | { readonly kind: "unmute" }
  | { readonly kind: "pause"; readonly reason: string }
  | { readonly kind: "resume" }
  | { readonly kind: "power-off"; readonly reason: EntryBody<"powered-off">["reason"] }
  | { readonly kind: "assign"; readonly assignment: Uint8Array; readonly details: Details }
  | { readonly kind: "unassign"; readonly assignment: Uint8Array };

/** What the encoder does. `generation` tells the running encoder from one that was let go. */
type EncoderInput =
  | { readonly kind: "encoder-init"; readonly generation: number; readonly init: EncodedInit }
  | {
      readonly kind: "fragment";
      readonly generation: number;
      readonly fragment: EncodedFragment;
      /** On the encoder's media time; kept only while recording. */
      readonly positions?: readonly Position[];
    }
  | {
      readonly kind: "encoder-changed";
      readonly generation: number;
      readonly change: EncoderChange;
      readonly atMs: number;
    }
  | { readonly kind: "encoder-ended"; readonly generation: number; readonly fault: string | null };

/** What the device and the dock do. */
type DeviceInput =
  | ({ readonly kind: "power-on"; readonly unfinished: Unfinished | null } & EntryBody<"booted">)
  | { readonly kind: "standby" }
  | { readonly kind: "tick" }
  | { readonly kind: "levels"; readonly levels: Levels }
  | { readonly kind: "fault"; readonly code: string }
  /** A write failed: the recording in hand has this many whole parts (0: it never began). */
  | {
      readonly kind: "store-failed";
      readonly why: "storage-full" | "fault";
      readonly code: string;
      readonly parts: number;
    }
  /** Put into a dock: a recording in hand is stopped and sealed. */
  | { readonly kind: "connected" }
  | ({ readonly kind: "set-clock" } & EntryBody<"clock-set">)
  | ({ readonly kind: "docked" } & EntryBody<"docked">)
  | { readonly kind: "undocked"; readonly next: "standby" | "off" }
  | ({ readonly kind: "free" } & EntryBody<"freed">)
  | ({ readonly kind: "prune" } & EntryBody<"pruned">);

export type CameraInput = (PersonInput | EncoderInput | DeviceInput) & { readonly nowMs: number };
export type InputOf<K extends CameraInput["kind"]> = Extract<CameraInput, { kind: K }>;
