// A recording that is known beforehand: when the button is pressed, what happens then, when it ends.
// Filming faster than time, the encoder is given its part of it at once, and the rest is told as media time passes.
import type { Happening } from "./happening.ts";
import type { ControlMessage } from "./encode/index.ts";

/** An event at `atMs` after the press. */
export type ScriptedEvent =
  | { readonly atMs: number; readonly kind: "people-told" }
  | { readonly atMs: number; readonly kind: "marker"; readonly note?: string }
  | { readonly atMs: number; readonly kind: "mute"; readonly reason?: string }
  | { readonly atMs: number; readonly kind: "unmute" }
  | { readonly atMs: number; readonly kind: "pause"; readonly reason: string }
  | { readonly atMs: number; readonly kind: "resume" };

export interface ScriptOptions {
  readonly recording: Uint8Array;
  /** From the press to the stop. */
  readonly durationMs: number;
  readonly prerecordMs: number;
  readonly stop: { readonly reason: string; readonly note?: string };
  readonly events: readonly ScriptedEvent[];
}

/** On the encoder's media time. */
export interface Cue {
  readonly atMs: number;
  readonly happening: Happening;
}

export class Script {
  readonly pressAtMs: number;
  readonly endAtMs: number;
  readonly recording: Uint8Array;
  readonly #cues: Cue[];
  #started = false;

  constructor(options: ScriptOptions) {
    const { recording, durationMs, prerecordMs, stop, events } = options;
    this.recording = recording;
    this.pressAtMs = prerecordMs;
    this.endAtMs = prerecordMs + durationMs;
    const inTime = events
      .filter((event) => event.atMs >= 0 && event.atMs < durationMs)
      .sort((a, b) => a.atMs - b.atMs);
    this.#cues = [
      { atMs: this.pressAtMs, happening: { kind: "start", recording, trigger: "simulated" } },
      ...inTime.map(({ atMs, ...happening }) => ({ atMs: atMs + prerecordMs, happening })),
      { atMs: this.endAtMs, happening: { kind: "stop", ...stop } },
    ];
  }

  /** What the encoder must know beforehand. */
  schedule(): ControlMessage[] {
    return this.#cues.flatMap(({ atMs, happening }): ControlMessage[] => {
      switch (happening.kind) {
        case "mute":
          return [{ mute: true, atMs }];
        case "unmute":
          return [{ mute: false, atMs }];
        case "pause":
          return [{ pause: true, atMs }];
        case "resume":
          return [{ pause: false, atMs }];
        default:
          return [];
      }
    });
  }

  /** What is still to come. */
  cues(): readonly Cue[] {
    return [...this.#cues];
  }

  /** Takes the cues up to `mediaMs`. */
  due(mediaMs: number): Cue[] {
    const due = this.#cues.filter((cue) => cue.atMs <= mediaMs);
    this.#cues.splice(0, due.length);
    if (due.length > 0) this.#started = true;
    return due;
  }

  /** The source is at its end: only the stop is left. */
  atEnd(): Cue[] {
    const stop = this.#cues.at(-1);
    this.#cues.length = 0;
    return stop && this.#started ? [stop] : [];
  }
}
