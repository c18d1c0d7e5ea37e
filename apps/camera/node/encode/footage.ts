/** What the lens sees and the microphone hears, frame by frame: the scene or a file, with the labels burned in. */

import { createScene } from "../scene/scene.ts";
import { burnLabels } from "../scene/labels.ts";
import { createSound } from "../scene/sound.ts";
import { checkSourceFile } from "./accepted-files.ts";
import { EncodeError } from "./encode-error.ts";
import type { EncodeSettings } from "./encode-options.ts";
import { firstSampleOf } from "./take.ts";
import type { Backend, FileReader } from "./take.ts";

export interface Footage {
  /** Draws frame `frame`; false where the source has ended. Called with rising numbers; skipping is allowed. */
  picture(frame: number, into: Uint8Array): Promise<boolean>;
  /** The mono samples that belong to the frame last drawn or skipped to. */
  sound(frame: number, into: Int16Array): Promise<void>;
  close(): Promise<void>;
}

/** `startedAtMs` is the camera's clock at frame 0. Throws EncodeError for a source that cannot be filmed. */
export async function openFootage(
  backend: Backend,
  settings: EncodeSettings,
): Promise<(startedAtMs: number) => Footage> {
  const { source } = settings;
  if (source.kind === "scene") return (startedAtMs) => sceneFootage(settings, source.seed, startedAtMs);
  await checkSourceFile(source.path);
  const reader = await backend.openFile(source.path, settings);
  const reopen = source.loop === true ? () => backend.openFile(source.path, settings) : null;
  return (startedAtMs) => new FileFootage(settings, reader, reopen, startedAtMs);
}

function sceneFootage(settings: EncodeSettings, seed: string, startedAtMs: number): Footage {
  const { width, height, fps, labels } = settings;
  const scene = createScene({ seed, width, height, startedAtMs });
  const sound = createSound({ seed });
  return {
    picture: (frame, into) => {
      const mediaMs = (frame * 1000) / fps;
      scene.draw(into, mediaMs);
      if (labels !== null) burnLabels(into, width, height, { ...labels, clockMs: startedAtMs + mediaMs });
      return Promise.resolve(true);
    },
    sound: (frame, into) => {
      sound.read(into, firstSampleOf(frame, fps));
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}

class FileFootage implements Footage {
  readonly #settings: EncodeSettings;
  readonly #reopen: (() => Promise<FileReader>) | null;
  readonly #startedAtMs: number;
  #reader: FileReader;
  #nextFrame = 0;
  #nextSoundFrame = 0;
  #skipped = new Int16Array(0);

  constructor(
    settings: EncodeSettings,
    reader: FileReader,
    reopen: (() => Promise<FileReader>) | null,
    startedAtMs: number,
  ) {
    this.#settings = settings;
    this.#reader = reader;
    this.#reopen = reopen;
    this.#startedAtMs = startedAtMs;
  }

  async picture(frame: number, into: Uint8Array): Promise<boolean> {
    const { width, height, fps, labels } = this.#settings;
    for (; this.#nextFrame <= frame; this.#nextFrame += 1) {
      if (!(await this.#reader.readVideo(into)) && !(await this.#rewind(into))) return false;
    }
    const clockMs = this.#startedAtMs + (frame * 1000) / fps;
    if (labels !== null) burnLabels(into, width, height, { ...labels, clockMs });
    return true;
  }

  async sound(frame: number, into: Int16Array): Promise<void> {
    const { fps } = this.#settings;
    for (; this.#nextSoundFrame < frame; this.#nextSoundFrame += 1) {
      const samples = firstSampleOf(this.#nextSoundFrame + 1, fps) - firstSampleOf(this.#nextSoundFrame, fps);
      if (this.#skipped.length < samples) this.#skipped = new Int16Array(samples);
      await this.#reader.readAudio(this.#skipped.subarray(0, samples));
    }
    await this.#reader.readAudio(into);
    this.#nextSoundFrame += 1;
  }

  close(): Promise<void> {
    return this.#reader.close();
  }

  /** Starts the file over: picture and sound together, so that looping never drifts. */
  async #rewind(into: Uint8Array): Promise<boolean> {
    if (this.#reopen === null) return false;
    await this.#reader.close();
    this.#reader = await this.#reopen();
    this.#nextSoundFrame = this.#nextFrame;
    if (await this.#reader.readVideo(into)) return true;
    throw new EncodeError("source-unreadable", "the source could be read once, but not a second time");
  }
}
