// What the machine wants done, in this order. Whoever carries it out needs no rule of its own:
// if a `begin-recording` or a `store-part` fails, the rest of the list is dropped and `store-failed` is told.
import type { Details, EntryBody, JournalEvent } from "@sworn/custody";
import type { Position, Trigger } from "./camera-input.ts";

export type SealReason = EntryBody<"recording-sealed">["reason"];

export type EncoderOrder = { readonly mute: boolean } | { readonly pause: boolean } | { readonly stop: true };

/** Why an order was not followed: an expected outcome, for the one who gave it. */
export type Refusal =
  | "off"
  | "not-off"
  | "not-recording"
  | "already-recording"
  | "stopping"
  | "not-docked"
  | "docked"
  | "storage-full"
  | "battery-empty"
  | "unknown-reason"
  | "already-so";

/** Makes key and envelope, stores the init segment as part 0 and then journals `recording-started`. */
export interface BeginRecording {
  readonly kind: "begin-recording";
  readonly recording: Uint8Array;
  readonly number: number;
  readonly trigger: Trigger;
  readonly prerecordMs: number;
  readonly startedMonotonicMs: number;
  /** Encoder media time that is the recording's media time 0. */
  readonly baseMs: number;
  readonly init: Uint8Array;
  readonly codecs: readonly string[];
}

/** Hashes, encrypts and syncs one fragment, then journals it. */
export interface StorePart {
  readonly kind: "store-part";
  readonly recording: Uint8Array;
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly startMs: number;
  readonly durationMs: number;
  readonly prerecord: boolean;
  readonly muted: boolean;
  /** On the recording's media time. */
  readonly positions: readonly Position[];
}

/** Journals `recording-sealed` over the parts that are stored, and forgets the key. */
export interface SealRecording {
  readonly kind: "seal-recording";
  readonly recording: Uint8Array;
  readonly number: number;
  /** As many as were stored, init segment included. */
  readonly parts: number;
  readonly durationMs: number;
  readonly reason: SealReason;
}

/** An entry; `details` are personal and stand as a commitment, sealed under `within`'s key if that is given. */
export interface JournalEffect {
  readonly kind: "journal";
  readonly event: JournalEvent;
  readonly details?: Details;
  readonly within?: Uint8Array;
}

export type CameraEffect =
  | JournalEffect
  | BeginRecording
  | StorePart
  | SealRecording
  | { readonly kind: "start-encoder"; readonly generation: number }
  | { readonly kind: "order-encoder"; readonly generation: number; readonly order: EncoderOrder }
  | { readonly kind: "end-encoder"; readonly generation: number }
  | { readonly kind: "set-clock"; readonly timeMs: number }
  | { readonly kind: "remove-media"; readonly recording: Uint8Array }
  | { readonly kind: "ask-stop-reason"; readonly recording: Uint8Array; readonly reasons: readonly string[] }
  | { readonly kind: "refused"; readonly why: Refusal };
