// Decodes one picture of a film to a JPEG in a child process. Guarantees that plaintext goes through pipes only, that
// the child gets neither the server's environment nor its time, and that it has ended when this returns.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { PlaybackFault } from "../playback-fault.ts";
import { decoderEnvironment, type ChosenDecoder } from "./choose-decoder.ts";

const posterWidthPixels = 640;
const mostJpegBytes = 2 * 1024 * 1024;
const mostComplaint = 2_000;
const timeLimitMs = 20_000;

/** Even lengths, never enlarged. The comma is escaped for FFmpeg's filter language. */
export const posterFilter = `scale=w=trunc(min(iw\\,${posterWidthPixels})/2)*2:h=-2:flags=bicubic,format=yuvj420p`;

function commandOf(decoder: ChosenDecoder): [string, string[]] {
  if (decoder.name === "node-av") {
    // The permission model keeps a decoder that was taken over from writing files and from starting processes.
    const allowed = [
      "--permission",
      "--allow-addons",
      "--allow-fs-read=*",
      "--disable-warning=SecurityWarning",
    ];
    return [process.execPath, [...allowed, fileURLToPath(new URL("./poster-child.ts", import.meta.url))]];
  }
  const input = ["-protocol_whitelist", "pipe,fd", "-f", "mov", "-threads", "1", "-i", "pipe:0"];
  const output = [
    "-frames:v",
    "1",
    "-an",
    "-vf",
    posterFilter,
    "-c:v",
    "mjpeg",
    "-q:v",
    "4",
    "-f",
    "image2pipe",
  ];
  return [
    decoder.ffmpegPath,
    ["-hide_banner", "-loglevel", "error", "-nostats", ...input, ...output, "-map_metadata", "-1", "pipe:1"],
  ];
}

/** `film` is a whole fragmented MP4. @throws PlaybackFault `no-picture` or `decoder-failed` */
export async function decodePicture(
  decoder: ChosenDecoder,
  film: readonly Uint8Array[],
  signal?: AbortSignal,
): Promise<Buffer> {
  const [command, given] = commandOf(decoder);
  const child = spawn(command, given, {
    stdio: ["pipe", "pipe", "pipe"],
    env: decoderEnvironment,
    timeout: timeLimitMs,
    killSignal: "SIGKILL",
    ...(signal === undefined ? {} : { signal }),
  });
  const pieces: Buffer[] = [];
  let jpegBytes = 0;
  let complaint = "";
  child.stdout.on("data", (piece: Buffer) => {
    jpegBytes += piece.byteLength;
    if (jpegBytes > mostJpegBytes) child.kill("SIGKILL");
    else pieces.push(piece);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-mostComplaint);
  });
  // A decoder that has its picture closes the pipe early.
  child.stdin.on("error", () => undefined);
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => {
      resolve(error.message);
    });
    child.once("close", (code, by) => {
      resolve(code === 0 ? "" : `it ended with ${by ?? `exit code ${code ?? "unknown"}`}`);
    });
  });
  for (const piece of film) child.stdin.write(piece);
  child.stdin.end();
  const failure = await ended;
  if (failure !== "")
    throw new PlaybackFault("decoder-failed", `The decoder failed: ${failure}. ${complaint.trim()}`);
  const jpeg = Buffer.concat(pieces);
  if (jpeg.byteLength < 4 || jpeg.readUInt16BE(0) !== 0xffd8)
    throw new PlaybackFault("no-picture", "The film gave no picture.");
  return jpeg;
}
