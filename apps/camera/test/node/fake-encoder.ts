// An encoder without a codec: keeps to the same rules as the real one (mute at the next fragment, pause at once),
// on media time that passes only when it is told to.
import type { EncodeEvent, StartEncoderOptions } from "../../node/encode/index.ts";
import type { CameraEncoder, StartEncoder } from "../../node/encoder-session.ts";
import { fragment, initSegment } from "./synthetic-film.ts";

type Control = NonNullable<StartEncoderOptions["schedule"]>[number];

export interface FakeOptions {
  /** Bytes of a fragment's samples. */
  readonly fragmentBytes?: number;
  /** Media time at which the source ends. */
  readonly sourceMs?: number;
  /** Called when a fragment was taken by the camera. */
  readonly onTaken?: (fragments: number) => void | Promise<void>;
  /** Media time at which the encoder crashes. */
  readonly crashAtMs?: number;
}

/** Films as fast as it is read; keeps to `durationMs`, `audioFromMs` and `schedule`. */
export function fastEncoder(fake: FakeOptions = {}): StartEncoder {
  return (options) => {
    options.wallClockMs();
    let killed = false;
    const encoder: CameraEncoder = {
      fragments: film(options, fake, () => killed),
      done: Promise.resolve({ reason: "duration", mediaMs: 0, fragments: 0, frames: 0, droppedFrames: 0 }),
      control: () => undefined,
      kill: () => {
        killed = true;
      },
    };
    return Promise.resolve(encoder);
  };
}

const atOf = (message: Control): number => message.atMs ?? 0;

async function* film(
  options: StartEncoderOptions,
  fake: FakeOptions,
  killed: () => boolean,
): AsyncGenerator<Uint8Array> {
  const fragmentMs = options.fragmentMs ?? 2_000;
  const endMs = Math.min(
    options.durationMs ?? Number.POSITIVE_INFINITY,
    fake.sourceMs ?? Number.POSITIVE_INFINITY,
  );
  const unmute: Control[] = options.audioFromMs ? [{ mute: false, atMs: options.audioFromMs }] : [];
  const orders = [...(options.schedule ?? []), ...unmute].sort((a, b) => atOf(a) - atOf(b));
  const tell = (kind: EncodeEvent["kind"], atMs: number, fragmentIndex: number): void =>
    options.onEvent?.({ kind, atMs, fragmentIndex });
  let silent = options.audioFromMs !== 0;
  let wantsSilent = silent;
  let index = 0;
  let mediaMs = 0;
  yield initSegment();
  while (mediaMs < endMs && !killed()) {
    while (orders[0] && atOf(orders[0]) <= mediaMs) {
      const order = orders.shift();
      if (order && "mute" in order) wantsSilent = order.mute;
      if (order && "pause" in order && order.pause) {
        tell("paused", mediaMs, index);
        const resume = orders.findIndex((later) => "pause" in later && !later.pause);
        mediaMs = resume < 0 ? endMs : Math.max(mediaMs, atOf(orders[resume] ?? order));
        if (resume >= 0) orders.splice(resume, 1);
        if (mediaMs < endMs) tell("resumed", mediaMs, index);
      }
    }
    if (mediaMs >= endMs) break;
    if (silent !== wantsSilent) {
      silent = wantsSilent;
      tell(silent ? "muted" : "unmuted", mediaMs, index);
    }
    const pause = orders.find((order) => "pause" in order && order.pause);
    const untilMs = Math.min(mediaMs + fragmentMs, endMs, pause ? atOf(pause) : Number.POSITIVE_INFINITY);
    if (fake.crashAtMs !== undefined && untilMs >= fake.crashAtMs) throw new Error("the encoder crashed");
    yield fragment(index + 1, mediaMs, untilMs - mediaMs, fake.fragmentBytes ?? 3_000);
    index += 1;
    await fake.onTaken?.(index);
    mediaMs = untilMs;
  }
}

/** Gives its first bytes late, as on a loaded machine, then a fragment, and another when it is told to stop. */
export function slowEncoder(firstBytesAfterMs: number, failure?: Error): StartEncoder {
  return (options) => {
    options.wallClockMs();
    let stop: () => void = () => undefined;
    const stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    async function* slowly(): AsyncGenerator<Uint8Array> {
      await new Promise((resolve) => {
        setTimeout(resolve, firstBytesAfterMs);
      });
      if (failure) throw failure;
      yield initSegment();
      yield fragment(1, 0, 2_000, 2_000);
      await stopped;
      yield fragment(2, 2_000, 500, 2_000);
    }
    return Promise.resolve({
      fragments: slowly(),
      done: Promise.resolve({ reason: "stopped", mediaMs: 0, fragments: 0, frames: 0, droppedFrames: 0 }),
      control: (message) => {
        if ("stop" in message) stop();
      },
      kill: stop,
    });
  };
}

/** An encoder in the test's hand: `film` gives one fragment and resolves when the camera has it. */
export class HandEncoder {
  readonly start: StartEncoder;
  readonly orders: Control[] = [];
  /** How many were started. */
  started = 0;
  mediaMs = 0;
  #options: StartEncoderOptions | null = null;
  #index = 0;
  #chunks: (Uint8Array | null)[] = [];
  #wake: () => void = () => undefined;

  constructor() {
    this.start = (options) => {
      options.wallClockMs();
      this.started += 1;
      this.#options = options;
      this.mediaMs = 0;
      this.#index = 0;
      this.#chunks = [initSegment()];
      const run = this.started;
      return Promise.resolve({
        fragments: this.#read(run),
        done: Promise.resolve({ reason: "stopped", mediaMs: 0, fragments: 0, frames: 0, droppedFrames: 0 }),
        control: (message) => {
          this.orders.push(message);
        },
        kill: () => {
          if (run === this.started) this.#push(null);
        },
      });
    };
  }

  async *#read(run: number): AsyncGenerator<Uint8Array> {
    while (run === this.started) {
      const chunk = this.#chunks.shift();
      if (chunk === null) return;
      if (chunk) yield chunk;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }

  #push(chunk: Uint8Array | null): void {
    this.#chunks.push(chunk);
    this.#wake();
  }

  film(durationMs: number, sizeBytes = 2_000): void {
    this.#index += 1;
    this.#push(fragment(this.#index, this.mediaMs, durationMs, sizeBytes));
    this.mediaMs += durationMs;
  }

  tell(kind: EncodeEvent["kind"]): void {
    this.#options?.onEvent?.({ kind, atMs: this.mediaMs, fragmentIndex: this.#index });
  }

  end(): void {
    this.#push(null);
  }
}
