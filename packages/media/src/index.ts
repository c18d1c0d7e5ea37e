/**
 * Fragmented MP4 as Sworn records, checks and plays it (ISO/IEC 14496-12, CMAF ISO/IEC 23000-19, RFC 8216).
 * Pure: no I/O, runs in browser and Node. All input is taken as hostile: every function either returns what it
 * promises or throws a `MediaError`.
 *
 * The playable MP4 of an export is the init segment and the fragments laid end to end, nothing more.
 */
export { MediaError } from "./media-error.ts";
export type { MediaErrorCode } from "./media-error.ts";
export { DEFAULT_BOX_LIMITS, walkBoxes } from "./walk-boxes.ts";
export type { Box, BoxHeader, BoxLimits } from "./walk-boxes.ts";
export { ticksToMs } from "./ticks.ts";
export type { SampleDefaults, Track } from "./movie.ts";
export { readInit } from "./read-init.ts";
export type { InitSegment, InitTrack } from "./read-init.ts";
export { readFragment } from "./read-fragment.ts";
export type { FragmentInfo, FragmentOptions, FragmentTrack } from "./read-fragment.ts";
export { rewriteFragment } from "./rewrite-fragment.ts";
export type { FragmentRewrite } from "./rewrite-fragment.ts";
export { DEFAULT_SPLITTER_LIMITS, FragmentSplitter } from "./fragment-splitter.ts";
export type { MediaPart, SplitterEnd, SplitterLimits } from "./fragment-splitter.ts";
export {
  buildFragmentIndex,
  DEFAULT_GAP_TOLERANCE_MS,
  fragmentAtTime,
  partAtOffset,
  slicesOfRange,
} from "./fragment-index.ts";
export type { FragmentIndex, IndexedFragment, PartDescription, PartSlice } from "./fragment-index.ts";
export { alteredRanges } from "./altered-ranges.ts";
export type { TimeRange } from "./altered-ranges.ts";
export { hlsPlaylist } from "./hls-playlist.ts";
export type { PlaylistOptions } from "./hls-playlist.ts";
export { DEFAULT_PROBE_LIMITS, probeMp4 } from "./probe-mp4.ts";
export type { Mp4Probe, ProbeLimits } from "./probe-mp4.ts";
export type { ReadRange } from "./range-window.ts";
