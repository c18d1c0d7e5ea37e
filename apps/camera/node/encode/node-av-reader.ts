/** Reads a file's pictures and sound through node-av: two openings of the file, so that neither waits for the other. */

import type {
  CodecContext,
  FilterContext,
  FilterGraph,
  FormatContext,
  Frame,
  Packet,
  Stream,
} from "node-av/lib";
import { ACCEPTED_FORMATS, fitFilter, MAX_SOURCE_PIXELS, noVideo, unreadable } from "./accepted-files.ts";
import type { EncodeSettings } from "./encode-options.ts";
import type { NodeAv } from "./node-av-library.ts";
import { AUDIO_RATE_HZ } from "./take.ts";
import type { FileReader } from "./take.ts";

export class NodeAvReader implements FileReader {
  readonly #pictures: Decoding;
  readonly #sound: Decoding | null;
  #first: Buffer | null = null;

  private constructor(pictures: Decoding, sound: Decoding | null) {
    this.#pictures = pictures;
    this.#sound = sound;
  }

  /** Has decoded the first picture when it resolves, so that a bad file is told before the camera rolls. */
  static async open(av: NodeAv, path: string, settings: EncodeSettings): Promise<NodeAvReader> {
    const { width, height, fps } = settings;
    const pictures = await Decoding.open(av, path, "video", fitFilter(width, height, fps));
    if (pictures === null) throw noVideo(path);
    const mono = `aresample=${String(AUDIO_RATE_HZ)}:async=1:first_pts=0,aformat=sample_fmts=s16:channel_layouts=mono`;
    const reader = new NodeAvReader(pictures, await Decoding.open(av, path, "audio", mono));
    reader.#first = await pictures.next();
    if (reader.#first === null) {
      await reader.close();
      throw unreadable(path, "no picture could be decoded");
    }
    return reader;
  }

  async readVideo(into: Uint8Array): Promise<boolean> {
    const picture = this.#first ?? (await this.#pictures.next());
    this.#first = null;
    if (picture?.length !== into.length) return false;
    into.set(picture);
    return true;
  }

  async readAudio(into: Int16Array): Promise<void> {
    const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
    bytes.fill(0, (await this.#sound?.fill(bytes)) ?? 0);
  }

  async close(): Promise<void> {
    await Promise.all([this.#pictures.close(), this.#sound?.close()]);
  }
}

/** One stream of the file: demuxed, decoded, filtered. Damage within the file ends the stream, as at its end. */
class Decoding {
  readonly #av: NodeAv;
  readonly #format: FormatContext;
  readonly #stream: Stream;
  readonly #codec: CodecContext;
  readonly #filter: string;
  readonly #packet: Packet;
  readonly #decoded: Frame;
  readonly #filtered: Frame;
  #graph: { graph: FilterGraph; source: FilterContext; sink: FilterContext } | null = null;
  #ended = false;
  #rest: Buffer = Buffer.alloc(0);

  private constructor(
    av: NodeAv,
    format: FormatContext,
    stream: Stream,
    codec: CodecContext,
    filter: string,
  ) {
    this.#av = av;
    this.#format = format;
    this.#stream = stream;
    this.#codec = codec;
    this.#filter = filter;
    this.#packet = new av.lib.Packet();
    this.#packet.alloc();
    this.#decoded = new av.lib.Frame();
    this.#decoded.alloc();
    this.#filtered = new av.lib.Frame();
    this.#filtered.alloc();
  }

  /** Null where the file has no such stream. */
  static async open(
    av: NodeAv,
    path: string,
    kind: "video" | "audio",
    filter: string,
  ): Promise<Decoding | null> {
    const format = new av.lib.FormatContext();
    const fail = (code: number): void => {
      if (code < 0) throw unreadable(path, av.lib.FFmpegError.strerror(code));
    };
    // Options are set one by one: node-av frees a dictionary a second time when it is collected after use (6.1.1).
    format.allocContext();
    fail(format.setOption("format_whitelist", ACCEPTED_FORMATS));
    fail(format.setOption("protocol_whitelist", "file"));
    fail(await format.openInput(`file:${path}`, null));
    fail(await format.findStreamInfo(null));
    const type = kind === "video" ? av.constants.AVMEDIA_TYPE_VIDEO : av.constants.AVMEDIA_TYPE_AUDIO;
    const stream = format.streams[format.findBestStream(type)];
    if (stream === undefined || (stream.disposition & av.constants.AV_DISPOSITION_ATTACHED_PIC) !== 0) {
      await format.closeInput();
      return null;
    }
    const decoder = av.lib.Codec.findDecoder(stream.codecpar.codecId);
    if (decoder === null) throw unreadable(path, "its codec is not known here");
    const codec = new av.lib.CodecContext();
    codec.allocContext3(decoder);
    fail(codec.parametersToContext(stream.codecpar));
    codec.pktTimebase = stream.timeBase;
    codec.threadCount = 1;
    fail(codec.setOption("max_pixels", String(MAX_SOURCE_PIXELS)));
    fail(await codec.open2(decoder));
    for (const other of format.streams)
      if (other.index !== stream.index) other.discard = av.constants.AVDISCARD_ALL;
    return new Decoding(av, format, stream, codec, filter);
  }

  /** Raw bytes of the next filtered frame, without padding; null at the end. */
  async next(): Promise<Buffer | null> {
    for (;;) {
      if (this.#graph !== null) {
        const got = await this.#graph.sink.buffersinkGetFrame(this.#filtered);
        if (got >= 0) {
          const bytes = this.#filtered.toBuffer();
          this.#filtered.unref();
          return bytes;
        }
        if (this.#ended) return null;
      } else if (this.#ended) return null;
      await this.#feed();
    }
  }

  /** Fills `into` from the raw bytes; returns how many there were before the end. */
  async fill(into: Uint8Array): Promise<number> {
    let at = 0;
    while (at < into.length) {
      if (this.#rest.length === 0) {
        const next = await this.next();
        if (next === null) return at;
        this.#rest = next;
      }
      const part = this.#rest.subarray(0, into.length - at);
      into.set(part, at);
      at += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return at;
  }

  async close(): Promise<void> {
    this.#graph?.graph.free();
    this.#graph = null;
    this.#ended = true;
    this.#codec.freeContext();
    this.#packet.free();
    this.#decoded.free();
    this.#filtered.free();
    await this.#format.closeInput();
  }

  /** Moves one packet from the file to the decoder, and what comes out to the filter. */
  async #feed(): Promise<void> {
    const read = await this.#format.readFrame(this.#packet);
    if (read < 0) {
      await this.#codec.sendPacket(null);
      this.#ended = true;
    } else {
      const ours = this.#packet.streamIndex === this.#stream.index;
      if (ours) await this.#codec.sendPacket(this.#packet);
      this.#packet.unref();
      if (!ours) return;
    }
    while ((await this.#codec.receiveFrame(this.#decoded)) >= 0) {
      this.#decoded.pts = this.#decoded.bestEffortTimestamp;
      this.#graph ??= await this.#makeGraph(this.#decoded);
      await this.#graph.source.buffersrcAddFrame(this.#decoded);
      this.#decoded.unref();
    }
    if (this.#ended) await this.#graph?.source.buffersrcAddFrame(null);
  }

  async #makeGraph(like: Frame): Promise<{ graph: FilterGraph; source: FilterContext; sink: FilterContext }> {
    const { lib, constants } = this.#av;
    const video = this.#codec.codecType === constants.AVMEDIA_TYPE_VIDEO;
    const filterOf = (name: string) => {
      const found = lib.Filter.getByName(name);
      if (found === null) throw unreadable("the source", `node-av lacks the ${name} filter`);
      return found;
    };
    const { num, den } = this.#stream.timeBase;
    const time = `time_base=${String(num)}/${String(den)}`;
    const shape = video
      ? `video_size=${String(like.width)}x${String(like.height)}:pix_fmt=${String(like.format)}`
      : `sample_rate=${String(like.sampleRate)}:sample_fmt=${String(like.format)}:channel_layout=${lib.avChannelLayoutDescribe(like.channelLayout) ?? "mono"}`;
    const graph = new lib.FilterGraph();
    graph.alloc();
    const source = graph.createFilter(filterOf(video ? "buffer" : "abuffer"), "in", `${time}:${shape}`);
    const sink = graph.createFilter(filterOf(video ? "buffersink" : "abuffersink"), "out");
    if (source === null || sink === null)
      throw unreadable("the source", "its streams could not be converted");
    const outputs = lib.FilterInOut.createList([{ name: "in", filterCtx: source, padIdx: 0 }]);
    const inputs = lib.FilterInOut.createList([{ name: "out", filterCtx: sink, padIdx: 0 }]);
    const parsed = graph.parsePtr(this.#filter, inputs, outputs);
    if (parsed < 0 || (await graph.config()) < 0)
      throw unreadable("the source", "its streams could not be converted");
    return { graph, source, sink };
  }
}
