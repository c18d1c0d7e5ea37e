// Writes small MP4s field by field, for tests only: the reader under test shares no code with it.

export function bytesOf(...parts: (Uint8Array | readonly number[] | string)[]): Uint8Array {
  const arrays = parts.map((part) =>
    typeof part === "string" ? Uint8Array.from(part, (char) => char.charCodeAt(0)) : Uint8Array.from(part),
  );
  const result = new Uint8Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    result.set(array, at);
    at += array.length;
  }
  return result;
}

export function u16(value: number): Uint8Array {
  const bytes = new Uint8Array(2);
  new DataView(bytes.buffer).setUint16(0, value);
  return bytes;
}

export function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

export function u64(value: bigint | number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

export function zeros(lengthBytes: number): Uint8Array {
  return new Uint8Array(lengthBytes);
}

export function box(type: string, ...payload: (Uint8Array | readonly number[] | string)[]): Uint8Array {
  const body = bytesOf(...payload);
  return bytesOf(u32(body.length + 8), type, body);
}

/** The same box with its size as a 64-bit number. */
export function longBox(type: string, ...payload: (Uint8Array | readonly number[] | string)[]): Uint8Array {
  const body = bytesOf(...payload);
  return bytesOf(u32(1), type, u64(body.length + 16), body);
}

export function fullBox(type: string, version: number, flags: number, ...payload: Uint8Array[]): Uint8Array {
  return box(type, u32(((version << 24) | flags) >>> 0), ...payload);
}

export const ftyp = box("ftyp", "iso6", u32(512), "iso6", "cmfc");
export const styp = box("styp", "msdh", u32(0), "msdh");

export interface TrackSpec {
  trackId: number;
  handler: string;
  timescale: number;
  /** Whole sample entry box. */
  entry: Uint8Array;
  durationTicks?: number;
}

export function videoEntry(type: string, width: number, height: number, ...config: Uint8Array[]): Uint8Array {
  return box(type, zeros(6), u16(1), zeros(16), u16(width), u16(height), zeros(50), ...config);
}

export function audioEntry(
  type: string,
  channels: number,
  rateHz: number,
  ...config: Uint8Array[]
): Uint8Array {
  const rate = u32((rateHz << 16) >>> 0);
  return box(type, zeros(6), u16(1), zeros(8), u16(channels), u16(16), zeros(4), rate, ...config);
}

export const avcC = box("avcC", [1, 0x64, 0x00, 0x1f, 0xff]);
export const esdsLc = fullBox(
  "esds",
  0,
  0,
  bytesOf([3, 0x80, 0x80, 0x80, 25, 0, 1, 0], [4, 17, 0x40, 0x15], zeros(11), [5, 2, 0x12, 0x10], [6, 1, 2]),
);

export const video: TrackSpec = {
  trackId: 1,
  handler: "vide",
  timescale: 12_800,
  entry: videoEntry("avc1", 640, 360, avcC),
};
export const audio: TrackSpec = {
  trackId: 2,
  handler: "soun",
  timescale: 44_100,
  entry: audioEntry("mp4a", 2, 44_100, esdsLc),
};

export function trak(spec: TrackSpec): Uint8Array {
  const tkhd = fullBox("tkhd", 0, 7, zeros(8), u32(spec.trackId), zeros(68));
  const mdhd = fullBox("mdhd", 0, 0, zeros(8), u32(spec.timescale), u32(spec.durationTicks ?? 0), zeros(4));
  const hdlr = fullBox("hdlr", 0, 0, zeros(4), bytesOf(spec.handler), zeros(13));
  const stsd = fullBox("stsd", 0, 0, u32(1), spec.entry);
  return box("trak", tkhd, box("mdia", mdhd, hdlr, box("minf", box("stbl", stsd))));
}

export function mvhd(
  options: { createdAtSeconds?: number; timescale?: number; durationTicks?: number } = {},
): Uint8Array {
  const { createdAtSeconds = 0, timescale = 1000, durationTicks = 0 } = options;
  return fullBox("mvhd", 0, 0, u32(createdAtSeconds), u32(0), u32(timescale), u32(durationTicks), zeros(80));
}

export function trex(trackId: number, durationTicks = 0, sizeBytes = 0, flags = 0): Uint8Array {
  return fullBox("trex", 0, 0, u32(trackId), u32(1), u32(durationTicks), u32(sizeBytes), u32(flags));
}

export function initSegment(tracks: readonly TrackSpec[] = [video, audio]): Uint8Array {
  const mvex = box("mvex", ...tracks.map((track) => trex(track.trackId)));
  return bytesOf(ftyp, box("moov", mvhd(), ...tracks.map(trak), mvex));
}

export interface RunSpec {
  trackId: number;
  baseTicks: number;
  /** Each sample: duration in ticks, size in bytes. */
  samples: readonly (readonly [durationTicks: number, sizeBytes: number])[];
  firstIsSync?: boolean;
}

export const SYNC_FLAGS = 0x0200_0000;
export const NON_SYNC_FLAGS = 0x0101_0000;

/** One moof and its mdat; `shiftBytes` moves every data offset, to make a fragment that lies. */
export function fragment(
  sequence: number,
  runs: readonly RunSpec[],
  options: { shiftBytes?: number } = {},
): Uint8Array {
  const moofOf = (firstOffset: number): Uint8Array => {
    let dataOffset = firstOffset;
    const trafs = runs.map((run) => {
      const traf = trafOf(run, dataOffset);
      dataOffset += run.samples.reduce((sum, [, size]) => sum + size, 0);
      return traf;
    });
    return box("moof", fullBox("mfhd", 0, 0, u32(sequence)), ...trafs);
  };
  const moofBytes = moofOf(0).length;
  const dataBytes = runs.flatMap((run) => run.samples).reduce((sum, [, size]) => sum + size, 0);
  const data = new Uint8Array(dataBytes).fill(sequence & 0xff);
  return bytesOf(moofOf(moofBytes + 8 + (options.shiftBytes ?? 0)), box("mdat", data));
}

function trafOf(run: RunSpec, dataOffset: number): Uint8Array {
  const tfhd = fullBox("tfhd", 0, 0x02_0020, u32(run.trackId), u32(NON_SYNC_FLAGS));
  const tfdt = fullBox("tfdt", 1, 0, u64(run.baseTicks));
  const samples = run.samples.map(([duration, size]) => bytesOf(u32(duration), u32(size)));
  const firstFlags = u32((run.firstIsSync ?? true) ? SYNC_FLAGS : NON_SYNC_FLAGS);
  const trun = fullBox(
    "trun",
    0,
    0x305,
    u32(run.samples.length),
    u32(dataOffset >>> 0),
    firstFlags,
    ...samples,
  );
  return box("traf", tfhd, tfdt, trun);
}

/** Two seconds of both tracks, the nth from 0. */
export function twoSeconds(n: number): Uint8Array {
  return fragment(n + 1, [
    {
      trackId: 1,
      baseTicks: n * 25_600,
      samples: [
        [12_800, 700 + n],
        [12_800, 90],
      ],
    },
    { trackId: 2, baseTicks: n * 88_200, samples: [[88_200, 300]] },
  ]);
}

export const mfra = box("mfra", fullBox("mfro", 0, 0, u32(24)));
