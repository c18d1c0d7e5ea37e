// The first picture of a film in memory as a JPEG, through node-av; only ever loaded in the child.
import type {
  CodecContext,
  FilterContext,
  FilterGraph,
  FormatContext,
  Frame,
  Packet,
  Stream,
} from "node-av/lib";
import { PlaybackFault } from "../playback-fault.ts";
import { posterFilter } from "./decode-picture.ts";

type Lib = typeof import("node-av/lib");
type Constants = typeof import("node-av/constants");
interface NodeAv {
  readonly lib: Lib;
  readonly constants: Constants;
}

const mostPixels = 8192 * 4352;

function requireDone(av: NodeAv, code: number, doing: string): void {
  if (code >= 0) return;
  throw new PlaybackFault("decoder-failed", `${doing} failed: ${av.lib.FFmpegError.strerror(code)}`);
}

/** @throws PlaybackFault `no-picture` or `decoder-failed` */
export async function firstPicture(film: Buffer): Promise<Buffer> {
  const [lib, constants] = await Promise.all([import("node-av/lib"), import("node-av/constants")]);
  lib.Log.setLevel(constants.AV_LOG_QUIET);
  const av = { lib, constants };
  const format = await openFilm(av, film);
  const stream = format.streams[format.findBestStream(constants.AVMEDIA_TYPE_VIDEO)];
  if (stream === undefined) throw new PlaybackFault("no-picture", "The film has no video.");
  const codec = await openDecoder(av, stream);
  const frame = await firstFrame(av, format, stream, codec);
  return encodeJpeg(av, await scaled(av, frame, stream));
}

async function openFilm({ lib, constants }: NodeAv, film: Buffer): Promise<FormatContext> {
  let at = 0;
  const read = (size: number): Buffer | number => {
    if (at >= film.length) return constants.AVERROR_EOF;
    const piece = film.subarray(at, at + size);
    at += piece.length;
    return piece;
  };
  const seek = (offset: bigint, whence: number): bigint => {
    if ((whence & constants.AVSEEK_SIZE) !== 0) return BigInt(film.length);
    const base = whence === 0 ? 0 : whence === 1 ? at : film.length;
    at = Math.max(0, Math.min(film.length, base + Number(offset)));
    return BigInt(at);
  };
  const io = new lib.IOContext();
  io.allocContextWithCallbacks(65_536, 0, read, null, seek);
  const format = new lib.FormatContext();
  format.allocContext();
  format.pb = io;
  format.setFlags(constants.AVFMT_FLAG_CUSTOM_IO);
  // Options are set one by one: node-av frees a dictionary a second time when it is collected after use (6.1.1).
  requireDone({ lib, constants }, format.setOption("format_whitelist", "mov,mp4"), "limiting the formats");
  requireDone({ lib, constants }, await format.openInput("", null), "reading the film");
  requireDone({ lib, constants }, await format.findStreamInfo(null), "reading the film's streams");
  return format;
}

async function openDecoder(av: NodeAv, stream: Stream): Promise<CodecContext> {
  const decoder = av.lib.Codec.findDecoder(stream.codecpar.codecId);
  if (decoder === null) throw new PlaybackFault("no-picture", "The film's codec is not known here.");
  const codec = new av.lib.CodecContext();
  codec.allocContext3(decoder);
  requireDone(av, codec.parametersToContext(stream.codecpar), "describing the codec");
  codec.threadCount = 1;
  requireDone(av, codec.setOption("max_pixels", String(mostPixels)), "limiting the picture");
  requireDone(av, await codec.open2(decoder), "opening the codec");
  return codec;
}

async function firstFrame(
  av: NodeAv,
  format: FormatContext,
  stream: Stream,
  codec: CodecContext,
): Promise<Frame> {
  const packet: Packet = new av.lib.Packet();
  packet.alloc();
  const frame = new av.lib.Frame();
  frame.alloc();
  for (let ended = false; !ended;) {
    ended = (await format.readFrame(packet)) < 0;
    if (!ended && packet.streamIndex !== stream.index) {
      packet.unref();
      continue;
    }
    await codec.sendPacket(ended ? null : packet);
    if (!ended) packet.unref();
    if ((await codec.receiveFrame(frame)) >= 0) return frame;
  }
  throw new PlaybackFault("no-picture", "No picture of the film could be decoded.");
}

async function scaled(av: NodeAv, frame: Frame, stream: Stream): Promise<Frame> {
  const filterOf = (name: string) => {
    const found = av.lib.Filter.getByName(name);
    if (found === null) throw new PlaybackFault("decoder-failed", `node-av lacks the ${name} filter`);
    return found;
  };
  const { num, den } = stream.timeBase;
  const shape = `video_size=${frame.width}x${frame.height}:pix_fmt=${frame.format}:time_base=${num}/${den}`;
  const graph: FilterGraph = new av.lib.FilterGraph();
  graph.alloc();
  const source: FilterContext | null = graph.createFilter(filterOf("buffer"), "in", shape);
  const sink = graph.createFilter(filterOf("buffersink"), "out");
  if (source === null || sink === null) throw new PlaybackFault("decoder-failed", "no filter could be made");
  const outputs = av.lib.FilterInOut.createList([{ name: "in", filterCtx: source, padIdx: 0 }]);
  const inputs = av.lib.FilterInOut.createList([{ name: "out", filterCtx: sink, padIdx: 0 }]);
  requireDone(av, graph.parsePtr(posterFilter, inputs, outputs), "making the filter");
  requireDone(av, await graph.config(), "setting up the filter");
  requireDone(av, await source.buffersrcAddFrame(frame), "scaling the picture");
  await source.buffersrcAddFrame(null);
  const picture = new av.lib.Frame();
  picture.alloc();
  requireDone(av, await sink.buffersinkGetFrame(picture), "scaling the picture");
  return picture;
}

async function encodeJpeg(av: NodeAv, picture: Frame): Promise<Buffer> {
  const encoder = av.lib.Codec.findEncoderByName(av.constants.FF_ENCODER_MJPEG);
  if (encoder === null) throw new PlaybackFault("decoder-failed", "node-av lacks the JPEG encoder");
  const codec = new av.lib.CodecContext();
  codec.allocContext3(encoder);
  codec.width = picture.width;
  codec.height = picture.height;
  codec.pixelFormat = av.constants.AV_PIX_FMT_YUVJ420P;
  codec.timeBase = new av.lib.Rational(1, 1);
  codec.threadCount = 1;
  requireDone(av, codec.setOption("qmin", "4"), "setting the quality");
  requireDone(av, codec.setOption("qmax", "4"), "setting the quality");
  requireDone(av, await codec.open2(encoder), "opening the JPEG encoder");
  picture.pts = 0n;
  requireDone(av, await codec.sendFrame(picture), "encoding the JPEG");
  await codec.sendFrame(null);
  const packet = new av.lib.Packet();
  packet.alloc();
  requireDone(av, await codec.receivePacket(packet), "encoding the JPEG");
  const { data } = packet;
  if (data === null) throw new PlaybackFault("no-picture", "The JPEG encoder gave nothing.");
  return Buffer.from(data);
}
