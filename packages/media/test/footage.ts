// Real bytes for tests: films in a folder beside the repository, and what this machine's FFmpeg encodes. Either may
// be absent; tests that want them are then skipped.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../../../shared/footage", import.meta.url));

export interface Film {
  name: string;
  bytes: Uint8Array;
}

export function realFilms(ending: string): Film[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith(ending));
  return names.map((name) => ({ name, bytes: new Uint8Array(readFileSync(`${folder}/${name}`)) }));
}

/** Null: there is no FFmpeg here, or it lacks the encoder. */
export function encode(outputArguments: readonly string[]): Uint8Array | null {
  const video = ["-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25:duration=5"];
  const sound = ["-f", "lavfi", "-i", "sine=duration=5"];
  const result = spawnSync(
    "ffmpeg",
    ["-v", "error", ...video, ...sound, ...outputArguments, "-f", "mp4", "pipe:1"],
    {
      maxBuffer: 64 * 1024 ** 2,
      timeout: 30_000,
    },
  );
  return result.status === 0 ? new Uint8Array(result.stdout) : null;
}

export const H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "50"];
export const CMAF = ["-movflags", "+frag_keyframe+empty_moov+default_base_moof+cmaf"];

/** Null: there is no ffprobe here. */
export function played(bytes: Uint8Array): { startS: number; durationS: number; frames: number } | null {
  const folder = mkdtempSync(join(tmpdir(), "sworn-media-"));
  try {
    const file = join(folder, "film.mp4");
    writeFileSync(file, bytes);
    const entries = [
      "-show_entries",
      "format=start_time,duration:stream=nb_read_frames",
      "-count_frames",
      "-select_streams",
      "v",
    ];
    const result = spawnSync("ffprobe", ["-v", "error", ...entries, "-of", "json", file], {
      encoding: "utf8",
    });
    if (result.status !== 0) return null;
    if (result.stderr !== "") throw new TypeError(`ffprobe complains: ${result.stderr}`);
    const told = JSON.parse(result.stdout) as {
      format: { start_time: string; duration: string };
      streams: { nb_read_frames: string }[];
    };
    return {
      startS: Number(told.format.start_time),
      durationS: Number(told.format.duration),
      frames: Number(told.streams[0]?.nb_read_frames),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
