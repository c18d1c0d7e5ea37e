/** Which back end encodes: the one asked for, else node-av where it loads, else the system's ffmpeg. */

import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { EncodeError } from "./encode-error.ts";
import type { BackendName } from "./encode-options.ts";

export interface ChosenBackend {
  readonly name: BackendName;
  readonly ffmpegPath: string;
}

const WHAT_TO_DO =
  "Run `npm install` with optional packages (brings node-av), or install ffmpeg with libx264 (Debian: apt install ffmpeg).";

/**
 * `asked`, else the environment's SWORN_ENCODER (`node-av` or `ffmpeg`), overrides the choice; SWORN_FFMPEG gives the
 * path of ffmpeg. Throws EncodeError `no-backend` or `bad-option`.
 */
export async function chooseBackend(
  asked?: BackendName,
  env: NodeJS.ProcessEnv = process.env,
): Promise<ChosenBackend> {
  const ffmpegPath = env["SWORN_FFMPEG"] ?? "ffmpeg";
  const wanted = asked ?? env["SWORN_ENCODER"];
  if (wanted !== undefined && wanted !== "" && wanted !== "node-av" && wanted !== "ffmpeg") {
    throw new EncodeError("bad-option", `SWORN_ENCODER must be node-av or ffmpeg, not ${wanted}`);
  }
  if (wanted !== "ffmpeg" && nodeAvIsInstalled()) return { name: "node-av", ffmpegPath };
  if (wanted !== "node-av" && (await ffmpegCanEncode(ffmpegPath))) return { name: "ffmpeg", ffmpegPath };
  const tried =
    wanted === undefined || wanted === "" ? "Neither node-av nor ffmpeg" : `The back end ${wanted}`;
  throw new EncodeError("no-backend", `${tried} could not be used to encode video. ${WHAT_TO_DO}`);
}

/** Whether the package and its build for this machine are there; nothing is loaded into this process. */
function nodeAvIsInstalled(): boolean {
  const { resolve } = createRequire(import.meta.url);
  try {
    const library = resolve("node-av/lib");
    createRequire(library).resolve(`@seydx/node-av-${process.platform}-${process.arch}/node-av.node`);
    return true;
  } catch {
    return false;
  }
}

/** Whether this ffmpeg runs and has an H.264 encoder. */
async function ffmpegCanEncode(ffmpegPath: string): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)(ffmpegPath, ["-hide_banner", "-encoders"], {
      timeout: 10_000,
    });
    return stdout.includes("libx264");
  } catch {
    return false;
  }
}
