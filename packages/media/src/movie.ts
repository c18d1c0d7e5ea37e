/**
 * The `moov` box (ISO/IEC 14496-12 §8.2 to §8.5, §8.8): what a film consists of, fragmented or not.
 * Sample tables are not read. Guarantees: track ids are unique and every timescale is above 0.
 */
import { childrenOf, fieldsOf, optionalBox, requiredBox } from "./box-tree.ts";
import { MALFORMED_REMEDY, MediaError } from "./media-error.ts";
import { firstSampleEntry, readAudioEntry, readVideoEntry } from "./sample-entry.ts";
import type { AudioSampleEntry, VideoSampleEntry } from "./sample-entry.ts";
import { mp4TimeToUnixMs, ticksToMs } from "./ticks.ts";
import type { Box } from "./walk-boxes.ts";

/** Defaults for the samples of a track's fragments (`trex`, §8.8.3). */
export interface SampleDefaults {
  durationTicks: number;
  sizeBytes: number;
  flags: number;
}

interface TrackCommon {
  trackId: number;
  /** Ticks a second. */
  timescale: number;
  /** Whole milliseconds as the header says; null where it says unknown or, in a fragmented film, 0. */
  durationMs: number | null;
  /** Null where the film is not fragmented. */
  sampleDefaults: SampleDefaults | null;
}

export type Track = TrackCommon &
  (
    | ({ kind: "video"; handler: "vide" } & VideoSampleEntry)
    | ({ kind: "audio"; handler: "soun" } & AudioSampleEntry)
    | { kind: "other"; handler: string }
  );

export interface Movie {
  /** Creation time that the maker's clock gave, ms since 1970; null where none is stated. Many makers write local time. */
  createdAtMs: number | null;
  /** Whole milliseconds as the headers say; null where unknown or, in a fragmented film, 0. */
  durationMs: number | null;
  /** True where `mvex` announces fragments. */
  fragmented: boolean;
  tracks: Track[];
}

export function readMovie(moov: Box): Movie {
  const boxes = childrenOf(moov);
  const mvhd = readTimes(requiredBox(boxes, "mvhd", "moov", moov.offsetBytes));
  const mvex = optionalBox(boxes, "mvex");
  const defaults = mvex === null ? new Map<number, SampleDefaults>() : readTrackExtends(mvex);
  const trackBoxes = boxes.filter((box) => box.type === "trak");
  const tracks = trackBoxes.map((trak) => readTrack(trak, defaults));
  requireUniqueIds(tracks, moov.offsetBytes);
  const headerMs = durationOf(mvhd, mvex !== null);
  const extendedMs = mvex === null ? null : readExtendedDuration(mvex, mvhd.timescale);
  return {
    createdAtMs: mp4TimeToUnixMs(mvhd.createdAtSeconds),
    durationMs: extendedMs ?? headerMs,
    fragmented: mvex !== null,
    tracks,
  };
}

interface HeaderTimes {
  createdAtSeconds: number;
  timescale: number;
  durationTicks: number | null;
}

/** `mvhd` and `mdhd` begin alike (§8.2.2, §8.4.2). */
function readTimes(box: Box): HeaderTimes {
  const fields = fieldsOf(box);
  const { version } = fields.versionAndFlags(1);
  const createdAtSeconds = version === 1 ? fields.u64() : fields.u32();
  fields.skip(version === 1 ? 8 : 4);
  const timescale = fields.u32();
  if (timescale === 0) {
    throw new MediaError(
      "field-invalid",
      fields.offsetBytes - 4,
      `"${box.type}" has timescale 0`,
      MALFORMED_REMEDY,
    );
  }
  const durationTicks = version === 1 ? fields.u64OrUnknown() : fields.u32OrUnknown();
  return { createdAtSeconds, timescale, durationTicks };
}

function durationOf(times: HeaderTimes, fragmented: boolean): number | null {
  if (times.durationTicks === null || (fragmented && times.durationTicks === 0)) return null;
  return ticksToMs(times.durationTicks, times.timescale);
}

function readExtendedDuration(mvex: Box, timescale: number): number | null {
  const mehd = optionalBox(childrenOf(mvex), "mehd");
  if (mehd === null) return null;
  const fields = fieldsOf(mehd);
  const { version } = fields.versionAndFlags(1);
  const ticks = version === 1 ? fields.u64OrUnknown() : fields.u32OrUnknown();
  return ticks === null || ticks === 0 ? null : ticksToMs(ticks, timescale);
}

function readTrackExtends(mvex: Box): Map<number, SampleDefaults> {
  const defaults = new Map<number, SampleDefaults>();
  for (const trex of childrenOf(mvex).filter((box) => box.type === "trex")) {
    const fields = fieldsOf(trex);
    fields.versionAndFlags(0);
    const trackId = fields.u32();
    fields.skip(4);
    defaults.set(trackId, { durationTicks: fields.u32(), sizeBytes: fields.u32(), flags: fields.u32() });
  }
  return defaults;
}

function readTrack(trak: Box, defaults: ReadonlyMap<number, SampleDefaults>): Track {
  const boxes = childrenOf(trak);
  const trackId = readTrackId(requiredBox(boxes, "tkhd", "trak", trak.offsetBytes));
  const mdia = requiredBox(boxes, "mdia", "trak", trak.offsetBytes);
  const mediaBoxes = childrenOf(mdia);
  const times = readTimes(requiredBox(mediaBoxes, "mdhd", "mdia", mdia.offsetBytes));
  const handler = readHandler(requiredBox(mediaBoxes, "hdlr", "mdia", mdia.offsetBytes));
  const sampleDefaults = defaults.get(trackId) ?? null;
  const durationMs = durationOf(times, sampleDefaults !== null);
  const common = { trackId, timescale: times.timescale, durationMs, sampleDefaults };
  if (handler !== "vide" && handler !== "soun") return { ...common, kind: "other", handler };
  const entry = readFirstEntry(mediaBoxes, mdia);
  return handler === "vide"
    ? { ...common, kind: "video", handler, ...readVideoEntry(entry) }
    : { ...common, kind: "audio", handler, ...readAudioEntry(entry) };
}

function readTrackId(tkhd: Box): number {
  const fields = fieldsOf(tkhd);
  const { version } = fields.versionAndFlags(1);
  fields.skip(version === 1 ? 16 : 8);
  return fields.u32();
}

function readHandler(hdlr: Box): string {
  const fields = fieldsOf(hdlr);
  fields.versionAndFlags(0);
  fields.skip(4);
  return fields.fourcc();
}

function readFirstEntry(mediaBoxes: readonly Box[], mdia: Box): Box {
  const minf = requiredBox(mediaBoxes, "minf", "mdia", mdia.offsetBytes);
  const stbl = requiredBox(childrenOf(minf), "stbl", "minf", minf.offsetBytes);
  const stsd = requiredBox(childrenOf(stbl), "stsd", "stbl", stbl.offsetBytes);
  const entry = firstSampleEntry(stsd);
  if (entry !== null) return entry;
  throw new MediaError(
    "box-missing",
    stsd.offsetBytes,
    "A track names no codec: its stsd is empty",
    MALFORMED_REMEDY,
  );
}

function requireUniqueIds(tracks: readonly Track[], offsetBytes: number): void {
  const ids = new Set(tracks.map((track) => track.trackId));
  if (ids.size === tracks.length) return;
  throw new MediaError("field-invalid", offsetBytes, "Two tracks have the same id", MALFORMED_REMEDY);
}
