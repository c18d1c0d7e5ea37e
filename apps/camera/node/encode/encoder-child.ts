/**
 * The encoder's child process: codecs run here, so that a crash in one costs the camera a fragment and not its life.
 * It ends when told, when filming ends, or when its parent is gone; it never outlives the camera.
 */

import { Socket } from "node:net";
import { Controls } from "./controls.ts";
import { asEncodeError, EncodeError } from "./encode-error.ts";
import { ffmpegBackend } from "./ffmpeg-backend.ts";
import { film } from "./film.ts";
import { openFootage } from "./footage.ts";
import type { Footage } from "./footage.ts";
import { STREAM_FD } from "./messages.ts";
import type { FromChild, ToChild } from "./messages.ts";
import { nodeAvBackend } from "./node-av-backend.ts";
import { loadNodeAv } from "./node-av-library.ts";

type Prepare = Extract<ToChild, { type: "prepare" }>;

const stream = new Socket({ fd: STREAM_FD, readable: false, writable: true });
let controls: Controls | null = null;
let roll: ((startedAtMs: number) => void) | null = null;

process.on("disconnect", () => {
  process.exit(1);
});
// The camera decides when to stop; a Ctrl-C in its terminal reaches the whole group, but must not cut a fragment.
process.on("SIGINT", () => undefined);
stream.on("error", () => {
  process.exit(1); // nobody reads any more
});

process.on("message", (message: ToChild) => {
  if (message.type === "prepare") void run(message);
  else if (message.type === "control") controls?.add(message.message);
  else roll?.(message.startedAtMs);
});

async function run(prepare: Prepare): Promise<void> {
  try {
    const summary = await encode(prepare);
    await new Promise<void>((resolve) => stream.end(resolve));
    await say({ type: "done", summary });
  } catch (error) {
    const { code, message } = asEncodeError(error, "encoder-failed", "the encoder failed");
    await say({ type: "failed", code, message });
  }
  process.exit(0);
}

async function encode(prepare: Prepare) {
  const { settings } = prepare;
  controls = new Controls(settings);
  const backend =
    prepare.backend === "node-av" ? nodeAvBackend(await loadNodeAv()) : ffmpegBackend(prepare.ffmpegPath);
  const openAt = await openFootage(backend, settings);
  const rolling = new Promise<number>((resolve) => {
    roll = resolve;
  });
  await say({ type: "ready" });
  const footage: Footage = openAt(await rolling);
  try {
    return await film({
      ...{ backend, settings, footage, controls, deliver },
      report: (event) => void say({ type: "event", event }),
      monotonicMs: () => performance.now(),
    });
  } finally {
    await footage.close();
  }
}

/** Waits for the reader when it is behind: the whole backpressure of the encoder. */
async function deliver(bytes: Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stream.write(bytes, (error) => {
      if (error) reject(new EncodeError("encoder-failed", "the stream's reader is gone", { cause: error }));
      else resolve();
    });
  });
}

function say(message: FromChild): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else
      process.send(message, () => {
        resolve();
      });
  });
}
