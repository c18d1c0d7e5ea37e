// A device in memory that does what the machine says and keeps the journal: encoder, store and clock are simulated.
import type { JournalEntry } from "@sworn/custody";
import type { CameraEffect, EncoderOrder } from "../../core/camera-effect.ts";
import type { CameraInput } from "../../core/camera-input.ts";
import type { CameraRules } from "../../core/camera-rules.ts";
import { type CameraState, initialState } from "../../core/camera-state.ts";
import { step } from "../../core/step.ts";

/** An input without its time. */
export type Happening = CameraInput extends infer Input
  ? Input extends CameraInput
    ? Omit<Input, "nowMs">
    : never
  : never;

interface SimulatedEncoder {
  readonly generation: number;
  startedMs: number | null;
  fragmentStartMs: number;
  silent: boolean;
  wantsSilent: boolean;
  paused: boolean;
  readonly orders: EncoderOrder[];
}

const FORCE = new Uint8Array(16).fill(1);
const CAMERA = new Uint8Array(16).fill(2);
const HASH = new Uint8Array(32);
const WALL_OFFSET_MS = 1_700_000_000_000;

export function testId(number: number): Uint8Array {
  const id = new Uint8Array(16);
  new DataView(id.buffer).setUint32(12, number);
  return id;
}

export class SimulatedDevice {
  state: CameraState;
  readonly entries: JournalEntry[] = [];
  readonly refusals: string[] = [];
  readonly asked: Uint8Array[] = [];
  encoder: SimulatedEncoder | null = null;
  failNextStore: "storage-full" | "fault" | null = null;
  nowMs = 0;
  #bootedAtMs = 0;
  #boot = testId(1000);
  #boots = 0;
  #clockMs = WALL_OFFSET_MS;
  #parts = new Map<Uint8Array, { parts: number; started: number; number: number; endMs: number }>();
  #open: Uint8Array | null = null;
  #ids = 0;

  constructor(rules: CameraRules) {
    this.state = initialState(rules, 1);
    const body = { force: FORCE, certificate: HASH, model: "test", firmware: "1" };
    this.#write({ kind: "enrolled", body });
  }

  newRecording(): Uint8Array {
    this.#ids += 1;
    return testId(this.#ids);
  }

  tell(happening: Happening): void {
    if (happening.kind === "power-on" && this.state.mode.kind === "off") {
      this.#boots += 1;
      this.#boot = testId(2000 + this.#boots);
      this.#bootedAtMs = this.nowMs;
    }
    const { state, effects } = step(this.state, {
      ...happening,
      nowMs: this.nowMs - this.#bootedAtMs,
    });
    this.state = state;
    this.#perform(effects);
  }

  /** The power is cut: the machine forgets everything but the journal. */
  crash(): void {
    this.state = initialState(
      this.state.rules,
      this.entries.filter((entry) => entry.kind === "recording-started").length + 1,
    );
    this.encoder = null;
  }

  boot(cause: "button" | "dock"): void {
    const last = this.entries.at(-1);
    const clean = last?.kind === "powered-off" || last?.kind === "enrolled";
    const open = this.#open ? this.#parts.get(this.#open) : undefined;
    const unfinished =
      this.#open && open
        ? {
            recording: this.#open,
            number: open.number,
            parts: open.parts,
            cutBytes: 7,
            durationMs: open.endMs,
          }
        : null;
    this.tell({ kind: "power-on", cause, clean, firmware: "1", unfinished });
  }

  encoderReady(): void {
    const encoder = this.encoder;
    if (!encoder || encoder.startedMs !== null) return;
    encoder.startedMs = this.nowMs;
    const init = {
      bytes: new Uint8Array(3),
      codecs: ["avc1"],
      startedMonotonicMs: this.nowMs - this.#bootedAtMs,
    };
    this.tell({ kind: "encoder-init", generation: encoder.generation, init });
  }

  /** Time passes; whatever is being filmed becomes one fragment. */
  film(durationMs: number): void {
    this.nowMs += durationMs;
    const encoder = this.encoder;
    if (encoder?.startedMs !== null && encoder && !encoder.paused) this.#flush(encoder);
  }

  /** The encoder does what it was last told. */
  obey(): void {
    const encoder = this.encoder;
    const order = encoder?.orders.shift();
    if (!encoder || encoder.startedMs === null || !order) return;
    const { generation } = encoder;
    const atMs = this.nowMs - encoder.startedMs;
    if ("mute" in order) {
      encoder.wantsSilent = order.mute;
    } else if ("stop" in order) {
      if (!encoder.paused) this.#flush(encoder);
      if (this.encoder === encoder) this.encoder = null;
      this.tell({ kind: "encoder-ended", generation, fault: null });
    } else if (order.pause && !encoder.paused) {
      this.#flush(encoder);
      encoder.paused = true;
      this.tell({ kind: "encoder-changed", generation, change: "paused", atMs });
    } else if (!order.pause && encoder.paused) {
      encoder.paused = false;
      encoder.fragmentStartMs = atMs;
      this.tell({ kind: "encoder-changed", generation, change: "resumed", atMs });
      this.#beginFragment(encoder);
    }
  }

  encoderCrashes(): void {
    const encoder = this.encoder;
    if (!encoder) return;
    this.encoder = null;
    this.tell({ kind: "encoder-ended", generation: encoder.generation, fault: "child-crashed" });
  }

  #flush(encoder: SimulatedEncoder): void {
    const endMs = this.nowMs - (encoder.startedMs ?? 0);
    const startMs = encoder.fragmentStartMs;
    if (endMs <= startMs) return;
    encoder.fragmentStartMs = endMs;
    const fragment = { bytes: new Uint8Array(5), startMs, durationMs: endMs - startMs, earliestMs: startMs };
    this.tell({
      kind: "fragment",
      generation: encoder.generation,
      fragment,
      positions: [[startMs, 515_000_000, -1_000_000, 300]],
    });
    this.#beginFragment(encoder);
  }

  #beginFragment(encoder: SimulatedEncoder): void {
    if (encoder.silent === encoder.wantsSilent) return;
    encoder.silent = encoder.wantsSilent;
    const change = encoder.silent ? "muted" : "unmuted";
    this.tell({
      kind: "encoder-changed",
      generation: encoder.generation,
      change,
      atMs: encoder.fragmentStartMs,
    });
  }

  #perform(effects: readonly CameraEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === "begin-recording" || effect.kind === "store-part") {
        const why = this.failNextStore;
        if (why) {
          this.failNextStore = null;
          const parts = this.#parts.get(effect.recording)?.parts ?? 0;
          this.tell({ kind: "store-failed", why, code: "write-failed", parts });
          return;
        }
      }
      this.#performOne(effect);
    }
  }

  #performOne(effect: CameraEffect): void {
    switch (effect.kind) {
      case "journal":
        this.#write(effect.event);
        break;
      case "begin-recording": {
        const { recording, number, trigger, prerecordMs, startedMonotonicMs } = effect;
        this.#parts.set(recording, { parts: 1, started: this.entries.length, number, endMs: 0 });
        this.#open = recording;
        const init = { lengthBytes: 3, hash: HASH, storedBytes: 9, storedHash: HASH };
        const body = {
          recording,
          number,
          trigger,
          prerecordMs,
          startedMonotonicMs,
          envelope: HASH,
          codecs: ["avc1"],
          init,
        };
        this.#write({ kind: "recording-started", body });
        break;
      }
      case "store-part": {
        const { recording, index, startMs, durationMs, prerecord, muted } = effect;
        const open = this.#parts.get(recording);
        if (open) Object.assign(open, { parts: open.parts + 1, endMs: startMs + durationMs });
        const part = { lengthBytes: 5, hash: HASH, storedBytes: 9, storedHash: HASH };
        this.#write({
          kind: "fragment",
          body: { recording, index, ...part, startMs, durationMs, prerecord, muted },
        });
        break;
      }
      case "seal-recording": {
        const { recording, number, parts, durationMs, reason } = effect;
        const started = this.#parts.get(recording)?.started ?? -1;
        this.#open = null;
        this.#write({
          kind: "recording-sealed",
          body: { recording, number, parts, identity: HASH, durationMs, reason, started },
        });
        break;
      }
      case "start-encoder":
        this.encoder = {
          ...{ generation: effect.generation, startedMs: null, fragmentStartMs: 0 },
          ...{ silent: true, wantsSilent: true, paused: false, orders: [] },
        };
        break;
      case "order-encoder":
        if (this.encoder?.generation === effect.generation) this.encoder.orders.push(effect.order);
        break;
      case "end-encoder":
        if (this.encoder?.generation === effect.generation) this.encoder = null;
        break;
      case "set-clock":
        this.#clockMs = effect.timeMs - this.nowMs;
        break;
      case "ask-stop-reason":
        this.asked.push(effect.recording);
        break;
      case "refused":
        this.refusals.push(effect.why);
        break;
      case "remove-media":
        break;
    }
  }

  wallMs(): number {
    return this.#clockMs + this.nowMs;
  }

  #write(event: { readonly kind: string; readonly body: object }): void {
    this.entries.push({
      ...{ camera: CAMERA, boot: this.#boot, sequence: this.entries.length, previous: HASH },
      ...{ wallMs: this.wallMs(), monotonicMs: this.nowMs - this.#bootedAtMs },
      ...event,
    } as JournalEntry);
  }
}
