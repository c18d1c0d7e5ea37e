/**
 * One fragment: boxes that announce it (`styp`, `sidx`, `prft`, `emsg`, …), one `moof`, one `mdat`, nothing after
 * (CMAF chunk, ISO/IEC 23000-19 §7.3.2). Guarantees: every sample that the `moof` lists lies inside the `mdat`, so
 * init and this fragment play without any other; times are exact in ticks and consistent in whole milliseconds.
 */
import { childrenOf, fieldsOf, requiredBox } from "./box-tree.ts";
import { MALFORMED_REMEDY, MediaError } from "./media-error.ts";
import type { InitSegment, InitTrack } from "./read-init.ts";
import { ticksToMs } from "./ticks.ts";
import { readTrackIdOfFragment, readTrackRuns } from "./track-run.ts";
import type { SampleExtent } from "./track-run.ts";
import { walkBoxes } from "./walk-boxes.ts";
import type { Box } from "./walk-boxes.ts";

export interface FragmentTrack {
  trackId: number;
  kind: "video" | "audio" | "other";
  /** Ticks a second: baseDecodeTimeTicks / timescale and durationTicks / timescale are exact seconds. */
  timescale: number;
  baseDecodeTimeTicks: number;
  durationTicks: number;
  sampleCount: number;
  /** Null where the track has no sample in this fragment. */
  startsWithSync: boolean | null;
}

export interface FragmentInfo {
  /** `mfhd` sequence number as the encoder counted it; a restarted encoder begins again. */
  sequence: number;
  tracks: FragmentTrack[];
  /** Decode time of the first sample on the encoder's clock, in whole ms: of the video if there is any, else of the audio. */
  startMs: number;
  /** End minus start, both rounded: the next fragment's startMs is exactly startMs + durationMs. */
  durationMs: number;
  hasVideo: boolean;
  hasAudio: boolean;
  /** Can a decoder start here? The first video sample is a sync sample; without video, the first audio sample. */
  startsWithKeyframe: boolean;
  lengthBytes: number;
}

/** Boxes that may announce a fragment; they belong to the fragment that follows them. */
export const FRAGMENT_PREFIX_BOXES: ReadonlySet<string> = new Set([
  "styp",
  "sidx",
  "ssix",
  "prft",
  "emsg",
  "free",
  "skip",
  "uuid",
]);

/** Far above any track of a fragment of about 2 s. */
export const DEFAULT_MAX_SAMPLES = 100_000;

export interface FragmentOptions {
  /** Position of `bytes[0]` in the stream, in bytes, for messages. */
  offset?: number;
  /** Most samples of one track; default 100,000. */
  maxSamples?: number;
}

export function readFragment(
  bytes: Uint8Array,
  init: InitSegment,
  options: FragmentOptions = {},
): FragmentInfo {
  const offset = options.offset ?? 0;
  const { moof, mdat } = fragmentBoxes(walkBoxes(bytes, { offset }), offset);
  const boxes = childrenOf(moof);
  const mfhd = fieldsOf(requiredBox(boxes, "mfhd", "moof", moof.offsetBytes));
  mfhd.versionAndFlags(0);
  const sequence = mfhd.u32();
  const tracks: FragmentTrack[] = [];
  let implicitBaseBytes = 0;
  for (const traf of boxes.filter((box) => box.type === "traf")) {
    const track = trackOfFragment(traf, init);
    if (tracks.some((known) => known.trackId === track.trackId)) {
      throw new MediaError("box-repeated", traf.offsetBytes, "Two traf boxes of one track", MALFORMED_REMEDY);
    }
    const maxSamples = options.maxSamples ?? DEFAULT_MAX_SAMPLES;
    const { extents, ...runs } = readTrackRuns(traf, track, { implicitBaseBytes, maxSamples });
    for (const extent of extents) requireInside(extent, moof, mdat);
    implicitBaseBytes = extents.at(-1)?.endBytes ?? implicitBaseBytes;
    tracks.push({ trackId: track.trackId, kind: track.kind, timescale: track.timescale, ...runs });
  }
  return { sequence, tracks, ...summary(tracks, moof), lengthBytes: bytes.length };
}

export function fragmentBoxes(boxes: readonly Box[], offset: number): { moof: Box; mdat: Box } {
  const moof = requiredBox(boxes, "moof", "The fragment", offset);
  const [mdat, after] = boxes.slice(boxes.indexOf(moof) + 1);
  if (mdat?.type !== "mdat") {
    throw new MediaError(
      "box-missing",
      moof.offsetBytes,
      'No "mdat" directly after "moof"',
      MALFORMED_REMEDY,
    );
  }
  const misplaced =
    after ?? boxes.slice(0, boxes.indexOf(moof)).find((box) => !FRAGMENT_PREFIX_BOXES.has(box.type));
  if (misplaced === undefined) return { moof, mdat };
  throw new MediaError(
    "box-unexpected",
    misplaced.offsetBytes,
    `"${misplaced.type}" may not stand here in a fragment`,
    "A fragment ends with its mdat: cut the stream with FragmentSplitter",
  );
}

export function trackOfFragment(traf: Box, init: InitSegment): InitTrack {
  const trackId = readTrackIdOfFragment(traf);
  const track = init.tracks.find((candidate) => candidate.trackId === trackId);
  if (track !== undefined) return track;
  throw new MediaError(
    "track-unknown",
    traf.offsetBytes,
    `The fragment has a track ${String(trackId)} that the init segment does not have`,
    "Use the init segment of the same recording",
  );
}

function requireInside(extent: SampleExtent, moof: Box, mdat: Box): void {
  const firstBytes = mdat.payloadOffsetBytes - moof.offsetBytes;
  const endBytes = mdat.offsetBytes + mdat.sizeBytes - moof.offsetBytes;
  if (extent.startBytes === extent.endBytes) return;
  if (extent.startBytes >= firstBytes && extent.endBytes <= endBytes) return;
  throw new MediaError(
    "data-outside-mdat",
    extent.offsetBytes,
    `Samples are said to be at ${String(extent.startBytes)} to ${String(extent.endBytes)} from the moof, ` +
      `its mdat holds ${String(firstBytes)} to ${String(endBytes)}`,
    MALFORMED_REMEDY,
  );
}

type Summary = Pick<FragmentInfo, "startMs" | "durationMs" | "hasVideo" | "hasAudio" | "startsWithKeyframe">;

function summary(tracks: readonly FragmentTrack[], moof: Box): Summary {
  const ofKind = (kind: FragmentTrack["kind"]): FragmentTrack | undefined =>
    tracks.find((track) => track.kind === kind && track.sampleCount > 0);
  const video = ofKind("video");
  const audio = ofKind("audio");
  const timed = video ?? audio;
  if (timed === undefined) {
    throw new MediaError(
      "box-missing",
      moof.offsetBytes,
      "The fragment holds no video or audio sample",
      MALFORMED_REMEDY,
    );
  }
  const startMs = ticksToMs(timed.baseDecodeTimeTicks, timed.timescale);
  const endMs = ticksToMs(timed.baseDecodeTimeTicks + timed.durationTicks, timed.timescale);
  return {
    startMs,
    durationMs: endMs - startMs,
    hasVideo: video !== undefined,
    hasAudio: audio !== undefined,
    startsWithKeyframe: timed.startsWithSync === true,
  };
}
