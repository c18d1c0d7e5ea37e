/** The words between the camera's process and the encoder's child process, over the IPC channel. */

import type { BackendName, ControlMessage, EncodeSettings } from "./encode-options.ts";
import type { EncodeErrorCode } from "./encode-error.ts";

export type ToChild =
  | {
      readonly type: "prepare";
      readonly backend: BackendName;
      readonly ffmpegPath: string;
      readonly settings: EncodeSettings;
    }
  | { readonly type: "roll"; readonly startedAtMs: number }
  | { readonly type: "control"; readonly message: ControlMessage };

/** A change that has taken effect. */
export interface EncodeEvent {
  readonly kind: "muted" | "unmuted" | "paused" | "resumed";
  /** Media time from which it holds, milliseconds since the first frame. */
  readonly atMs: number;
  /** The first fragment (0-based, the init segment not counted) that it holds for. */
  readonly fragmentIndex: number;
}

export interface EncodeSummary {
  readonly reason: "stopped" | "duration" | "source-ended";
  /** Media time of the end, milliseconds since the first frame, pauses included. */
  readonly mediaMs: number;
  readonly fragments: number;
  readonly frames: number;
  /** Frames that were not encoded because the machine could not keep up in real time. */
  readonly droppedFrames: number;
}

export type FromChild =
  | { readonly type: "ready" }
  | { readonly type: "event"; readonly event: EncodeEvent }
  | { readonly type: "done"; readonly summary: EncodeSummary }
  | { readonly type: "failed"; readonly code: EncodeErrorCode; readonly message: string };

/** The extra file descriptor on which the child writes the media stream. */
export const STREAM_FD = 3;
