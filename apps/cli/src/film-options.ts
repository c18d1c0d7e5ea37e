// What a camera films, as options of a command: a file, or the scene of the project's own.
import type { Filming } from "@sworn/camera";
import type { Command } from "commander";
import { access } from "node:fs/promises";
import { resolve } from "node:path";
import type { CameraCard } from "./camera-card.ts";
import { CliError } from "./exit.ts";

export interface FilmOptions {
  source?: string;
  size?: string;
  fps?: string;
}

export function filmOptions(command: Command): Command {
  return command
    .option("--source <file>", "film this video file in place of the drawn street")
    .option("--size <pixels>", "width and height; 1280x720 unless given")
    .option("--fps <number>", "frames a second; 25 unless given");
}

export function wholeNumber(text: string, what: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new CliError(
    "wrong-usage",
    `${what} must be a whole number from ${least.toString()} to ${most.toString()}.`,
  );
}

/** Seconds, to the millisecond. */
export function secondsToMs(text: string, what: string): number {
  const seconds = Number(text);
  if (text.trim() !== "" && seconds >= 0 && seconds <= 86_400) return Math.round(seconds * 1_000);
  throw new CliError("wrong-usage", `${what} must be seconds from 0 to 86400.`);
}

export async function filmingOf(
  options: FilmOptions,
  given: {
    readonly card: CameraCard | null;
    readonly folder: string;
    readonly seed: string;
    readonly loop: boolean;
  },
): Promise<Filming> {
  const size = /^(\d{2,4})x(\d{2,4})$/.exec(options.size ?? "1280x720");
  if (size === null) throw new CliError("wrong-usage", "--size must be such as 1280x720.");
  const { card, seed, loop } = given;
  const path = options.source === undefined ? null : resolve(given.folder, options.source);
  if (path !== null) {
    await access(path).catch((cause: unknown) => {
      throw new CliError("could-not-run", `There is no file ${path} to film. Check --source.`, cause);
    });
  }
  return {
    source: path === null ? { kind: "scene", seed } : { kind: "file", path, loop },
    width: Number(size[1]),
    height: Number(size[2]),
    fps: options.fps === undefined ? 25 : wholeNumber(options.fps, "--fps", 1, 60),
    labels: card === null ? null : { cameraId: card.name, borough: card.borough ?? "" },
  };
}
