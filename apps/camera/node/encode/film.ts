/**
 * Filming: the loop that keeps time. It guarantees that
 * - frame n stands at media time n / fps, whatever was paused or dropped before it;
 * - sound that the microphone must not hear (before it is switched on, while muted) is exact zeros from the first
 *   sample of a fragment to the last of another, and never reaches the codec;
 * - a pause ends the fragment in hand at once, so nothing filmed waits for the pause to end.
 */

import type { Controls } from "./controls.ts";
import type { EncodeSettings } from "./encode-options.ts";
import { framesPerFragment } from "./encode-options.ts";
import type { Footage } from "./footage.ts";
import { FragmentJoiner } from "./fragment-joiner.ts";
import type { EncodeEvent, EncodeSummary } from "./messages.ts";
import { firstSampleOf, pictureBytes } from "./take.ts";
import type { Backend, ByteSink, Take } from "./take.ts";

/** How late a frame may be in real time before it is dropped, sound excepted. */
const MAX_LATE_MS = 500;

export interface FilmDependencies {
  readonly backend: Backend;
  readonly settings: EncodeSettings;
  readonly footage: Footage;
  readonly controls: Controls;
  readonly deliver: ByteSink;
  readonly report: (event: EncodeEvent) => void;
  /** A clock that only goes forward, milliseconds. */
  readonly monotonicMs: () => number;
}

/** Films until stopped, until the source ends or the duration is over. Throws EncodeError. */
export async function film(dependencies: FilmDependencies): Promise<EncodeSummary> {
  const filming = new Filming(dependencies);
  try {
    return await filming.run();
  } catch (error) {
    filming.abandon();
    throw error;
  }
}

class Filming {
  readonly #deps: FilmDependencies;
  readonly #joiner: FragmentJoiner;
  readonly #picture: Uint8Array;
  readonly #startMs: number;
  #take: Take | null = null;
  #takeStart = 0;
  #fragmentOfTake = -1;
  #fragmentsBegun = 0;
  #frame = 0;
  #frames = 0;
  #droppedFrames = 0;
  #silent: boolean;
  #wantSilent: boolean;
  #pausedSinceMs: number | null = null;
  #stopping = false;

  constructor(deps: FilmDependencies) {
    const { settings } = deps;
    this.#deps = deps;
    this.#joiner = new FragmentJoiner(deps.deliver);
    this.#picture = new Uint8Array(pictureBytes(settings.width, settings.height));
    this.#startMs = deps.monotonicMs();
    this.#silent = settings.audioFromMs === null || settings.audioFromMs > 0;
    this.#wantSilent = this.#silent;
  }

  async run(): Promise<EncodeSummary> {
    const { settings, footage } = this.#deps;
    for (; ; this.#frame += 1) {
      await this.#obey();
      if (this.#stopping) return this.#end("stopped");
      if (settings.durationMs !== null && this.#mediaMs() >= settings.durationMs)
        return this.#end("duration");
      const lateMs = await this.#keepPace();
      if (lateMs > MAX_LATE_MS && this.#take !== null) {
        this.#droppedFrames += 1;
      } else {
        if (!(await footage.picture(this.#frame, this.#picture))) return this.#end("source-ended");
        await this.#writePicture();
      }
      await this.#writeSound();
    }
  }

  abandon(): void {
    this.#take?.abandon();
  }

  #mediaMs(frame = this.#frame): number {
    return (frame * 1000) / this.#deps.settings.fps;
  }

  async #obey(): Promise<void> {
    const { controls } = this.#deps;
    for (let order = controls.due(this.#mediaMs()); order !== null; order = controls.due(this.#mediaMs())) {
      if ("mute" in order) this.#wantSilent = order.mute;
      else if ("stop" in order) this.#stopping = true;
      else if (order.pause && this.#pausedSinceMs === null) await this.#waitOutPause();
      if (this.#stopping) return;
    }
  }

  async #waitOutPause(): Promise<void> {
    const { controls, monotonicMs, settings } = this.#deps;
    await this.#endTake();
    this.#tell("paused");
    this.#pausedSinceMs = monotonicMs();
    const pausedAtFrame = this.#frame;
    let paused = true;
    while (paused && !this.#stopping) {
      const nowMs = this.#mediaMs(pausedAtFrame) + monotonicMs() - this.#pausedSinceMs;
      const endMs = controls.nextEndOfPauseMs();
      // Faster than time, a pause whose end is known takes no time at all.
      const heldMs =
        settings.pace === "as-fast" && endMs !== null ? Math.max(endMs, this.#mediaMs(pausedAtFrame)) : nowMs;
      this.#frame = Math.max(pausedAtFrame, Math.ceil((heldMs * settings.fps) / 1000 - 1e-6));
      const order = controls.due(heldMs);
      if (order === null) await controls.wait(endMs === null ? null : Math.max(1, endMs - nowMs));
      else if ("mute" in order) this.#wantSilent = order.mute;
      else if ("stop" in order) this.#stopping = true;
      else paused = order.pause;
    }
    this.#pausedSinceMs = null;
    if (!this.#stopping) this.#tell("resumed");
  }

  /** Waits until the frame is due; returns by how much it is late. */
  async #keepPace(): Promise<number> {
    const { settings, controls, monotonicMs } = this.#deps;
    if (settings.pace === "as-fast") return 0;
    for (;;) {
      const earlyMs = this.#startMs + this.#mediaMs() - monotonicMs();
      if (earlyMs <= 0) return -earlyMs;
      await controls.wait(earlyMs);
    }
  }

  async #writePicture(): Promise<void> {
    const { backend, settings } = this.#deps;
    if (this.#take === null) {
      this.#takeStart = this.#frame;
      this.#fragmentOfTake = -1;
      this.#joiner.beginTake(this.#frame, settings.fps);
      this.#take = await backend.openTake(settings, (bytes) => this.#joiner.push(bytes));
    }
    const frameOfTake = this.#frame - this.#takeStart;
    const fragment = Math.floor(frameOfTake / framesPerFragment(settings));
    const startsFragment = fragment !== this.#fragmentOfTake;
    if (startsFragment) this.#beginFragment(fragment);
    await this.#take.writeVideo(this.#picture, frameOfTake, startsFragment);
    this.#frames += 1;
  }

  #beginFragment(fragment: number): void {
    this.#fragmentOfTake = fragment;
    if (this.#silent !== this.#wantSilent) {
      this.#silent = this.#wantSilent;
      this.#tell(this.#silent ? "muted" : "unmuted");
    }
    this.#fragmentsBegun += 1;
  }

  async #writeSound(): Promise<void> {
    const { settings, footage } = this.#deps;
    const from = firstSampleOf(this.#frame, settings.fps);
    const samples = new Int16Array(firstSampleOf(this.#frame + 1, settings.fps) - from);
    await footage.sound(this.#frame, samples);
    if (this.#silent) samples.fill(0);
    await this.#take?.writeAudio(samples, from - firstSampleOf(this.#takeStart, settings.fps));
  }

  async #endTake(): Promise<void> {
    const take = this.#take;
    if (take === null) return;
    await take.finish();
    this.#take = null;
    this.#joiner.endTake();
  }

  async #end(reason: EncodeSummary["reason"]): Promise<EncodeSummary> {
    await this.#endTake();
    const { fragments } = this.#joiner;
    return {
      reason,
      mediaMs: this.#mediaMs(),
      fragments,
      frames: this.#frames,
      droppedFrames: this.#droppedFrames,
    };
  }

  #tell(kind: EncodeEvent["kind"]): void {
    this.#deps.report({ kind, atMs: this.#mediaMs(), fragmentIndex: this.#fragmentsBegun });
  }
}
