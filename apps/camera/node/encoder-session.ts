// One run of the encoder: its stream is cut into parts, and its words are told in the order in which they are true.
// A `paused` is told after the last fragment before it, a `muted` before the first fragment that it holds for.
import { FragmentSplitter, MediaError, type MediaPart } from "@sworn/media";
import type { EncodedFragment, EncodedInit, EncoderChange } from "../core/camera-input.ts";
import {
  type ControlMessage,
  EncodeError,
  type EncodeEvent,
  type Encoder,
  type StartEncoderOptions,
} from "./encode/index.ts";

export type CameraEncoder = Pick<Encoder, "fragments" | "done" | "control" | "kill">;
export type StartEncoder = (options: StartEncoderOptions) => Promise<CameraEncoder>;

/** Told in order; the encoder waits while one is being worked on. */
export interface EncoderListener {
  /** The first frame is being taken: gives the camera's wall clock. */
  rolling(): number;
  ready(init: Omit<EncodedInit, "startedMonotonicMs">): Promise<void>;
  film(fragment: EncodedFragment): Promise<void>;
  changed(change: EncoderChange, atMs: number): Promise<void>;
  ended(fault: string | null): Promise<void>;
}

export class EncoderSession {
  readonly #listener: EncoderListener;
  readonly #splitter = new FragmentSplitter();
  #encoder: CameraEncoder | null = null;
  #waitingOrders: ControlMessage[] = [];
  #waitingEvents: EncodeEvent[] = [];
  #fragments = 0;
  #turn: Promise<void> = Promise.resolve();
  #released = false;
  /** Settles when everything of this run was told; never rejects. */
  readonly over: Promise<void>;

  constructor(
    start: StartEncoder,
    options: Omit<StartEncoderOptions, "wallClockMs" | "onEvent">,
    listener: EncoderListener,
  ) {
    this.#listener = listener;
    this.over = this.#run(start, options).catch(() => undefined);
  }

  order(message: ControlMessage): void {
    if (this.#encoder) this.#encoder.control(message);
    else this.#waitingOrders.push(message);
  }

  /** Lets the encoder go; nothing of it is told any more. */
  release(): void {
    this.#released = true;
    this.#encoder?.kill();
  }

  async #run(
    start: StartEncoder,
    options: Omit<StartEncoderOptions, "wallClockMs" | "onEvent">,
  ): Promise<void> {
    let fault: string | null = null;
    try {
      const encoder = await start({
        ...options,
        wallClockMs: () => this.#listener.rolling(),
        onEvent: (event) => {
          this.#onEvent(event);
        },
      });
      this.#encoder = encoder;
      if (this.#released) encoder.kill();
      for (const message of this.#waitingOrders) encoder.control(message);
      await this.#read(encoder);
    } catch (error) {
      fault = faultCode(error);
    }
    if (this.#released) return;
    await this.#inTurn(async () => {
      await this.#releaseEvents(Number.POSITIVE_INFINITY);
      await this.#listener.ended(fault);
    });
  }

  async #read(encoder: CameraEncoder): Promise<void> {
    for await (const chunk of encoder.fragments) {
      for (const part of this.#splitter.push(chunk)) {
        if (this.#released) return;
        await this.#take(part);
      }
    }
    await encoder.done;
  }

  async #take(part: MediaPart): Promise<void> {
    if (part.kind === "init") {
      const codecs = part.init.tracks
        .flatMap((track) => (track.kind === "other" ? [] : [track.codec]))
        .slice(0, 8);
      await this.#listener.ready({ bytes: part.bytes, codecs });
      return;
    }
    // Words from the encoder's other channel may have arrived with these bytes.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    const starts = part.tracks.map((track) =>
      Math.floor((track.baseDecodeTimeTicks * 1000) / track.timescale),
    );
    const { bytes, startMs, durationMs } = part;
    await this.#inTurn(async () => {
      await this.#releaseEvents(this.#fragments);
      this.#fragments += 1;
      await this.#listener.film({ bytes, startMs, durationMs, earliestMs: Math.min(startMs, ...starts) });
      await this.#releaseEvents(this.#fragments);
    });
  }

  /** One after the other, whichever channel of the encoder it came by. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #onEvent(event: EncodeEvent): void {
    this.#waitingEvents.push(event);
    this.#inTurn(() => this.#releaseEvents(this.#fragments)).catch(() => undefined);
  }

  async #releaseEvents(upTo: number): Promise<void> {
    while (!this.#released) {
      const [first] = this.#waitingEvents;
      if (!first || first.fragmentIndex > upTo) return;
      this.#waitingEvents.shift();
      await this.#listener.changed(first.kind, Math.round(first.atMs));
    }
  }
}

function faultCode(error: unknown): string {
  if (error instanceof EncodeError) return `encoder-${error.code}`;
  if (error instanceof MediaError) return `encoder-output-${error.code}`;
  return "encoder-failed";
}
