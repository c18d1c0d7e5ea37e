/** Reads a file's pictures and sound with two ffmpeg processes: one with two pipes could wait for itself. */

import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import type { Readable } from "node:stream";
import { ACCEPTED_FORMATS, fitFilter, MAX_SOURCE_PIXELS, noVideo, unreadable } from "./accepted-files.ts";
import { ByteQueue } from "./byte-queue.ts";
import type { EncodeSettings } from "./encode-options.ts";
import { AUDIO_RATE_HZ, pictureBytes } from "./take.ts";
import type { FileReader } from "./take.ts";

const MAX_COMPLAINT_CHARS = 2000;

export class FfmpegReader implements FileReader {
  readonly #path: string;
  readonly #pictures: Decoder;
  readonly #sound: Decoder;
  #first: Uint8Array | null = null;

  private constructor(path: string, pictures: Decoder, sound: Decoder) {
    this.#path = path;
    this.#pictures = pictures;
    this.#sound = sound;
  }

  /** Has decoded the first picture when it resolves, so that a bad file is told before the camera rolls. */
  static async open(ffmpegPath: string, path: string, settings: EncodeSettings): Promise<FfmpegReader> {
    const { width, height, fps } = settings;
    const input = ["-hide_banner", "-loglevel", "error", "-nostdin", "-protocol_whitelist", "file,pipe"];
    input.push(
      "-format_whitelist",
      ACCEPTED_FORMATS,
      "-max_pixels",
      String(MAX_SOURCE_PIXELS),
      "-threads",
      "1",
    );
    input.push("-i", `file:${path}`);
    const pictures = ["-map", "0:V:0", "-vf", fitFilter(width, height, fps), "-f", "rawvideo", "pipe:1"];
    const sound = [
      "-map",
      "0:a:0",
      "-af",
      "aresample=async=1:first_pts=0",
      "-ac",
      "1",
      "-ar",
      String(AUDIO_RATE_HZ),
    ];
    const reader = new FfmpegReader(
      path,
      new Decoder(ffmpegPath, [...input, ...pictures]),
      new Decoder(ffmpegPath, [...input, ...sound, "-f", "s16le", "pipe:1"]),
    );
    const first = new Uint8Array(pictureBytes(width, height));
    if (!(await reader.readVideo(first))) {
      await reader.close();
      throw reader.#pictures.complaint.includes("matches no streams")
        ? noVideo(path)
        : unreadable(path, reader.#pictures.complaint.trim() || "it holds no picture");
    }
    reader.#first = first;
    return reader;
  }

  async readVideo(into: Uint8Array): Promise<boolean> {
    if (this.#first !== null) {
      into.set(this.#first);
      this.#first = null;
      return true;
    }
    return (await this.#pictures.read(into)) === into.length;
  }

  async readAudio(into: Int16Array): Promise<void> {
    const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
    bytes.fill(0, await this.#sound.read(bytes));
  }

  async close(): Promise<void> {
    await Promise.all([this.#pictures.close(), this.#sound.close()]);
  }

  get path(): string {
    return this.#path;
  }
}

class Decoder {
  readonly #process: ChildProcessByStdio<null, Readable, Readable>;
  readonly #bytes: ByteQueue;
  readonly #closed: Promise<void>;
  complaint = "";

  constructor(ffmpegPath: string, args: readonly string[]) {
    this.#process = spawn(ffmpegPath, args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
    this.#bytes = new ByteQueue(this.#process.stdout);
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.complaint = (this.complaint + text).slice(-MAX_COMPLAINT_CHARS);
    });
    this.#closed = new Promise((resolve) => {
      this.#process.once("close", () => {
        resolve();
      });
      this.#process.once("error", (error) => {
        this.complaint += error.message;
        resolve();
      });
    });
  }

  async read(into: Uint8Array): Promise<number> {
    const got = await this.#bytes.fill(into);
    if (got < into.length) await this.#closed;
    return got;
  }

  async close(): Promise<void> {
    this.#process.stdout.destroy();
    this.#process.kill("SIGKILL");
    await this.#closed;
  }
}
