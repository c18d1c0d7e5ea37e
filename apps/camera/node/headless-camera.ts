// The headless camera: what a person, a program and a dock may do with a camera that is a folder on a disk.
// Nothing here edits or deletes: media leaves only against a receipt, and journal entries only once they are accepted.
import { equalBytes, formatId, newId } from "@sworn/custody";
import type { Refusal } from "../core/camera-effect.ts";
import { type CameraRules, DEFAULT_RULES } from "../core/camera-rules.ts";
import { shownState } from "../core/camera-state.ts";
import { type Battery, simulatedBattery } from "./battery.ts";
import { CameraClock, type MachineClock, machineClock } from "./camera-clock.ts";
import { CameraEngine, type SealedRecording } from "./camera-engine.ts";
import { CameraError } from "./camera-error.ts";
import type { CameraOrder, CameraStatus, OrderOutcome } from "./camera-order.ts";
import { Docking } from "./docking.ts";
import { startEncoder } from "./encode/index.ts";
import type { StartEncoder } from "./encoder-session.ts";
import { FIRMWARE } from "./enrol.ts";
import { FilmCrew, type Filming, type NothingFilmed } from "./filming.ts";
import { type FolderLock, lockFolder } from "./folder-lock.ts";
import type { Happening } from "./happening.ts";
import type { PositionSource } from "./position-source.ts";
import type { ScriptOptions, ScriptedEvent } from "./script.ts";
import { type CameraStore, openStore } from "./store/camera-store.ts";
import { type Disk, realDisk } from "./store/disk.ts";

export interface CameraOptions {
  readonly clock?: MachineClock;
  readonly battery?: Battery;
  readonly positions?: PositionSource | null;
  readonly rules?: Partial<CameraRules>;
  /** Bytes of media that the camera holds at most; null for as much as the disk has. */
  readonly capacityBytes?: number | null;
  /** What is filmed in standby; null keeps a cap on the lens until `record` says otherwise. */
  readonly filming?: Filming | null;
  readonly firmware?: string;
  readonly startEncoder?: StartEncoder;
  readonly disk?: Disk;
  /** How often battery and storage are looked at; null: only when `pulse` is called. */
  readonly pulseEveryMs?: number | null;
  /** Told when the camera asks why the wearer stops. */
  readonly onAskStopReason?: (reasons: readonly string[]) => void;
}

export interface RecordOptions {
  readonly filming: Filming;
  /** From the press to the stop, on media time. */
  readonly durationMs: number;
  /** Media time in standby before the press; the rules' length unless given. */
  readonly prerecordMs?: number;
  readonly stop?: ScriptOptions["stop"];
  /** Times are after the press. */
  readonly events?: readonly ScriptedEvent[];
}

const PULSE_EVERY_MS = 1_000;

interface Waiting {
  /** The recording that was ordered; null where whatever is in hand is waited for. */
  readonly recording: Uint8Array | null;
  resolve(recording: SealedRecording): void;
  reject(error: CameraError): void;
}

/** Opens the camera in `folder`, which stays off. @throws CameraError */
export async function openCamera(folder: string, options: CameraOptions = {}): Promise<HeadlessCamera> {
  const disk = options.disk ?? realDisk;
  const lock = await lockFolder(folder).catch((cause: unknown) => {
    if (cause instanceof CameraError) throw cause;
    throw new CameraError(
      "folder-missing",
      `There is no camera in ${folder}. Make one with “sworn camera enrol”.`,
      { cause },
    );
  });
  try {
    const capacityBytes = options.capacityBytes ?? null;
    const store = await openStore(folder, disk, { capacityBytes });
    const clock = await CameraClock.open(options.clock ?? machineClock, disk, store.layout.clock);
    return new HeadlessCamera({ store, clock, lock, options });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

export class HeadlessCamera {
  readonly #store: CameraStore;
  readonly #clock: CameraClock;
  readonly #lock: FolderLock;
  readonly #battery: Battery;
  readonly #engine: CameraEngine;
  readonly #crew: FilmCrew;
  readonly #rules: CameraRules;
  readonly #options: CameraOptions;
  #pulse: NodeJS.Timeout | null = null;
  #waiting: Waiting[] = [];
  /** What a dock needs of this camera. */
  readonly dock: Docking;

  constructor(parts: { store: CameraStore; clock: CameraClock; lock: FolderLock; options: CameraOptions }) {
    const { store, clock, lock, options } = parts;
    this.#store = store;
    this.#clock = clock;
    this.#lock = lock;
    this.#options = options;
    this.#rules = { ...DEFAULT_RULES, ...options.rules };
    this.#battery = options.battery ?? simulatedBattery();
    this.#engine = new CameraEngine({
      ...{ store, clock, battery: this.#battery, rules: this.#rules },
      capacityBytes: options.capacityBytes ?? null,
      firmware: options.firmware ?? FIRMWARE,
      listener: {
        startEncoder: (generation) => {
          this.#crew.start(generation);
        },
        orderEncoder: (generation, order) => {
          this.#crew.order(generation, order);
        },
        endEncoder: (generation) => {
          this.#crew.end(generation);
        },
        askStopReason: (reasons) => options.onAskStopReason?.(reasons),
        sealed: (recording) => {
          this.#settle((one) => {
            one.resolve(recording);
          });
        },
        failed: (error) => {
          this.#onFailure(error);
        },
      },
    });
    this.#crew = new FilmCrew(
      {
        ...{ engine: this.#engine, clock, startEncoder: options.startEncoder ?? startEncoder },
        positions: options.positions ?? null,
        hasBegun: (recording) => store.recordings.partsOf(recording) > 0,
        nothingFilmed: (recording, why) => {
          this.#onNothingFilmed(recording, why);
        },
      },
      options.filming ?? null,
    );
    this.dock = new Docking({
      ...{ engine: this.#engine, store, clock, battery: this.#battery },
      nextSeal: () => this.#nextSeal(),
    });
  }

  /** Starts a boot: what the last one left open is journaled and sealed first. `dock`: without a picture. */
  async powerOn(cause: "button" | "dock" | "restart" = "button"): Promise<OrderOutcome> {
    const refusal = await this.#engine.powerOn(cause);
    const everyMs = this.#options.pulseEveryMs === undefined ? PULSE_EVERY_MS : this.#options.pulseEveryMs;
    if (refusal === null && everyMs !== null) {
      let busy = false;
      this.#pulse ??= setInterval(() => {
        if (busy) return;
        busy = true;
        this.pulse()
          .catch(() => undefined)
          .finally(() => {
            busy = false;
          });
      }, everyMs);
    }
    return outcome(refusal);
  }

  /** Stops and seals what is being recorded, and switches off. */
  async powerOff(reason: "wearer" | "dock" = "wearer"): Promise<OrderOutcome> {
    const sealed = this.#engine.state.mode.kind === "recording" ? this.#nextSeal() : null;
    const refusal = await this.#tell({ kind: "power-off", reason });
    if (refusal === null) await sealed;
    this.#stopPulse();
    await this.#clock.save();
    return outcome(refusal);
  }

  /** Looks at the clock, the battery and the storage now. */
  pulse(): Promise<void> {
    return this.#engine.pulse();
  }

  /** After `powerOn("dock")` or a dock: stands by, filming `filming` if given. */
  async standby(filming?: Filming | null): Promise<OrderOutcome> {
    if (filming !== undefined) this.#crew.filming = filming;
    return outcome(await this.#tell({ kind: "standby" }));
  }

  /** Does what a wearer orders. A stop and a power-off are done when the recording is sealed. */
  async order(order: CameraOrder): Promise<OrderOutcome> {
    switch (order.kind) {
      case "start":
        return outcome(await this.#tell({ kind: "start", recording: newId(), trigger: "remote" }));
      case "press":
        return outcome(
          await this.#tell({ kind: "button", button: order.button, press: order.press, recording: newId() }),
        );
      case "power-off":
        return this.powerOff("wearer");
      case "stop": {
        const sealed = this.#nextSeal();
        const refusal = await this.#tell({
          kind: "stop",
          reason: order.reason,
          ...(order.note === undefined ? null : { note: order.note }),
        });
        if (refusal === null && this.#engine.state.mode.kind === "recording") await sealed;
        return outcome(refusal);
      }
      default:
        return outcome(await this.#tell(order as Happening));
    }
  }

  /**
   * Stands by for the pre-record time, presses, records for `durationMs` and stops. Resolves with the seal, whatever
   * its reason. With `filming.pace` `as-fast` the camera's clocks run ahead with media time, and nothing waits.
   * @throws CameraError `source-too-short` if the source ends before the press, `not-recorded` if the first files cannot
   * be made or the camera is docked or ordered anew before it, `storage-full`, `store-failed`, `closed`
   */
  async record(options: RecordOptions): Promise<SealedRecording> {
    if (this.#engine.state.mode.kind !== "standby") {
      throw new CameraError(
        "closed",
        "The camera is not in standby: switch it on, or end what it is doing, first.",
      );
    }
    const recording = newId();
    const sealed = this.#nextSeal(recording);
    await this.#crew.play(options.filming, {
      recording,
      durationMs: options.durationMs,
      prerecordMs: options.prerecordMs ?? this.#rules.prerecordMs,
      stop: options.stop ?? { reason: "incident-over" },
      events: options.events ?? [],
    });
    return sealed;
  }

  /** Issues the camera to an officer; `details` (officer, collarNumber, borough, team) are sealed. */
  async assign(assignment: Uint8Array, details: Readonly<Record<string, string>>): Promise<OrderOutcome> {
    return outcome(await this.#tell({ kind: "assign", assignment, details }));
  }

  async unassign(assignment: Uint8Array): Promise<OrderOutcome> {
    return outcome(await this.#tell({ kind: "unassign", assignment }));
  }

  async status(): Promise<CameraStatus> {
    const { identity, memory, journal } = this.#store;
    const { wallMs, monotonicMs } = this.#clock.read();
    const { percent, charging } = this.#battery.read(monotonicMs);
    const { mode } = this.#engine.state;
    const inHand = mode.kind === "recording" ? mode : null;
    return {
      ...{ camera: formatId(identity.camera), force: formatId(identity.force) },
      ...{ state: shownState(this.#engine.state), clean: memory.clean },
      recording: inHand && {
        ...{ id: formatId(inHand.recording), number: inHand.number },
        seconds: Math.max(0, Math.floor((monotonicMs - inHand.startedMonotonicMs) / 1000)),
      },
      recordings: memory.recordings().length,
      ...{ wallMs, batteryPercent: percent, charging, headSequence: journal.head.sequence },
      ...(await this.#engine.levels()),
    };
  }

  /** Lets go of the folder. A camera that is on is left as if its battery had been pulled: the next boot says so. */
  async close(): Promise<void> {
    this.#stopPulse();
    this.#crew.close();
    await this.#engine.close();
    this.#settle((one) => {
      one.reject(new CameraError("closed", "The camera was closed."));
    });
    await this.#store.close();
    await this.#lock.release();
  }

  #tell(happening: Happening): Promise<Refusal | null> {
    return this.#engine.tell(happening);
  }

  #nextSeal(recording: Uint8Array | null = null): Promise<SealedRecording> {
    const seal = new Promise<SealedRecording>((resolve, reject) => {
      this.#waiting.push({ recording, resolve, reject });
    });
    seal.catch(() => undefined);
    return seal;
  }

  #settle(settle: (waiting: Waiting) => void, which: (waiting: Waiting) => boolean = () => true): void {
    const waiting = this.#waiting;
    this.#waiting = waiting.filter((one) => !which(one));
    for (const one of waiting) if (which(one)) settle(one);
  }

  #onNothingFilmed(recording: Uint8Array, why: NothingFilmed): void {
    const tell = (): Promise<void> => {
      const error = nothingFilmed(this.#engine.state.storageFull ? "storage-full" : why);
      this.#settle(
        (one) => {
          one.reject(error);
        },
        (one) => one.recording !== null && equalBytes(one.recording, recording),
      );
      return Promise.resolve();
    };
    // Once what is being done is done: whoever waited finds the camera as it then is.
    this.#engine.alone(tell).catch(() => undefined);
  }

  #onFailure(error: CameraError): void {
    this.#stopPulse();
    this.#crew.close();
    this.#settle((one) => {
      one.reject(error);
    });
  }

  #stopPulse(): void {
    if (this.#pulse) clearInterval(this.#pulse);
    this.#pulse = null;
  }
}

function outcome(refusal: Refusal | null): OrderOutcome {
  return refusal === null ? { kind: "done" } : { kind: "refused", why: refusal };
}

function nothingFilmed(why: NothingFilmed | "storage-full"): CameraError {
  switch (why) {
    case "storage-full":
      return new CameraError("storage-full", "The camera's storage is full. Put it into a dock.");
    case "source-ended":
      return new CameraError(
        "source-too-short",
        "The source ended before the button was pressed: film a longer one.",
      );
    case "not-begun":
      return new CameraError(
        "not-recorded",
        "The recording did not begin, and nothing of it is kept. Try again.",
      );
  }
}
