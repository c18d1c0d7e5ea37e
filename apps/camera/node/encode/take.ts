/**
 * A *take*: what one codec run encodes between two pauses. Both back ends implement these few functions; everything
 * else (time, mute, pause, joining takes into one stream) is theirs in common and lives in `film.ts`.
 */

import type { EncodeSettings } from "./encode-options.ts";

export const AUDIO_RATE_HZ = 48_000;
export const AUDIO_KBPS = 64;
/** Picture time scale of the produced tracks: a multiple of the frame rate, so that every frame time is exact. */
export const VIDEO_TICKS_PER_FRAME = 512;

export interface Take {
  /** One I420 picture, planes without padding; `frame` counts from the take's start; the buffer may be reused after. */
  writeVideo(picture: Uint8Array, frame: number, startsFragment: boolean): Promise<void>;
  /** Mono samples that follow those written before. */
  writeAudio(samples: Int16Array, atSample: number): Promise<void>;
  /** Flushes codecs and muxer; every byte has been delivered when it resolves. */
  finish(): Promise<void>;
  /** Lets go at once, of processes too; for faults. */
  abandon(): void;
}

/** Delivers muxed bytes in order; the returned promise is the backpressure. */
export type ByteSink = (bytes: Uint8Array) => Promise<void>;

export interface FileReader {
  /** Fills the next picture at the camera's size and rate; false at the end of the file. */
  readVideo(into: Uint8Array): Promise<boolean>;
  /** Fills with the next mono samples at 48 kHz; silence where the file has none. */
  readAudio(into: Int16Array): Promise<void>;
  close(): Promise<void>;
}

export interface Backend {
  openTake(settings: EncodeSettings, deliver: ByteSink): Promise<Take>;
  /** Throws EncodeError `source-unreadable` or `source-no-video`. */
  openFile(path: string, settings: EncodeSettings): Promise<FileReader>;
}

/** Index of the first sample that belongs to this frame. */
export function firstSampleOf(frame: number, fps: number): number {
  return Math.floor((frame * AUDIO_RATE_HZ) / fps);
}

/** Bytes of an I420 picture. */
export function pictureBytes(width: number, height: number): number {
  return width * height + 2 * ((width / 2) * (height / 2));
}
