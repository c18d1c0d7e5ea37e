// Carries out what the state machine wants, one input after the other. It holds the only queue: nothing that is
// journaled is ever decided or written beside it. A fault that a new start alone can repair closes it for good.
import { type JournalEvent, newId } from "@sworn/custody";
import {
  type CameraEffect,
  type EncoderOrder,
  type Refusal,
  type SealReason,
} from "../core/camera-effect.ts";
import type { Unfinished } from "../core/camera-input.ts";
import type { CameraRules } from "../core/camera-rules.ts";
import { type CameraState, initialState } from "../core/camera-state.ts";
import { step } from "../core/step.ts";
import type { Battery } from "./battery.ts";
import type { CameraClock } from "./camera-clock.ts";
import { CameraError } from "./camera-error.ts";
import type { Happening } from "./happening.ts";
import type { CameraStore } from "./store/camera-store.ts";
import type { Stamp } from "./store/journal-keeper.ts";
import { storeFailure } from "./store/recording-keeper.ts";

export interface SealedRecording {
  readonly id: Uint8Array;
  readonly number: number;
  readonly parts: number;
  readonly durationMs: number;
  readonly storedBytes: number;
  readonly reason: SealReason;
}

/** What the engine has others do. */
export interface EngineListener {
  startEncoder(generation: number): void;
  orderEncoder(generation: number, order: EncoderOrder): void;
  endEncoder(generation: number): void;
  askStopReason(reasons: readonly string[]): void;
  sealed(recording: SealedRecording): void;
  failed(error: CameraError): void;
}

export interface EngineParts {
  readonly store: CameraStore;
  readonly clock: CameraClock;
  readonly battery: Battery;
  readonly rules: CameraRules;
  readonly capacityBytes: number | null;
  readonly firmware: string;
  readonly listener: EngineListener;
}

export class CameraEngine {
  readonly #parts: EngineParts;
  #state: CameraState;
  #boot: Uint8Array = newId();
  #queue: Promise<unknown> = Promise.resolve();
  #failure: CameraError | null = null;
  #sealed: SealedRecording[] = [];

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.#state = initialState(parts.rules, parts.store.memory.lastNumber + 1);
  }

  get state(): CameraState {
    return this.#state;
  }

  /** Runs `work` when everything before it is done, and nothing else meanwhile. @throws CameraError `closed` */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(() => {
      if (this.#failure)
        throw new CameraError("closed", `The camera stopped. ${this.#failure.message}`, {
          cause: this.#failure,
        });
      return work();
    });
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  /** Tells the machine and does what it wants; gives the first refusal, if there is one. */
  tell(happening: Happening): Promise<Refusal | null> {
    return this.alone(() => this.react(happening));
  }

  /** Only from within `alone`. */
  async react(happening: Happening): Promise<Refusal | null> {
    const reading = this.#parts.clock.read();
    const { state, effects } = step(this.#state, { ...happening, nowMs: reading.monotonicMs });
    this.#state = state;
    await this.#perform(effects, { boot: this.#boot, ...reading });
    // Told once all of the step is done: whoever waited finds the camera as it then is.
    for (const recording of this.#sealed.splice(0)) this.#parts.listener.sealed(recording);
    const refusal = effects.find((effect) => effect.kind === "refused");
    return refusal?.why ?? null;
  }

  /** A new boot: its own id, its own monotonic clock, and first of all what the last one left open. */
  async powerOn(cause: "button" | "dock" | "restart"): Promise<Refusal | null> {
    return this.alone(async () => {
      const { store, clock, firmware } = this.#parts;
      if (this.#state.mode.kind !== "off") return "not-off";
      this.#boot = newId();
      clock.startBoot();
      const clean = store.memory.clean;
      const refusal = await this.react({
        kind: "power-on",
        cause,
        clean,
        firmware,
        unfinished: await this.#unfinished(),
      });
      for (const code of store.findings) await this.react({ kind: "fault", code });
      await this.#tellLevels();
      return refusal;
    });
  }

  async #unfinished(): Promise<Unfinished | null> {
    const open = this.#parts.store.memory.unsealed();
    if (!open) return null;
    const { id: recording, number, durationMs, parts } = open;
    return {
      recording,
      number,
      parts: parts.length,
      durationMs,
      cutBytes: await this.#parts.store.bytesBehind(open),
    };
  }

  /** What time, battery and storage do by themselves. */
  pulse(): Promise<void> {
    return this.alone(async () => {
      if (this.#state.mode.kind === "off") return;
      await this.#tellLevels();
      await this.react({ kind: "tick" });
    });
  }

  async #tellLevels(): Promise<void> {
    const { battery, clock } = this.#parts;
    const { percent: batteryPercent, charging } = battery.read(clock.read().monotonicMs);
    const { freeBytes, storedBytes } = await this.levels();
    await this.react({ kind: "levels", levels: { batteryPercent, charging, freeBytes, storedBytes } });
  }

  async levels(): Promise<{ readonly freeBytes: number; readonly storedBytes: number }> {
    const { store, capacityBytes } = this.#parts;
    const storedBytes = store.memory.storedBytes();
    const diskBytes = await store.disk.freeBytes(store.layout.root);
    const left =
      capacityBytes === null ? diskBytes : Math.min(diskBytes, Math.max(0, capacityBytes - storedBytes));
    return { freeBytes: Math.floor(left), storedBytes };
  }

  async #perform(effects: readonly CameraEffect[], stamp: Stamp): Promise<void> {
    let now = stamp;
    for (const effect of effects) {
      if (effect.kind === "set-clock") now = { ...now, wallMs: effect.timeMs };
      try {
        await this.#do(effect, now);
      } catch (error) {
        const failure =
          effect.kind === "begin-recording" || effect.kind === "store-part" ? storeFailure(error) : null;
        if (!failure) throw this.#fail(error);
        const parts = "recording" in effect ? this.#parts.store.recordings.partsOf(effect.recording) : 0;
        await this.react({ kind: "store-failed", ...failure, parts });
        return;
      }
    }
  }

  async #do(effect: CameraEffect, stamp: Stamp): Promise<void> {
    const { store, clock, listener } = this.#parts;
    switch (effect.kind) {
      case "journal":
        return this.#journal(effect.event, stamp, effect);
      case "begin-recording":
        return store.recordings.begin(effect, stamp);
      case "store-part":
        return store.recordings.store(effect, stamp);
      case "seal-recording": {
        const { id, number, parts, durationMs, storedBytes } = await store.recordings.seal(effect, stamp);
        this.#sealed.push({
          id,
          number,
          parts: parts.length,
          durationMs,
          storedBytes,
          reason: effect.reason,
        });
        return clock.save().catch(() => undefined);
      }
      case "set-clock":
        return clock.set(effect.timeMs);
      case "remove-media":
        return store.removeMedia(effect.recording);
      case "start-encoder":
        listener.startEncoder(effect.generation);
        return;
      case "order-encoder":
        listener.orderEncoder(effect.generation, effect.order);
        return;
      case "end-encoder":
        listener.endEncoder(effect.generation);
        return;
      case "ask-stop-reason":
        listener.askStopReason(effect.reasons);
        return;
      case "refused":
        return;
    }
  }

  async #journal(
    event: JournalEvent,
    stamp: Stamp,
    effect: Extract<CameraEffect, { kind: "journal" }>,
  ): Promise<void> {
    const { store } = this.#parts;
    const key = effect.within ? store.recordings.keyOf(effect.within) : null;
    await store.journal.append(event, stamp, effect.details ? { details: effect.details, key } : undefined);
  }

  #fail(cause: unknown): CameraError {
    const message =
      "The camera could not keep its journal. Start it again; everything that was journaled is kept.";
    const error = cause instanceof CameraError ? cause : new CameraError("store-failed", message, { cause });
    if (!this.#failure) {
      this.#failure = error;
      this.#parts.listener.failed(error);
    }
    return error;
  }

  /** Ends the queue: what is asked for later is refused with `closed`. */
  async close(): Promise<void> {
    await this.#queue;
    this.#failure ??= new CameraError("closed", "It was closed.");
  }
}
