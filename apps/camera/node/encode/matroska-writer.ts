/**
 * Writes raw pictures and samples as a live Matroska stream (RFC 9559), the one way to hand ffmpeg both, with exact
 * times, over a single pipe: two pipes can deadlock, and raw video has no time stamps.
 */

import { AUDIO_RATE_HZ } from "./take.ts";

/** Nanoseconds of one tick: 10 µs keeps frame times exact enough to round back to whole frames. */
const TICK_NS = 10_000;
const UNKNOWN_SIZE = Uint8Array.of(0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
const VIDEO_TRACK = 1;
const AUDIO_TRACK = 2;

/** The header up to the first cluster. */
export function matroskaHeader(width: number, height: number, fps: number): Uint8Array {
  const video = element(0xae, [
    element(0xd7, [uint(VIDEO_TRACK)]),
    element(0x73c5, [uint(VIDEO_TRACK)]),
    element(0x83, [uint(1)]),
    element(0x86, [ascii("V_UNCOMPRESSED")]),
    element(0x23e383, [uint(Math.round(1e9 / fps))]),
    element(0xe0, [
      element(0xb0, [uint(width)]),
      element(0xba, [uint(height)]),
      element(0x2eb524, [ascii("I420")]),
    ]),
  ]);
  const audio = element(0xae, [
    element(0xd7, [uint(AUDIO_TRACK)]),
    element(0x73c5, [uint(AUDIO_TRACK)]),
    element(0x83, [uint(2)]),
    element(0x86, [ascii("A_PCM/INT/LIT")]),
    element(0xe1, [
      element(0xb5, [float64(AUDIO_RATE_HZ)]),
      element(0x9f, [uint(1)]),
      element(0x6264, [uint(16)]),
    ]),
  ]);
  return concat([
    element(0x1a45dfa3, [
      element(0x4282, [ascii("matroska")]),
      element(0x4287, [uint(4)]),
      element(0x4285, [uint(2)]),
    ]),
    idBytes(0x18538067),
    UNKNOWN_SIZE,
    element(0x1549a966, [
      element(0x2ad7b1, [uint(TICK_NS)]),
      element(0x4d80, [ascii("-")]),
      element(0x5741, [ascii("-")]),
    ]),
    element(0x1654ae6b, [video, audio]),
  ]);
}

/** The bytes before a picture of `sizeBytes`; the picture itself follows uncopied. */
export function videoClusterHead(frame: number, fps: number, sizeBytes: number): Uint8Array {
  return clusterHead(VIDEO_TRACK, (frame * 1e9) / fps, sizeBytes);
}

export function audioClusterHead(atSample: number, sizeBytes: number): Uint8Array {
  return clusterHead(AUDIO_TRACK, (atSample * 1e9) / AUDIO_RATE_HZ, sizeBytes);
}

/** One cluster a block: a block's own time is only 16 bits wide. */
function clusterHead(track: number, atNs: number, sizeBytes: number): Uint8Array {
  const time = element(0xe7, [uint(Math.round(atNs / TICK_NS))]);
  const blockHead = Uint8Array.of(0x80 | track, 0, 0, 0x80);
  const block = concat([idBytes(0xa3), vint(sizeBytes + blockHead.length), blockHead]);
  return concat([idBytes(0x1f43b675), vint(time.length + block.length + sizeBytes), time, block]);
}

function element(id: number, parts: readonly Uint8Array[]): Uint8Array {
  const body = concat(parts);
  return concat([idBytes(id), vint(body.length), body]);
}

function idBytes(id: number): Uint8Array {
  return uint(id);
}

/** Shortest big-endian form of a non-negative whole number. */
function uint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.unshift(rest % 256);
    rest = Math.floor(rest / 256);
  } while (rest > 0);
  return Uint8Array.from(bytes);
}

/** A size in four or more bytes (RFC 8794 section 4): fixed width is legal and simple. */
function vint(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  bytes[0] = 0x01;
  return bytes;
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function float64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return bytes;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
