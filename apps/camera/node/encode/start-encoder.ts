/**
 * Starts an encoder in a child process and hands out its stream. Guarantees that
 * - `fragments` yields the bytes of one CMAF stream: an init segment, then whole fragments, each as soon as it is made;
 * - it ends exactly once, by `done` being fulfilled or by an EncodeError, whatever happens to the child;
 * - a reader that falls behind holds the encoder back, and memory stays bounded.
 */

import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { chooseBackend } from "./choose-backend.ts";
import { EncodeError, isEncodeErrorCode } from "./encode-error.ts";
import { checkSettings } from "./encode-options.ts";
import type { BackendName, ControlMessage, EncodeSettings, EncodeSource } from "./encode-options.ts";
import { STREAM_FD } from "./messages.ts";
import type { EncodeEvent, EncodeSummary, FromChild, ToChild } from "./messages.ts";

export type StartEncoderOptions = Partial<EncodeSettings> & {
  readonly source: EncodeSource;
  /** The camera's clock, read once, when the first frame is taken. */
  readonly wallClockMs: () => number;
  readonly backend?: BackendName;
  /** Told of mute and pause when they take effect. */
  readonly onEvent?: (event: EncodeEvent) => void;
};

export interface Encoder {
  readonly backend: BackendName;
  /** The settings in force, defaults filled in. */
  readonly settings: EncodeSettings;
  /** The camera's clock at frame 0. */
  readonly startedAtMs: number;
  /** The child's process id. */
  readonly pid: number;
  /** Raw stream bytes; may be iterated once. Throws EncodeError at the end of a stream that did not end well. */
  readonly fragments: AsyncIterable<Uint8Array>;
  /** Fulfilled when the stream has been read to its end; rejected with EncodeError. Needs `fragments` to be read. */
  readonly done: Promise<EncodeSummary>;
  control(message: ControlMessage): void;
  /** Finishes the fragment in hand, then ends. The same as `control({ stop: true })`. */
  stop(): void;
  /** Ends the child at once; the fragment in hand is lost, `done` is rejected with `killed`. */
  kill(): void;
}

const MAX_COMPLAINT_CHARS = 2000;

/** Resolves once the source is open and the camera is rolling. Throws EncodeError. */
export async function startEncoder(options: StartEncoderOptions): Promise<Encoder> {
  const { wallClockMs, backend, onEvent, ...asked } = options;
  const settings = checkSettings(asked);
  const chosen = await chooseBackend(backend);
  const child = fork(fileURLToPath(new URL("./encoder-child.ts", import.meta.url)), {
    stdio: ["ignore", "ignore", "pipe", "pipe", "ipc"],
    execArgv: [],
  });
  const running = new RunningChild(child, onEvent);
  running.tell({ type: "prepare", backend: chosen.name, ffmpegPath: chosen.ffmpegPath, settings });
  await running.ready;
  const startedAtMs = running.readClock(wallClockMs);
  running.tell({ type: "roll", startedAtMs });
  return {
    ...{ backend: chosen.name, settings, startedAtMs, pid: child.pid ?? 0 },
    ...{ fragments: running.fragments(), done: running.done },
    control: (message) => {
      running.tell({ type: "control", message });
    },
    stop: () => {
      running.tell({ type: "control", message: { stop: true } });
    },
    kill: () => {
      running.kill();
    },
  };
}

class RunningChild {
  readonly done: Promise<EncodeSummary>;
  readonly ready: Promise<void>;
  readonly #child: ChildProcess;
  readonly #stream: Readable;
  #last: FromChild | null = null;
  #complaint = "";
  #killed = false;

  constructor(child: ChildProcess, onEvent: ((event: EncodeEvent) => void) | undefined) {
    this.#child = child;
    const stream = child.stdio[STREAM_FD];
    if (!(stream instanceof Readable))
      throw new EncodeError("encoder-failed", "the encoder has no output stream");
    this.#stream = stream;
    stream.on("error", () => undefined); // told by how the child ends
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-MAX_COMPLAINT_CHARS);
    });
    let settleReady: () => void = () => undefined;
    const said = new Promise<void>((resolve) => {
      settleReady = resolve;
    });
    child.on("message", (message: FromChild) => {
      if (message.type === "ready") settleReady();
      else if (message.type === "event") onEvent?.(message.event);
      else this.#last = message;
    });
    this.done = this.#outcome();
    this.done.catch(() => undefined); // a caller may look at `fragments` only
    this.ready = Promise.race([said, this.done.then(() => undefined)]);
  }

  tell(message: ToChild): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** A clock that cannot be read must not leave a child behind that waits for it. */
  readClock(wallClockMs: () => number): number {
    try {
      return wallClockMs();
    } catch (cause) {
      this.kill();
      throw new EncodeError("bad-option", "the camera's clock could not be read", { cause });
    }
  }

  kill(): void {
    this.#killed = true;
    this.#child.kill("SIGKILL");
  }

  async *fragments(): AsyncGenerator<Uint8Array> {
    let finished = false;
    try {
      for await (const chunk of this.#stream) yield chunk as Uint8Array;
      await this.done;
      finished = true;
    } finally {
      if (!finished) this.kill();
    }
  }

  /** The last message can arrive after the exit is known: both must have happened. */
  async #outcome(): Promise<EncodeSummary> {
    const exit = await new Promise<string>((resolve) => {
      let how = "";
      let waitingFor = 2;
      const oneHappened = (): void => {
        waitingFor -= 1;
        if (waitingFor === 0) resolve(how);
      };
      this.#child.once("error", (error) => {
        resolve(error.message);
      });
      this.#child.once("disconnect", oneHappened);
      this.#child.once("exit", (code, signal) => {
        how = signal ?? `exit code ${String(code)}`;
        oneHappened();
      });
    });
    if (this.#killed) throw new EncodeError("killed", "the encoder was killed");
    if (this.#last?.type === "done") return this.#last.summary;
    if (this.#last?.type === "failed") {
      const { code, message } = this.#last;
      throw new EncodeError(isEncodeErrorCode(code) ? code : "encoder-failed", message);
    }
    const complaint = this.#complaint.trim();
    throw new EncodeError(
      "child-crashed",
      `the encoder's process ended by itself (${exit}). ${complaint}`.trim(),
    );
  }
}
