/**
 * Tells what an MP4 from another maker's camera holds, ordinary or fragmented, through range reads: headers and
 * `moov` (or `moof`s) only, never the media. Guarantees: bounded memory and a bounded number of reads; a file that
 * is no MP4, is cut short or was never finalised is a `MediaError` that says so.
 */
import { guessContainer } from "./foreign-container.ts";
import { MALFORMED_REMEDY, MediaError } from "./media-error.ts";
import { readMovie } from "./movie.ts";
import type { Movie, Track } from "./movie.ts";
import { RangeWindow } from "./range-window.ts";
import type { ReadRange } from "./range-window.ts";
import { readBrands } from "./read-init.ts";
import { FragmentClock } from "./fragment-clock.ts";
import { LONGEST_HEADER_BYTES, readBoxHeader, walkBoxes } from "./walk-boxes.ts";
import type { Box, BoxHeader } from "./walk-boxes.ts";

export interface Mp4Probe {
  layout: "ordinary" | "fragmented";
  /** "qt  " for QuickTime; null in files from before `ftyp`. */
  majorBrand: string | null;
  compatibleBrands: string[];
  /** Whole ms; null where the file does not say. Of a fragmented file: up to the end of its last fragment. */
  durationMs: number | null;
  /** What the camera's clock said, ms since 1970, or null. No proof of anything; many makers write local time. */
  createdAtMs: number | null;
  tracks: Track[];
  /** Length of the file in bytes, as its boxes add up; null where the last box runs "to the end". */
  sizeBytes: number | null;
  /** `mdat` payload in bytes; without a last `mdat` that runs "to the end". */
  mediaBytes: number;
}

export interface ProbeLimits {
  maxMoovBytes: number;
  maxMoofBytes: number;
  /** Boxes on the top level: two for each fragment of about 2 s. */
  maxBoxes: number;
}

export const DEFAULT_PROBE_LIMITS: Readonly<ProbeLimits> = {
  maxMoovBytes: 64 * 1024 ** 2,
  maxMoofBytes: 4 * 1024 ** 2,
  maxBoxes: 200_000,
};

interface Findings {
  brands: { majorBrand: string; compatibleBrands: string[] } | null;
  movie: Movie | null;
  clock: FragmentClock | null;
  moofCount: number;
  mdatCount: number;
  mediaBytes: number;
}

/** Reads the file's structure. Throws `MediaError`. */
export async function probeMp4(readRange: ReadRange, limits: Partial<ProbeLimits> = {}): Promise<Mp4Probe> {
  const bounds = { ...DEFAULT_PROBE_LIMITS, ...limits };
  const file = new RangeWindow(readRange);
  requireMp4(await file.read(0, 16));
  const found: Findings = {
    brands: null,
    movie: null,
    clock: null,
    moofCount: 0,
    mdatCount: 0,
    mediaBytes: 0,
  };
  let offsetBytes: number | null = 0;
  let endBytes = 0;
  for (let boxCount = 0; offsetBytes !== null; boxCount++) {
    const header = await nextHeader(file, offsetBytes);
    if (header === null) break;
    if (boxCount >= bounds.maxBoxes)
      throw tooLarge(offsetBytes, `More than ${String(bounds.maxBoxes)} boxes`);
    await take(file, header, found, bounds);
    offsetBytes = header.sizeBytes === null ? null : header.offsetBytes + header.sizeBytes;
    if (offsetBytes !== null && !Number.isSafeInteger(offsetBytes)) {
      throw cutShort(header.offsetBytes, `"${header.type}" would end beyond 2^53 - 1 bytes`);
    }
    endBytes = offsetBytes ?? endBytes;
  }
  if (offsetBytes !== null) await requireLastByte(file, endBytes);
  return conclude(found, offsetBytes, endBytes);
}

function requireMp4(start: Uint8Array): void {
  if (start.length === 0) {
    throw new MediaError("empty-file", 0, "The file is empty", "Copy it again from the camera or the medium");
  }
  const guess = guessContainer(start);
  if (guess.kind === "mp4") return;
  if (guess.kind === "other") {
    throw new MediaError(
      "unsupported-container",
      0,
      `The file is ${guess.name}, not MP4`,
      "Export it as MP4 with the camera maker's software and keep the original beside it",
    );
  }
  throw new MediaError(
    "not-mp4",
    0,
    "The file does not begin as an MP4 does",
    "Check that it is video, as MP4",
  );
}

async function nextHeader(file: RangeWindow, offsetBytes: number): Promise<BoxHeader | null> {
  const bytes = await file.read(offsetBytes, LONGEST_HEADER_BYTES);
  if (bytes.length === 0) return null;
  const result = readBoxHeader(bytes, offsetBytes);
  if (result.kind === "header") return result.header;
  throw cutShort(offsetBytes, `The file ends inside a box header of ${String(result.neededBytes)} bytes`);
}

async function take(
  file: RangeWindow,
  header: BoxHeader,
  found: Findings,
  bounds: ProbeLimits,
): Promise<void> {
  switch (header.type) {
    case "ftyp":
      found.brands ??= readBrands(await wholeBox(file, header, 4096));
      return;
    case "moov":
      if (found.movie !== null) {
        throw new MediaError("box-repeated", header.offsetBytes, 'A second "moov" box', MALFORMED_REMEDY);
      }
      found.movie = readMovie(await wholeBox(file, header, bounds.maxMoovBytes));
      found.clock = new FragmentClock(found.movie.tracks);
      return;
    case "moof":
      found.moofCount += 1;
      found.clock?.add(await wholeBox(file, header, bounds.maxMoofBytes));
      return;
    case "mdat":
      found.mdatCount += 1;
      found.mediaBytes += header.sizeBytes === null ? 0 : header.sizeBytes - header.headerBytes;
  }
}

async function wholeBox(file: RangeWindow, header: BoxHeader, maxBytes: number): Promise<Box> {
  const { type, offsetBytes, sizeBytes } = header;
  if (sizeBytes !== null && sizeBytes > maxBytes) {
    throw tooLarge(offsetBytes, `"${type}" is larger than ${String(maxBytes)} bytes`);
  }
  const bytes = await file.read(offsetBytes, sizeBytes ?? maxBytes);
  if (sizeBytes !== null && bytes.length < sizeBytes)
    throw cutShort(offsetBytes, `The file ends inside "${type}"`);
  const box = walkBoxes(bytes, { offset: offsetBytes, limits: { maxBoxes: 1 } })[0];
  if (box === undefined) throw cutShort(offsetBytes, `The file ends inside "${type}"`);
  return box;
}

async function requireLastByte(file: RangeWindow, endBytes: number): Promise<void> {
  const last = await file.read(endBytes - 1, 1);
  if (last.length === 1) return;
  throw cutShort(
    endBytes,
    `The file ends before its last box, which should end at ${String(endBytes)} bytes`,
  );
}

function conclude(found: Findings, offsetBytes: number | null, endBytes: number): Mp4Probe {
  const { brands, movie } = found;
  if (movie === null) {
    throw new MediaError(
      "box-missing",
      endBytes,
      'The file has no "moov": the camera did not finish it',
      "Repair a copy with the camera maker's software and keep the original beside it",
    );
  }
  if (!movie.tracks.some((track) => track.kind !== "other")) {
    throw new MediaError(
      "box-missing",
      endBytes,
      "The file holds no video and no audio",
      "Check that it is the film",
    );
  }
  if (found.mdatCount === 0) {
    throw new MediaError(
      "box-missing",
      endBytes,
      'The file has no "mdat": it holds no pictures',
      MALFORMED_REMEDY,
    );
  }
  return {
    layout: found.moofCount > 0 ? "fragmented" : "ordinary",
    majorBrand: brands?.majorBrand ?? null,
    compatibleBrands: brands?.compatibleBrands ?? [],
    durationMs: found.clock?.endMs ?? movie.durationMs,
    createdAtMs: movie.createdAtMs,
    tracks: movie.tracks,
    sizeBytes: offsetBytes === null ? null : endBytes,
    mediaBytes: found.mediaBytes,
  };
}

function tooLarge(offsetBytes: number, problem: string): MediaError {
  return new MediaError(
    "limit-exceeded",
    offsetBytes,
    problem,
    "Check the file; if it is genuine, raise the limit",
  );
}

function cutShort(offsetBytes: number, problem: string): MediaError {
  return new MediaError(
    "truncated",
    offsetBytes,
    problem,
    "The file is cut short: copy it again from the source",
  );
}
