/** One codec run through node-av, FFmpeg's libraries within this process; only ever loaded in the child. */

import { EncodeError } from "./encode-error.ts";
import type { EncodeSettings } from "./encode-options.ts";
import type { NodeAv } from "./node-av-library.ts";
import type { CodecContext, FormatContext, IOContext, Packet, Stream } from "node-av/lib";
import { AUDIO_KBPS, AUDIO_RATE_HZ, VIDEO_TICKS_PER_FRAME } from "./take.ts";
import type { ByteSink, Take } from "./take.ts";

const MUX_FLAGS = "+frag_keyframe+delay_moov+default_base_moof+skip_trailer+cmaf";

interface Track {
  readonly codec: CodecContext;
  readonly stream: Stream;
}

export class NodeAvTake implements Take {
  readonly #av: NodeAv;
  readonly #settings: EncodeSettings;
  readonly #deliver: ByteSink;
  readonly #format: FormatContext;
  readonly #io: IOContext;
  readonly #packet: Packet;
  readonly #video: Track;
  readonly #audio: Track;
  /** Samples that do not yet fill a codec frame, as 32-bit floats. */
  readonly #waiting: Float32Array;
  #waitingCount = 0;
  #audioPts = 0;
  #muxed: Uint8Array[] = [];

  private constructor(av: NodeAv, settings: EncodeSettings, deliver: ByteSink) {
    this.#av = av;
    this.#settings = settings;
    this.#deliver = deliver;
    this.#format = new av.lib.FormatContext();
    this.#check(this.#format.allocOutputContext2(null, "mp4", null), "making the MP4 writer");
    // Options are set one by one: node-av frees a dictionary a second time when it is collected after use (6.1.1).
    this.#setOption(this.#format, "movflags", MUX_FLAGS);
    this.#setOption(this.#format, "video_track_timescale", String(settings.fps * VIDEO_TICKS_PER_FRAME));
    this.#setOption(this.#format, "fflags", "bitexact");
    this.#io = new av.lib.IOContext();
    const keep = (bytes: Buffer): number => {
      this.#muxed.push(Uint8Array.from(bytes)); // the buffer is the library's own
      return bytes.length;
    };
    this.#io.allocContextWithCallbacks(65_536, 1, null, keep, null);
    this.#format.pb = this.#io;
    this.#format.setFlags(av.constants.AVFMT_FLAG_CUSTOM_IO);
    this.#video = this.#addTrack("libx264", (codec) => {
      this.#configureVideo(codec);
    });
    this.#audio = this.#addTrack("aac", (codec) => {
      this.#configureAudio(codec);
    });
    this.#waiting = new Float32Array(this.#audio.codec.frameSize);
    this.#packet = new av.lib.Packet();
    this.#packet.alloc();
  }

  static async open(av: NodeAv, settings: EncodeSettings, deliver: ByteSink): Promise<NodeAvTake> {
    const take = new NodeAvTake(av, settings, deliver);
    take.#check(await take.#format.writeHeader(), "starting the MP4 writer");
    return take;
  }

  async writeVideo(picture: Uint8Array, frame: number, startsFragment: boolean): Promise<void> {
    const { width, height } = this.#settings;
    const raw = this.#av.lib.Frame.fromVideoBuffer(asBuffer(picture), {
      ...{ width, height, format: this.#av.constants.AV_PIX_FMT_YUV420P },
      ...{ pts: BigInt(frame), timeBase: { num: 1, den: this.#settings.fps } },
    });
    if (startsFragment) raw.pictType = this.#av.constants.AV_PICTURE_TYPE_I;
    this.#check(await this.#video.codec.sendFrame(raw), "encoding a picture");
    raw.free();
    await this.#collect(this.#video);
  }

  async writeAudio(samples: Int16Array): Promise<void> {
    for (const sample of samples) {
      this.#waiting[this.#waitingCount++] = sample / 32_768;
      if (this.#waitingCount === this.#waiting.length) await this.#encodeWaiting();
    }
  }

  async finish(): Promise<void> {
    if (this.#waitingCount > 0) await this.#encodeWaiting();
    for (const track of [this.#video, this.#audio]) {
      this.#check(await track.codec.sendFrame(null), "ending a track");
      await this.#collect(track);
    }
    this.#check(await this.#format.writeTrailer(), "ending the MP4");
    await this.#format.flush();
    await this.#hand();
    this.abandon();
  }

  abandon(): void {
    this.#video.codec.freeContext();
    this.#audio.codec.freeContext();
    this.#packet.free();
    this.#format.pb = null;
    this.#format.freeContext();
    this.#io.freeContext();
  }

  #check(code: number, doing: string): void {
    if (code >= 0) return;
    throw new EncodeError("encoder-failed", `${doing} failed: ${this.#av.lib.FFmpegError.strerror(code)}`);
  }

  #setOption(on: CodecContext | FormatContext, name: string, value: string): void {
    this.#check(on.setOption(name, value), `setting ${name}`);
  }

  #addTrack(encoder: "libx264" | "aac", configure: (codec: CodecContext) => void): Track {
    const { FF_ENCODER_AAC, FF_ENCODER_LIBX264 } = this.#av.constants;
    const found = this.#av.lib.Codec.findEncoderByName(
      encoder === "aac" ? FF_ENCODER_AAC : FF_ENCODER_LIBX264,
    );
    if (found === null)
      throw new EncodeError("no-backend", `this build of node-av lacks the ${encoder} encoder`);
    const codec = new this.#av.lib.CodecContext();
    codec.allocContext3(found);
    configure(codec);
    codec.setFlags(this.#av.constants.AV_CODEC_FLAG_GLOBAL_HEADER);
    this.#check(codec.open2Sync(found), `opening ${encoder}`);
    const stream = this.#format.newStream(null);
    stream.timeBase = codec.timeBase;
    this.#check(stream.codecpar.fromContext(codec), "describing a track");
    return { codec, stream };
  }

  #configureVideo(codec: CodecContext): void {
    const { width, height, fps, bitrateKbps } = this.#settings;
    codec.width = width;
    codec.height = height;
    codec.pixelFormat = this.#av.constants.AV_PIX_FMT_YUV420P;
    codec.timeBase = new this.#av.lib.Rational(1, fps);
    codec.framerate = new this.#av.lib.Rational(fps, 1);
    codec.bitRate = BigInt(bitrateKbps * 1000);
    codec.rcMaxRate = BigInt(bitrateKbps * 2000);
    codec.rcBufferSize = bitrateKbps * 2000;
    codec.gopSize = 100_000; // fragments decide the key frames, not the codec
    codec.maxBFrames = 0;
    codec.threadCount = 1;
    this.#setOption(codec, "preset", "superfast");
    this.#setOption(codec, "tune", "zerolatency");
    this.#setOption(codec, "forced-idr", "1");
  }

  #configureAudio(codec: CodecContext): void {
    codec.sampleRate = AUDIO_RATE_HZ;
    codec.channelLayout = this.#av.constants.AV_CHANNEL_LAYOUT_MONO;
    codec.sampleFormat = this.#av.constants.AV_SAMPLE_FMT_FLTP;
    codec.bitRate = BigInt(AUDIO_KBPS * 1000);
    codec.timeBase = new this.#av.lib.Rational(1, AUDIO_RATE_HZ);
  }

  async #encodeWaiting(): Promise<void> {
    const samples = this.#waiting.subarray(0, this.#waitingCount);
    const raw = this.#av.lib.Frame.fromAudioBuffer(asBuffer(samples), {
      ...{
        nbSamples: samples.length,
        format: this.#av.constants.AV_SAMPLE_FMT_FLTP,
        sampleRate: AUDIO_RATE_HZ,
      },
      channelLayout: this.#av.constants.AV_CHANNEL_LAYOUT_MONO,
      ...{ pts: BigInt(this.#audioPts), timeBase: { num: 1, den: AUDIO_RATE_HZ } },
    });
    this.#audioPts += samples.length;
    this.#waitingCount = 0;
    this.#check(await this.#audio.codec.sendFrame(raw), "encoding sound");
    raw.free();
    await this.#collect(this.#audio);
  }

  async #collect(track: Track): Promise<void> {
    while (track.codec.receivePacketSync(this.#packet) >= 0) {
      this.#packet.streamIndex = track.stream.index;
      this.#packet.rescaleTs(track.codec.timeBase, track.stream.timeBase);
      this.#check(await this.#format.interleavedWriteFrame(this.#packet), "writing the MP4");
    }
    await this.#hand();
  }

  async #hand(): Promise<void> {
    const muxed = this.#muxed;
    this.#muxed = [];
    for (const bytes of muxed) await this.#deliver(bytes);
  }
}

function asBuffer(view: Uint8Array | Float32Array): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}
