// The states of a camera. A value of this type is all that the machine remembers.
import type { CameraInput, EncodedInit, Levels, Trigger } from "./camera-input.ts";
import type { SealReason } from "./camera-effect.ts";
import type { CameraRules } from "./camera-rules.ts";
import type { PrerecordBuffer } from "./prerecord-buffer.ts";

/** Why and when a recording is being stopped; the last fragments may still be on their way. */
export interface Stopping {
  /** Media time of the press. */
  readonly atMs: number;
  readonly reason: string;
  readonly note: string | null;
  readonly seal: SealReason;
  /** When the encoder is given up on. */
  readonly deadlineMs: number;
}

/** `closing` and `opening`: asked for, and the encoder has not said yet that it is so. */
export type Capture = "running" | "closing" | "paused" | "opening";

export interface RecordingMode {
  readonly kind: "recording";
  readonly recording: Uint8Array;
  readonly number: number;
  readonly generation: number;
  readonly startedMonotonicMs: number;
  readonly baseMs: number;
  /** Media time of the press: what began before it is pre-record. */
  readonly pressedMs: number;
  readonly nextIndex: number;
  /** Media time at which the last part begins. */
  readonly lastStartMs: number;
  /** Media time up to which parts are stored. */
  readonly endMs: number;
  readonly capture: Capture;
  readonly captureDeadlineMs: number | null;
  readonly pauseReason: string;
  readonly muted: boolean;
  /** What the wearer last asked for; the encoder follows at the next fragment. */
  readonly wantsMute: boolean;
  /** Media time at which that was asked. */
  readonly wantsMuteFromMs: number;
  readonly muteReason: string | null;
  /** Since when the wearer is being asked why. */
  readonly askedAtMs: number | null;
  readonly stopping: Stopping | null;
}

export interface StandbyMode {
  readonly kind: "standby";
  /** Null while the encoder is down: `retryAtMs` says when it is started again. */
  readonly generation: number | null;
  readonly retryAtMs: number | null;
  readonly failures: number;
  readonly init: EncodedInit | null;
  readonly buffer: PrerecordBuffer;
  /** A press that came before the encoder was ready. */
  readonly pressed: { readonly recording: Uint8Array; readonly trigger: Trigger } | null;
}

export type Mode =
  | { readonly kind: "off" }
  /** On, with the encoder down: between a boot, a dock and a decision. */
  | { readonly kind: "awake" }
  | StandbyMode
  | RecordingMode
  | { readonly kind: "docked"; readonly dock: Uint8Array };

export interface CameraState {
  readonly rules: CameraRules;
  readonly mode: Mode;
  readonly nextNumber: number;
  readonly levels: Levels | null;
  readonly storageFull: boolean;
  readonly statusAtMs: number | null;
  /** Generations count up, so that words of an encoder that was let go are known as such. */
  readonly lastGeneration: number;
  /** What waits until the recording in hand is sealed. */
  readonly deferred: readonly CameraInput[];
}

/** A camera that is off. `nextNumber`: the number of its next recording, from 1. */
export function initialState(rules: CameraRules, nextNumber: number): CameraState {
  return {
    rules,
    mode: { kind: "off" },
    nextNumber,
    levels: null,
    storageFull: false,
    statusAtMs: null,
    lastGeneration: 0,
    deferred: [],
  };
}

/** What a person sees on the camera. */
export type Shown = "off" | "awake" | "standby" | "recording" | "muted" | "paused" | "stopping" | "docked";

export function shownState(state: CameraState): Shown {
  const { mode } = state;
  if (mode.kind !== "recording") return mode.kind;
  if (mode.stopping) return "stopping";
  if (mode.capture === "paused" || mode.capture === "opening") return "paused";
  return mode.muted ? "muted" : "recording";
}
