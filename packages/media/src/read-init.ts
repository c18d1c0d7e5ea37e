/**
 * The init segment of a recording: `ftyp` and a `moov` without samples (CMAF, ISO/IEC 23000-19 §7.3.1).
 * Guarantees: at least one video or audio track, each with the defaults its fragments need.
 */
import { fieldsOf, requiredBox } from "./box-tree.ts";
import { MALFORMED_REMEDY, MediaError } from "./media-error.ts";
import { readMovie } from "./movie.ts";
import type { SampleDefaults, Track } from "./movie.ts";
import { walkBoxes } from "./walk-boxes.ts";
import type { Box } from "./walk-boxes.ts";

export type InitTrack = Track & { sampleDefaults: SampleDefaults };

export interface InitSegment {
  majorBrand: string;
  compatibleBrands: string[];
  /** Every track that `moov` lists, video and audio first among them as the encoder wrote them. */
  tracks: InitTrack[];
  lengthBytes: number;
}

/** `offset`: position of `bytes[0]` in the stream. Throws `MediaError`. */
export function readInit(bytes: Uint8Array, options: { offset?: number } = {}): InitSegment {
  const offset = options.offset ?? 0;
  const boxes = walkBoxes(bytes, { offset, limits: { maxBoxes: 64 } });
  for (const box of boxes) {
    if (!INIT_BOXES.has(box.type)) throw unexpected(box);
  }
  const brands = readBrands(requiredBox(boxes, "ftyp", "The init segment", offset));
  const moov = requiredBox(boxes, "moov", "The init segment", offset);
  const movie = readMovie(moov);
  if (!movie.fragmented) {
    throw new MediaError(
      "box-missing",
      moov.offsetBytes,
      'The film is not fragmented: "moov" has no "mvex"',
      "Encode with empty_moov and default_base_moof, or import the file as footage of another maker",
    );
  }
  const tracks = movie.tracks.map((track) => requireDefaults(track, moov));
  if (!tracks.some((track) => track.kind !== "other")) {
    throw new MediaError("box-missing", moov.offsetBytes, "No track holds video or audio", MALFORMED_REMEDY);
  }
  return { ...brands, tracks, lengthBytes: bytes.length };
}

/** What may stand in an init segment beside `ftyp` and `moov`. */
export const INIT_BOXES: ReadonlySet<string> = new Set(["ftyp", "moov", "free", "skip", "uuid", "pdin"]);

export interface Brands {
  majorBrand: string;
  compatibleBrands: string[];
}

export function readBrands(ftyp: Box): Brands {
  const fields = fieldsOf(ftyp);
  const majorBrand = fields.fourcc();
  fields.skip(4);
  const compatibleBrands: string[] = [];
  while (fields.remainingBytes >= 4 && compatibleBrands.length < 64) compatibleBrands.push(fields.fourcc());
  return { majorBrand, compatibleBrands };
}

function requireDefaults(track: Track, moov: Box): InitTrack {
  if (track.sampleDefaults !== null) return { ...track, sampleDefaults: track.sampleDefaults };
  throw new MediaError(
    "box-missing",
    moov.offsetBytes,
    `Track ${String(track.trackId)} has no "trex" box`,
    MALFORMED_REMEDY,
  );
}

function unexpected(box: Box): MediaError {
  return new MediaError(
    "box-unexpected",
    box.offsetBytes,
    `"${box.type}" may not stand in an init segment`,
    "An init segment is ftyp and moov only: cut the stream with FragmentSplitter",
  );
}
