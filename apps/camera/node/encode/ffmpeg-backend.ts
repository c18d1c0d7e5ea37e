/** The back end that runs the system's `ffmpeg`: one process a take, two (pictures, sound) to read a file. */

import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { EncodeError } from "./encode-error.ts";
import type { EncodeSettings } from "./encode-options.ts";
import { FfmpegReader } from "./ffmpeg-reader.ts";
import { audioClusterHead, matroskaHeader, videoClusterHead } from "./matroska-writer.ts";
import { AUDIO_KBPS, VIDEO_TICKS_PER_FRAME } from "./take.ts";
import type { Backend, ByteSink, Take } from "./take.ts";

const MAX_COMPLAINT_CHARS = 4000;

export function ffmpegBackend(ffmpegPath: string): Backend {
  return {
    openTake: async (settings, deliver) => {
      const take = new FfmpegTake(ffmpegPath, settings, deliver);
      await take.open();
      return take;
    },
    openFile: (path, settings) => FfmpegReader.open(ffmpegPath, path, settings),
  };
}

class FfmpegTake implements Take {
  readonly #settings: EncodeSettings;
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #drained: Promise<void>;
  readonly #exited: Promise<void>;
  #complaint = "";
  #fault: EncodeError | null = null;

  constructor(ffmpegPath: string, settings: EncodeSettings, deliver: ByteSink) {
    this.#settings = settings;
    // In a session of its own, so that a Ctrl-C in the camera's terminal does not cut the fragment in hand.
    this.#process = spawn(ffmpegPath, encodeArguments(settings), {
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    this.#process.stdin.on("error", () => undefined); // told by the exit code
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-MAX_COMPLAINT_CHARS);
    });
    this.#drained = this.#pump(deliver);
    this.#drained.catch(() => undefined);
    this.#exited = this.#watch();
    this.#exited.catch(() => undefined);
  }

  async open(): Promise<void> {
    const { width, height, fps } = this.#settings;
    await this.#write([matroskaHeader(width, height, fps)]);
  }

  async writeVideo(picture: Uint8Array, frame: number): Promise<void> {
    // ffmpeg reads the pipe later than we return, and the picture's buffer is reused: hence the copy.
    await this.#write([videoClusterHead(frame, this.#settings.fps, picture.length), picture.slice()]);
  }

  async writeAudio(samples: Int16Array, atSample: number): Promise<void> {
    const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength).slice();
    await this.#write([audioClusterHead(atSample, bytes.length), bytes]);
  }

  async finish(): Promise<void> {
    this.#process.stdin.end();
    await Promise.all([this.#exited, this.#drained]);
  }

  abandon(): void {
    this.#process.kill("SIGKILL");
  }

  async #write(parts: readonly Uint8Array[]): Promise<void> {
    if (this.#fault !== null) throw this.#fault;
    let roomLeft = true;
    for (const part of parts) roomLeft = this.#process.stdin.write(part);
    if (!roomLeft) await Promise.race([once(this.#process.stdin, "drain"), this.#exited]);
  }

  async #pump(deliver: ByteSink): Promise<void> {
    try {
      for await (const chunk of this.#process.stdout) await deliver(chunk as Uint8Array);
    } catch (error) {
      this.#process.kill("SIGKILL");
      throw error;
    }
  }

  async #watch(): Promise<void> {
    const exit = await new Promise<string>((resolve) => {
      this.#process.once("error", (error) => {
        resolve(error.message);
      });
      this.#process.once("close", (code, signal) => {
        resolve(code === 0 ? "" : `it ended with ${signal ?? `exit code ${String(code)}`}`);
      });
    });
    if (exit === "") return;
    this.#fault = new EncodeError(
      "encoder-failed",
      `ffmpeg failed to encode: ${exit}. ${this.#complaint.trim()}`,
    );
    throw this.#fault;
  }
}

function encodeArguments(settings: EncodeSettings): string[] {
  const { fps, bitrateKbps } = settings;
  const fragmentS = Math.max(1, Math.round((settings.fragmentMs * fps) / 1000)) / fps;
  // The first frame at or after each multiple of a fragment's length is a key frame: the same rule as film.ts.
  const keyAt = `expr:if(isnan(prev_forced_t),1,gte(t+0.0005,(floor(prev_forced_t/${String(fragmentS)}+0.001)+1)*${String(fragmentS)}))`;
  return [
    ...["-hide_banner", "-loglevel", "error", "-nostats", "-f", "matroska", "-i", "pipe:0"],
    ...["-map", "0:v:0", "-map", "0:a:0", "-fps_mode", "passthrough"],
    ...[
      "-c:v",
      "libx264",
      "-preset",
      "superfast",
      "-tune",
      "zerolatency",
      "-threads",
      "1",
      "-pix_fmt",
      "yuv420p",
    ],
    ...[
      "-b:v",
      `${String(bitrateKbps)}k`,
      "-maxrate",
      `${String(bitrateKbps * 2)}k`,
      "-bufsize",
      `${String(bitrateKbps * 2)}k`,
    ],
    ...["-g", "100000", "-sc_threshold", "0", "-bf", "0", "-forced-idr", "1", "-force_key_frames", keyAt],
    ...["-c:a", "aac", "-b:a", `${String(AUDIO_KBPS)}k`, "-fflags", "+bitexact", "-map_metadata", "-1"],
    ...["-video_track_timescale", String(fps * VIDEO_TICKS_PER_FRAME)],
    ...["-movflags", "+frag_keyframe+delay_moov+default_base_moof+skip_trailer+cmaf", "-flush_packets", "1"],
    ...["-f", "mp4", "pipe:1"],
  ];
}
