/**
 * The HLS media playlist of a recording (RFC 8216): VOD, fragmented MP4, every segment a byte range of the playable
 * file. Guarantees: a URI cannot smuggle in a line or an attribute; EXTINF and target duration agree (§4.3.3.1).
 */
import type { FragmentIndex, IndexedFragment } from "./fragment-index.ts";
import { MediaError } from "./media-error.ts";

export interface PlaylistOptions {
  /** Where the init segment is read from: bytes 0 to initLengthBytes of this resource. */
  initUri: string;
  /** Where fragments are read from: offsets of the index in this resource. May be the same as initUri. */
  mediaUri: string;
  /** UTC, ms since 1970, of time 0 of the index: adds EXT-X-PROGRAM-DATE-TIME. Only where the time is certain. */
  startedAtMs?: number;
  /** Parts to leave out (destroyed, missing, altered); playback goes on after them with a discontinuity. */
  omitParts?: ReadonlySet<number>;
  /** True if every fragment starts with a keyframe: adds EXT-X-INDEPENDENT-SEGMENTS. Default true. */
  independentSegments?: boolean;
}

/** Protocol version 7: EXT-X-MAP in a media playlist needs 6, and players key fragmented MP4 on 7 (§7). */
const PROTOCOL_VERSION = 7;

/** Returns the text of the playlist, lines ended by LF. Throws `MediaError` "argument-invalid". */
export function hlsPlaylist(index: FragmentIndex, options: PlaylistOptions): string {
  requireUri(options.initUri);
  requireUri(options.mediaUri);
  const omitted = options.omitParts ?? new Set<number>();
  const fragments = index.fragments.filter((fragment) => !omitted.has(fragment.partNumber));
  const longestMs = fragments.reduce((longest, fragment) => Math.max(longest, fragment.durationMs), 0);
  const lines = [
    "#EXTM3U",
    `#EXT-X-VERSION:${String(PROTOCOL_VERSION)}`,
    `#EXT-X-TARGETDURATION:${String(Math.max(1, Math.round(longestMs / 1000)))}`,
    "#EXT-X-MEDIA-SEQUENCE:0",
    "#EXT-X-PLAYLIST-TYPE:VOD",
  ];
  if (options.independentSegments ?? true) lines.push("#EXT-X-INDEPENDENT-SEGMENTS");
  lines.push(`#EXT-X-MAP:URI="${options.initUri}",BYTERANGE="${String(index.initLengthBytes)}@0"`);
  let before: IndexedFragment | null = null;
  for (const fragment of fragments) {
    const breaks = before !== null && breaksBetween(before, fragment);
    if (breaks) lines.push("#EXT-X-DISCONTINUITY");
    if (options.startedAtMs !== undefined && (breaks || before === null)) {
      lines.push(`#EXT-X-PROGRAM-DATE-TIME:${isoTime(options.startedAtMs + fragment.startMs)}`);
    }
    lines.push(`#EXTINF:${seconds(fragment.durationMs)},`);
    lines.push(`#EXT-X-BYTERANGE:${String(fragment.lengthBytes)}@${String(fragment.offsetBytes)}`);
    lines.push(options.mediaUri);
    before = fragment;
  }
  lines.push("#EXT-X-ENDLIST");
  return `${lines.join("\n")}\n`;
}

/** A part left out breaks playback as a pause does. */
function breaksBetween(before: IndexedFragment, fragment: IndexedFragment): boolean {
  if (fragment.partNumber !== before.partNumber + 1) return true;
  return fragment.discontinuity;
}

function seconds(durationMs: number): string {
  return (durationMs / 1000).toFixed(3);
}

function isoTime(unixMs: number): string {
  const date = new Date(unixMs);
  if (Number.isNaN(date.getTime())) throw invalid(`startedAtMs gives no date: ${String(unixMs)}`);
  return date.toISOString();
}

/** RFC 8216 §4.1, §4.2: no line break, no quote; a line that begins with "#" would be a tag. */
function requireUri(uri: string): void {
  if (uri.length > 0 && uri.length <= 4096 && /^[\x21\x24-\x7e][\x21\x23-\x7e]*$/.test(uri)) return;
  throw invalid("A URI is empty, too long, begins with # or holds a quote, a space or a control character");
}

function invalid(problem: string): MediaError {
  return new MediaError(
    "argument-invalid",
    0,
    problem,
    "Percent-encode URIs and give times in ms since 1970",
  );
}
