/**
 * One track of one fragment: `tfhd`, `tfdt` and the `trun`s (ISO/IEC 14496-12 §8.8.7, §8.8.8, §8.8.12).
 * Guarantees: bounded by the bytes of the boxes, or by arithmetic where a run lists no sample; sums stay exact.
 */
import { childrenOf, fieldsOf, optionalBox, requiredBox } from "./box-tree.ts";
import { MALFORMED_REMEDY, MediaError } from "./media-error.ts";
import type { SampleDefaults, Track } from "./movie.ts";
import type { InitTrack } from "./read-init.ts";
import type { Box } from "./walk-boxes.ts";

/** The stretch that holds the samples of one run, maybe empty; offsets from the start of the `moof`. */
export interface SampleExtent {
  startBytes: number;
  endBytes: number;
  /** Where the `trun` stands in the stream, for messages. */
  offsetBytes: number;
}

export interface TrackRuns {
  baseDecodeTimeTicks: number;
  durationTicks: number;
  sampleCount: number;
  /** Is the first sample a sync sample? Null where there is no sample. */
  startsWithSync: boolean | null;
  extents: SampleExtent[];
}

interface RunDefaults extends SampleDefaults {
  hasAbsoluteOffset: boolean;
  baseIsMoof: boolean;
}

const SAMPLE_IS_NON_SYNC = 0x0001_0000;

/** A `traf` as CMAF wants it: with `tfdt`, and addressing its samples from the `moof`. */
export function readTrackRuns(
  traf: Box,
  track: InitTrack,
  options: { implicitBaseBytes: number; maxSamples: number },
): TrackRuns {
  const boxes = childrenOf(traf);
  const header = readHeader(requiredBox(boxes, "tfhd", "traf", traf.offsetBytes), track.sampleDefaults);
  if (header.hasAbsoluteOffset) {
    throw new MediaError(
      "data-offset-absolute",
      traf.offsetBytes,
      "The fragment addresses its samples by their position in a file",
      "Encode with default_base_moof, so that each fragment can stand alone",
    );
  }
  const baseDecodeTimeTicks = readDecodeTime(requiredBox(boxes, "tfdt", "traf", traf.offsetBytes));
  const baseBytes = header.baseIsMoof ? 0 : options.implicitBaseBytes;
  return addRuns(traf, boxes, { header, baseDecodeTimeTicks, baseBytes, maxSamples: options.maxSamples });
}

/** A `traf` of any fragmented MP4; without `tfdt` it begins at `previousEndTicks`. Its extents mean nothing. */
export function readForeignTrackRuns(traf: Box, track: Track, previousEndTicks: number): TrackRuns {
  const boxes = childrenOf(traf);
  const defaults = track.sampleDefaults ?? { durationTicks: 0, sizeBytes: 0, flags: 0 };
  const header = readHeader(requiredBox(boxes, "tfhd", "traf", traf.offsetBytes), defaults);
  const tfdt = optionalBox(boxes, "tfdt");
  const baseDecodeTimeTicks = tfdt === null ? previousEndTicks : readDecodeTime(tfdt);
  return addRuns(traf, boxes, { header, baseDecodeTimeTicks, baseBytes: 0, maxSamples: 1_000_000 });
}

function addRuns(
  traf: Box,
  boxes: readonly Box[],
  start: { header: RunDefaults; baseDecodeTimeTicks: number; baseBytes: number; maxSamples: number },
): TrackRuns {
  const { baseDecodeTimeTicks, baseBytes } = start;
  const result: TrackRuns = {
    baseDecodeTimeTicks,
    durationTicks: 0,
    sampleCount: 0,
    startsWithSync: null,
    extents: [],
  };
  let nextBytes = baseBytes;
  for (const trun of boxes.filter((box) => box.type === "trun")) {
    const run = readRun(trun, start.header, baseBytes, nextBytes, start.maxSamples - result.sampleCount);
    nextBytes = run.extent.endBytes;
    result.durationTicks += run.durationTicks;
    result.startsWithSync ??= run.startsWithSync;
    result.sampleCount += run.sampleCount;
    result.extents.push(run.extent);
  }
  if (!Number.isSafeInteger(baseDecodeTimeTicks + result.durationTicks)) {
    throw new MediaError(
      "number-too-large",
      traf.offsetBytes,
      "The end time is beyond 2^53 - 1 ticks",
      MALFORMED_REMEDY,
    );
  }
  return result;
}

/** The track that a `traf` belongs to. */
export function readTrackIdOfFragment(traf: Box): number {
  const fields = fieldsOf(requiredBox(childrenOf(traf), "tfhd", "traf", traf.offsetBytes));
  fields.versionAndFlags(0);
  return fields.u32();
}

function readHeader(tfhd: Box, defaults: SampleDefaults): RunDefaults {
  const fields = fieldsOf(tfhd);
  const { flags } = fields.versionAndFlags(0);
  fields.skip(4);
  const hasAbsoluteOffset = (flags & 0x01) !== 0;
  if (hasAbsoluteOffset) fields.skip(8);
  if ((flags & 0x02) !== 0) fields.skip(4);
  return {
    durationTicks: (flags & 0x08) === 0 ? defaults.durationTicks : fields.u32(),
    sizeBytes: (flags & 0x10) === 0 ? defaults.sizeBytes : fields.u32(),
    flags: (flags & 0x20) === 0 ? defaults.flags : fields.u32(),
    baseIsMoof: (flags & 0x02_0000) !== 0,
    hasAbsoluteOffset,
  };
}

function readDecodeTime(tfdt: Box): number {
  const fields = fieldsOf(tfdt);
  return fields.versionAndFlags(1).version === 1 ? fields.u64() : fields.u32();
}

interface Run {
  durationTicks: number;
  sampleCount: number;
  startsWithSync: boolean | null;
  extent: SampleExtent;
}

function readRun(
  trun: Box,
  defaults: RunDefaults,
  baseBytes: number,
  nextBytes: number,
  maxSamples: number,
): Run {
  const fields = fieldsOf(trun);
  const { flags } = fields.versionAndFlags(1);
  const sampleCount = fields.u32();
  if (sampleCount > maxSamples) {
    throw new MediaError(
      "limit-exceeded",
      trun.offsetBytes,
      `A fragment's track lists more samples than allowed (${String(sampleCount)} where ${String(maxSamples)} are left)`,
      "Encode fragments of about 2 s",
    );
  }
  const startBytes = (flags & 0x01) === 0 ? nextBytes : baseBytes + fields.i32();
  const firstFlags = (flags & 0x04) === 0 ? null : fields.u32();
  const listsDuration = (flags & 0x100) !== 0;
  const listsSize = (flags & 0x200) !== 0;
  const listsFlags = (flags & 0x400) !== 0;
  const skippedBytes = (flags & 0x800) === 0 ? 0 : 4;
  let durationTicks = listsDuration ? 0 : sampleCount * defaults.durationTicks;
  let sizeBytes = listsSize ? 0 : sampleCount * defaults.sizeBytes;
  let firstListedFlags: number | null = null;
  if (listsDuration || listsSize || listsFlags || skippedBytes > 0) {
    for (let sample = 0; sample < sampleCount; sample++) {
      if (listsDuration) durationTicks += fields.u32();
      if (listsSize) sizeBytes += fields.u32();
      if (listsFlags) {
        const sampleFlags = fields.u32();
        firstListedFlags ??= sampleFlags;
      }
      fields.skip(skippedBytes);
    }
  }
  const flagsOfFirst = firstFlags ?? firstListedFlags ?? defaults.flags;
  return {
    durationTicks,
    sampleCount,
    startsWithSync: sampleCount === 0 ? null : (flagsOfFirst & SAMPLE_IS_NON_SYNC) === 0,
    extent: { startBytes, endBytes: startBytes + sizeBytes, offsetBytes: trun.offsetBytes },
  };
}
