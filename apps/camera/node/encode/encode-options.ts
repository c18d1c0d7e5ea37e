/** What the encoder can be asked for, with bounds and defaults: nothing outside them reaches a codec. */

import { EncodeError } from "./encode-error.ts";

export type BackendName = "node-av" | "ffmpeg";

/** Where the pictures and the sound come from. */
export type EncodeSource =
  | { readonly kind: "scene"; readonly seed: string }
  | { readonly kind: "file"; readonly path: string; readonly loop?: boolean };

/**
 * A change while the camera runs. `atMs` is media time, milliseconds since the first frame; without it, or when it
 * has passed, the change takes effect at once. Muting waits for the next fragment; pausing and stopping do not.
 */
export type ControlMessage =
  | { readonly mute: boolean; readonly atMs?: number }
  | { readonly pause: boolean; readonly atMs?: number }
  | { readonly stop: true; readonly atMs?: number };

export interface EncodeSettings {
  readonly source: EncodeSource;
  /** Pixels; even, 64 to 3840. */
  readonly width: number;
  /** Pixels; even, 64 to 2160. */
  readonly height: number;
  /** Frames a second, a whole number from 1 to 60. */
  readonly fps: number;
  /** Video bit rate; audio adds 64 kbit/s. */
  readonly bitrateKbps: number;
  readonly pace: "real-time" | "as-fast";
  /** Media time after which the stream ends by itself; null: until stopped or the source ends. */
  readonly durationMs: number | null;
  /** Samples before this media time are silence (the microphone is off). Null: silent until unmuted. */
  readonly audioFromMs: number | null;
  /** Length of a fragment, 500 to 10 000 ms, rounded to whole frames. */
  readonly fragmentMs: number;
  /** Burned into the picture, with the camera's clock in UTC. Null: nothing is burned in. */
  readonly labels: { readonly cameraId: string; readonly borough: string } | null;
  /** Changes known beforehand: exact even when the encoder runs faster than time. */
  readonly schedule: readonly ControlMessage[];
}

const MAX_LABEL_CHARS = 64;
const MAX_SCHEDULE = 10_000;

/** Fills in defaults. Throws EncodeError `bad-option` naming the option and its bounds. */
export function checkSettings(asked: Partial<EncodeSettings> & { source: EncodeSource }): EncodeSettings {
  const settings: EncodeSettings = {
    source: asked.source,
    width: even("width", asked.width ?? 1280, 64, 3840),
    height: even("height", asked.height ?? 720, 64, 2160),
    fps: whole("fps", asked.fps ?? 25, 1, 60),
    bitrateKbps: whole("bitrateKbps", asked.bitrateKbps ?? 2500, 50, 50_000),
    pace: asked.pace ?? "real-time",
    durationMs: nullable("durationMs", asked.durationMs ?? null, 1, 86_400_000 * 7),
    audioFromMs: nullable(
      "audioFromMs",
      asked.audioFromMs === undefined ? 0 : asked.audioFromMs,
      0,
      Number.MAX_SAFE_INTEGER,
    ),
    fragmentMs: whole("fragmentMs", asked.fragmentMs ?? 2000, 500, 10_000),
    labels: asked.labels ?? null,
    schedule: asked.schedule ?? [],
  };
  if (settings.schedule.length > MAX_SCHEDULE)
    throw bad("schedule", `at most ${String(MAX_SCHEDULE)} entries`);
  for (const label of [settings.labels?.cameraId ?? "", settings.labels?.borough ?? ""]) {
    if (label.length > MAX_LABEL_CHARS)
      throw bad("labels", `at most ${String(MAX_LABEL_CHARS)} characters each`);
  }
  return settings;
}

/** Whole frames in one fragment. */
export function framesPerFragment(settings: EncodeSettings): number {
  return Math.max(1, Math.round((settings.fragmentMs * settings.fps) / 1000));
}

function bad(option: string, need: string): EncodeError {
  return new EncodeError("bad-option", `${option} must be ${need}`);
}

function whole(option: string, value: number, min: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw bad(option, `a whole number from ${String(min)} to ${String(max)}, not ${String(value)}`);
}

function even(option: string, value: number, min: number, max: number): number {
  if (whole(option, value, min, max) % 2 === 0) return value;
  throw bad(option, `an even number of pixels, not ${String(value)}`);
}

function nullable(option: string, value: number | null, min: number, max: number): number | null {
  if (value === null || (Number.isFinite(value) && value >= min && value <= max)) return value;
  throw bad(option, `from ${String(min)} to ${String(max)} ms, or null`);
}
