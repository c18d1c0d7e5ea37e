/**
 * Media time. A track counts in ticks of 1/timescale s; a millisecond here is a whole number, the nearest one.
 * Ends are rounded and durations are differences of rounded ends, so consecutive fragments meet exactly and
 * the error never adds up.
 */

/** Nearest whole millisecond of `ticks`; exact for every tick count up to 2^53 - 1. */
export function ticksToMs(ticks: number, timescale: number): number {
  const wholeSeconds = Math.floor(ticks / timescale);
  const restTicks = ticks % timescale;
  return wholeSeconds * 1000 + Math.round((restTicks * 1000) / timescale);
}

/** 1 January 1904 to 1 January 1970, in seconds: the epoch of ISO/IEC 14496-12 §8.2.2.3. */
const MP4_EPOCH_SECONDS = 2_082_844_800;

/**
 * A creation time of an MP4 as ms since 1970, UTC. Null where the maker left it 0, counted from 1970 instead of
 * 1904, or wrote anything else before 1970: such a value is no evidence of when a film was made.
 */
export function mp4TimeToUnixMs(seconds: number): number | null {
  const unixSeconds = seconds - MP4_EPOCH_SECONDS;
  if (unixSeconds < 0 || unixSeconds > 8.64e12) return null;
  return unixSeconds * 1000;
}
