/** Reads back an encoder's stream for tests: an independent, minimal box walk (ISO/IEC 14496-12). */

import { chooseBackend } from "../../node/encode/index.ts";
import type { BackendName, Encoder } from "../../node/encode/index.ts";

export interface SeenFragment {
  readonly sequence: number;
  /** First decode time by track id, seconds. */
  readonly startS: ReadonlyMap<number, number>;
  readonly videoSamples: number;
  readonly startsWithKeyFrame: boolean;
}

export interface SeenStream {
  readonly bytes: Buffer;
  readonly topLevel: readonly string[];
  readonly handlers: ReadonlyMap<number, string>;
  readonly fragments: readonly SeenFragment[];
}

interface Box {
  readonly type: string;
  readonly body: Buffer;
  readonly start: number;
}

function boxes(bytes: Buffer): Box[] {
  const found: Box[] = [];
  for (let at = 0; at < bytes.length;) {
    const sizeBytes = bytes.readUInt32BE(at);
    if (sizeBytes < 8 || at + sizeBytes > bytes.length)
      throw new Error(`box of ${String(sizeBytes)} bytes at ${String(at)}`);
    found.push({
      type: bytes.toString("latin1", at + 4, at + 8),
      body: bytes.subarray(at + 8, at + sizeBytes),
      start: at,
    });
    at += sizeBytes;
  }
  return found;
}

function child(box: Buffer, ...path: string[]): Buffer {
  return path.reduce((inner, type) => {
    const next = boxes(inner).find((candidate) => candidate.type === type);
    if (next === undefined) throw new Error(`no ${type} box`);
    return next.body;
  }, box);
}

export async function collect(encoder: Encoder): Promise<SeenStream> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of encoder.fragments) chunks.push(chunk);
  return readStream(Buffer.concat(chunks));
}

export function readStream(bytes: Buffer): SeenStream {
  const top = boxes(bytes);
  const moov = top.find((box) => box.type === "moov")?.body ?? Buffer.alloc(0);
  const handlers = new Map<number, string>();
  const timescales = new Map<number, number>();
  for (const trak of boxes(moov).filter((box) => box.type === "trak")) {
    const trackId = child(trak.body, "tkhd").readUInt32BE(12);
    handlers.set(trackId, child(trak.body, "mdia", "hdlr").toString("latin1", 8, 12));
    timescales.set(trackId, child(trak.body, "mdia", "mdhd").readUInt32BE(12));
  }
  const fragments = top
    .filter((box) => box.type === "moof")
    .map((moof) => readFragment(bytes, moof, handlers, timescales));
  return { bytes, topLevel: top.map((box) => box.type), handlers, fragments };
}

function readFragment(
  bytes: Buffer,
  moof: Box,
  handlers: ReadonlyMap<number, string>,
  timescales: ReadonlyMap<number, number>,
): SeenFragment {
  const startS = new Map<number, number>();
  let videoSamples = 0;
  let startsWithKeyFrame = false;
  for (const traf of boxes(moof.body).filter((box) => box.type === "traf")) {
    const trackId = child(traf.body, "tfhd").readUInt32BE(4);
    startS.set(trackId, Number(child(traf.body, "tfdt").readBigUInt64BE(4)) / (timescales.get(trackId) ?? 1));
    if (handlers.get(trackId) !== "vide") continue;
    const trun = child(traf.body, "trun");
    videoSamples = trun.readUInt32BE(4);
    startsWithKeyFrame = firstPictureIsIdr(bytes, moof.start + trun.readInt32BE(8));
  }
  return { sequence: child(moof.body, "mfhd").readUInt32BE(4), startS, videoSamples, startsWithKeyFrame };
}

/** Looks into the coded data itself: NAL unit type 5 before any other slice (ITU-T H.264 table 7-1). */
function firstPictureIsIdr(bytes: Buffer, at: number): boolean {
  for (let position = at; position + 5 < bytes.length; position += 4 + bytes.readUInt32BE(position)) {
    const type = (bytes[position + 4] ?? 0) & 0x1f;
    if (type === 5) return true;
    if (type === 1) return false;
  }
  return false;
}

export function trackOf(stream: SeenStream, handler: "vide" | "soun"): number {
  const found = [...stream.handlers].find((entry) => entry[1] === handler);
  if (found === undefined) throw new Error(`no ${handler} track`);
  return found[0];
}

/** The back ends that this machine has; each test says why it is skipped where one is missing. */
export async function presentBackends(): Promise<ReadonlySet<BackendName>> {
  const present = new Set<BackendName>();
  for (const name of ["node-av", "ffmpeg"] as const) {
    if (
      await chooseBackend(name, { ...process.env, SWORN_ENCODER: "" }).then(
        () => true,
        () => false,
      )
    )
      present.add(name);
  }
  return present;
}
