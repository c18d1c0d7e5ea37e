// Which decoder makes posters: the one asked for, else node-av where it is installed, else the system's ffmpeg.
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { PlaybackFault } from "../playback-fault.ts";

export type DecoderName = "node-av" | "ffmpeg";

export interface ChosenDecoder {
  readonly name: DecoderName;
  readonly ffmpegPath: string;
}

/** A decoder sees hostile video: it gets none of the server's environment. */
export const decoderEnvironment: Readonly<Record<string, string>> = { PATH: "/usr/local/bin:/usr/bin:/bin" };

/** @throws PlaybackFault `no-decoder` */
export async function chooseDecoder(
  options: { readonly decoder?: DecoderName; readonly ffmpegPath?: string } = {},
): Promise<ChosenDecoder> {
  const ffmpegPath = options.ffmpegPath ?? "ffmpeg";
  if (options.decoder !== "ffmpeg" && nodeAvIsInstalled()) return { name: "node-av", ffmpegPath };
  if (options.decoder !== "node-av" && (await ffmpegRuns(ffmpegPath))) return { name: "ffmpeg", ffmpegPath };
  throw new PlaybackFault(
    "no-decoder",
    "No poster can be made: install optional packages (node-av) or ffmpeg (Debian: apt install ffmpeg).",
  );
}

/** Whether the package and its build for this machine are there; nothing is loaded into this process. */
export function nodeAvIsInstalled(): boolean {
  const { resolve } = createRequire(import.meta.url);
  try {
    createRequire(resolve("node-av/lib")).resolve(
      `@seydx/node-av-${process.platform}-${process.arch}/node-av.node`,
    );
    return true;
  } catch {
    return false;
  }
}

async function ffmpegRuns(path: string): Promise<boolean> {
  try {
    await promisify(execFile)(path, ["-hide_banner", "-version"], {
      timeout: 10_000,
      env: decoderEnvironment,
    });
    return true;
  } catch {
    return false;
  }
}
