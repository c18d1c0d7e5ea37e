/**
 * Which files the camera will film. A source file is untrusted: formats that can point at other files or hosts
 * (playlists, concat scripts) are refused by name, and so is anything but a regular file.
 */

import { stat } from "node:fs/promises";
import { EncodeError } from "./encode-error.ts";

/** Demuxers that read one self-contained file. */
export const ACCEPTED_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv";
/** A larger picture is refused before it is decoded. */
export const MAX_SOURCE_PIXELS = 8192 * 4320;

/** Throws EncodeError `source-missing` or `source-unreadable`. */
export async function checkSourceFile(path: string): Promise<void> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new EncodeError(
      "source-missing",
      `there is no readable file at ${path}; give the path of an MP4 or MKV file`,
      {
        cause,
      },
    );
  });
  if (!found.isFile()) throw new EncodeError("source-unreadable", `${path} is not a regular file`);
  if (found.size === 0) throw new EncodeError("source-unreadable", `${path} is empty`);
}

/** Fits the picture into the camera's, with black bars, at the camera's rate. */
export function fitFilter(width: number, height: number, fps: number): string {
  const size = `${String(width)}:${String(height)}`;
  return (
    `fps=${String(fps)},scale=${size}:force_original_aspect_ratio=decrease:force_divisible_by=2:flags=bilinear,` +
    `pad=${size}:(ow-iw)/2:(oh-ih)/2,setsar=1,format=yuv420p`
  );
}

export function unreadable(path: string, reason: string): EncodeError {
  return new EncodeError(
    "source-unreadable",
    `${path} could not be read as a video file (MP4 or MKV): ${reason}`,
  );
}

export function noVideo(path: string): EncodeError {
  return new EncodeError("source-no-video", `${path} holds no video; give a file with a picture`);
}
