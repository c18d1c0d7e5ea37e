// Runs the encoder for the machine: which source is filmed, in real time or faster, and by which script.
import type { EncoderOrder } from "../core/camera-effect.ts";
import type { EncodedFragment, EncoderChange, Position } from "../core/camera-input.ts";
import type { CameraClock } from "./camera-clock.ts";
import type { CameraEngine } from "./camera-engine.ts";
import type { EncodeSettings, EncodeSource } from "./encode/index.ts";
import { type EncoderListener, EncoderSession, type StartEncoder } from "./encoder-session.ts";
import type { PositionSource } from "./position-source.ts";
import { type Cue, Script, type ScriptOptions } from "./script.ts";

/** What is in front of the lens, and how it is filmed. */
export type Filming = Partial<Omit<EncodeSettings, "durationMs" | "audioFromMs" | "schedule">> & {
  readonly source: EncodeSource;
};

export interface FilmCrewParts {
  readonly engine: CameraEngine;
  readonly clock: CameraClock;
  readonly startEncoder: StartEncoder;
  readonly positions: PositionSource | null;
  /** Whether this recording's first entry is journaled: then its seal follows. */
  hasBegun(recording: Uint8Array): boolean;
  /** A script comes to nothing. */
  nothingFilmed(recording: Uint8Array, why: NothingFilmed): void;
}

/** `not-begun`: the press was refused, its first files could not be made, or the encoder was let go before it. */
export type NothingFilmed = "source-ended" | "not-begun";

export class FilmCrew {
  readonly #parts: FilmCrewParts;
  /** Null: a cap on the lens; the camera stands by without a picture. */
  filming: Filming | null;
  #script: { readonly script: Script; readonly filming: Filming } | null = null;
  #session: EncoderSession | null = null;
  #run: FilmRun | null = null;
  #generation: number | null = null;
  /** While a cue of a faster-than-time script is told: the encoder knows it from its schedule. */
  #encoderKnows = false;

  constructor(parts: FilmCrewParts, filming: Filming | null) {
    this.#parts = parts;
    this.filming = filming;
  }

  /** Films by a script from now on, in place of what runs in standby. */
  async play(filming: Filming, options: ScriptOptions): Promise<void> {
    await this.#parts.engine.alone(() => {
      if (this.#script) this.#parts.nothingFilmed(this.#script.script.recording, "not-begun");
      this.#script = { script: new Script(options), filming };
      if (this.#generation !== null) this.start(this.#generation);
      return Promise.resolve();
    });
  }

  start(generation: number): void {
    this.#drop()?.tellIfNothing();
    this.#generation = generation;
    const scripted = this.#script;
    const filming = scripted?.filming ?? this.filming;
    if (!filming) return;
    this.#script = null;
    const known = (tell: () => Promise<unknown>): Promise<void> => this.#known(tell);
    const run = new FilmRun(this.#parts, { generation, filming, script: scripted?.script ?? null, known });
    const fast = run.fast ? scripted?.script : undefined;
    this.#run = run;
    this.#session = new EncoderSession(
      this.#parts.startEncoder,
      {
        ...filming,
        durationMs: fast ? fast.endAtMs : null,
        audioFromMs: fast ? fast.pressAtMs : null,
        schedule: fast ? fast.schedule() : [],
      },
      run,
    );
  }

  /** Only within a turn of the queue, so that no other order is kept from the encoder. */
  async #known(tell: () => Promise<unknown>): Promise<void> {
    this.#encoderKnows = true;
    try {
      await tell();
    } finally {
      this.#encoderKnows = false;
    }
  }

  order(generation: number, order: EncoderOrder): void {
    if (generation === this.#generation && !this.#encoderKnows) this.#session?.order(order);
  }

  end(generation: number): void {
    if (generation !== this.#generation) return;
    this.#generation = null;
    this.#drop()?.tellIfNothing();
  }

  /** Lets the encoder go, and tells nobody: the camera ends, and says why itself. */
  close(): void {
    this.#drop();
    this.#generation = null;
  }

  /** Gives the run that was dropped. */
  #drop(): FilmRun | null {
    const run = this.#run;
    this.#session?.release();
    this.#session = null;
    run?.drop();
    this.#run = null;
    return run;
  }
}

interface RunOptions {
  readonly generation: number;
  readonly filming: Filming;
  readonly script: Script | null;
  readonly known: (tell: () => Promise<unknown>) => Promise<void>;
}

/** One run: tells the machine what the encoder gives, and the script's cues at their time. */
class FilmRun implements EncoderListener {
  readonly #parts: FilmCrewParts;
  readonly #generation: number;
  readonly #script: Script | null;
  readonly #known: RunOptions["known"];
  readonly fast: boolean;
  #timers: NodeJS.Timeout[] = [];
  #startedMs = 0;
  /** Cues that are due while the press still waits for the encoder's first bytes. */
  #held: Cue[] = [];
  #isDropped = false;

  constructor(parts: FilmCrewParts, options: RunOptions) {
    this.#parts = parts;
    this.#generation = options.generation;
    this.#script = options.script;
    this.#known = options.known;
    this.fast = options.filming.pace === "as-fast";
  }

  rolling(): number {
    const { wallMs, monotonicMs } = this.#parts.clock.read();
    this.#startedMs = monotonicMs;
    if (this.#script && !this.fast) this.#setTimers(this.#script);
    return wallMs;
  }

  /** In real time cues come by the clock, not with the fragment that holds them. */
  #setTimers(script: Script): void {
    this.#timers = script.cues().map((cue) =>
      setTimeout(() => {
        for (const due of script.due(cue.atMs)) this.#tellInTime(due);
      }, cue.atMs),
    );
  }

  // A stop would take back a press that still waits for a slow encoder: then nothing was filmed, and nobody was told.
  #tellInTime(cue: Cue): void {
    this.#parts.engine
      .alone(async () => {
        if (cue.happening.kind !== "start" && !this.#hasBegun()) this.#held.push(cue);
        else if ((await this.#parts.engine.react(cue.happening)) !== null) this.tellIfNothing();
      })
      .catch(() => undefined);
  }

  #hasBegun(): boolean {
    return this.#script !== null && this.#parts.hasBegun(this.#script.recording);
  }

  /** Nobody starts a script again: what was not begun by now would be waited for without end. */
  tellIfNothing(why: NothingFilmed = "not-begun"): void {
    if (this.#script && !this.#hasBegun()) this.#parts.nothingFilmed(this.#script.recording, why);
  }

  /** No cue of its script is told any more: it could end a later recording. */
  drop(): void {
    this.#isDropped = true;
    this.#stopTimers();
  }

  #stopTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  async ready(init: { readonly bytes: Uint8Array; readonly codecs: readonly string[] }): Promise<void> {
    const full = { ...init, startedMonotonicMs: this.#startedMs };
    await this.#parts.engine.tell({ kind: "encoder-init", generation: this.#generation, init: full });
    await this.#tellHeld();
  }

  async #tellHeld(): Promise<void> {
    await this.#parts.engine.alone(async () => {
      const held = this.#held.splice(0);
      if (held.length > 0 && !this.#hasBegun()) this.tellIfNothing();
      else for (const { happening } of held) await this.#parts.engine.react(happening);
    });
  }

  async film(fragment: EncodedFragment): Promise<void> {
    const endMs = fragment.startMs + fragment.durationMs;
    await this.#cuesUpTo(endMs);
    const positions = this.#positions(fragment);
    await this.#at(endMs, () =>
      this.#parts.engine.react({ kind: "fragment", generation: this.#generation, fragment, positions }),
    );
    if (this.fast) await this.#parts.engine.pulse();
  }

  async changed(change: EncoderChange, atMs: number): Promise<void> {
    await this.#cuesUpTo(atMs);
    await this.#at(atMs, () =>
      this.#parts.engine.react({ kind: "encoder-changed", generation: this.#generation, change, atMs }),
    );
  }

  async ended(fault: string | null): Promise<void> {
    this.#stopTimers();
    if (!this.#hasBegun()) this.tellIfNothing("source-ended");
    else if (this.#script && fault === null) await this.#tellCues(this.#script.atEnd());
    await this.#parts.engine.tell({ kind: "encoder-ended", generation: this.#generation, fault });
  }

  async #cuesUpTo(mediaMs: number): Promise<void> {
    if (this.#script && this.fast) await this.#tellCues(this.#script.due(mediaMs));
  }

  async #tellCues(cues: readonly Cue[]): Promise<void> {
    const { engine } = this.#parts;
    for (const { atMs, happening } of cues)
      await this.#at(atMs, async () => {
        if (!this.#isDropped) await this.#known(() => engine.react(happening));
      });
  }

  /** At a media time: filming faster than time, the clocks are moved there first. */
  async #at(mediaMs: number, work: () => Promise<unknown>): Promise<void> {
    await this.#parts.engine.alone(async () => {
      if (this.fast) this.#parts.clock.advanceTo(this.#startedMs + mediaMs);
      await work();
    });
  }

  #positions(fragment: EncodedFragment): Position[] {
    const { engine, positions } = this.#parts;
    // Positions exist only while recording: the receiver is not even asked before.
    if (!positions || engine.state.mode.kind !== "recording") return [];
    const fromMs = this.#startedMs + fragment.startMs;
    return positions
      .fixesBetween(fromMs, fromMs + fragment.durationMs)
      .slice(0, MAXIMUM_FIXES)
      .map((fix) => [fix.atMs - this.#startedMs, fix.latitudeE7, fix.longitudeE7, fix.accuracyCm]);
  }
}

/** A fragment of ten seconds with six fixes a second. */
const MAXIMUM_FIXES = 64;
