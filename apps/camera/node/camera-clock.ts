// The camera's two clocks. The wall clock is what a dock last set, right or wrong; the monotonic clock starts with
// each boot and never runs backwards. Filming faster than time moves both, as if the time had passed.
import * as v from "valibot";
import { CustodyError, decodeCbor, encodeCbor } from "@sworn/custody";
import type { Disk } from "./store/disk.ts";

/** The clocks of the machine that the camera runs on. */
export interface MachineClock {
  wallMs(): number;
  /** Any origin, never backwards. */
  monotonicMs(): number;
}

export const machineClock: MachineClock = { wallMs: () => Date.now(), monotonicMs: () => performance.now() };

export interface Reading {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

const savedShape = v.strictObject({ offsetMs: v.pipe(v.number(), v.safeInteger()) });

export class CameraClock {
  readonly #machine: MachineClock;
  readonly #disk: Disk;
  readonly #path: string;
  /** What the wall clock says, less the machine's. */
  #offsetMs: number;
  /** Time that filming faster than time has passed. */
  #leadMs = 0;
  #bootedAtMs: number;
  #lastMs = 0;

  private constructor(machine: MachineClock, disk: Disk, path: string, offsetMs: number) {
    this.#machine = machine;
    this.#disk = disk;
    this.#path = path;
    this.#offsetMs = offsetMs;
    this.#bootedAtMs = machine.monotonicMs();
  }

  /** A clock file that is missing or damaged is a dead clock: the machine's own time is taken, and a dock corrects it. */
  static async open(machine: MachineClock, disk: Disk, path: string): Promise<CameraClock> {
    const bytes = await disk.readWhole(path);
    let offsetMs = 0;
    try {
      if (bytes) offsetMs = v.parse(savedShape, decodeCbor(bytes, "The clock file")).offsetMs;
    } catch (error) {
      if (!(error instanceof CustodyError || error instanceof v.ValiError)) throw error;
    }
    return new CameraClock(machine, disk, path, offsetMs);
  }

  startBoot(): void {
    this.#offsetMs += this.#leadMs;
    this.#leadMs = 0;
    this.#bootedAtMs = this.#machine.monotonicMs();
    this.#lastMs = 0;
  }

  read(): Reading {
    this.#lastMs = Math.max(
      this.#lastMs,
      Math.floor(this.#machine.monotonicMs() - this.#bootedAtMs) + this.#leadMs,
    );
    return {
      wallMs: Math.round(this.#machine.wallMs()) + this.#offsetMs + this.#leadMs,
      monotonicMs: this.#lastMs,
    };
  }

  /** Passes the time up to `monotonicMs`, if it has not passed by itself. */
  advanceTo(monotonicMs: number): void {
    this.#leadMs += Math.max(0, Math.ceil(monotonicMs) - this.read().monotonicMs);
  }

  /** Sets the wall clock; it reads `wallMs` now. */
  async set(wallMs: number): Promise<void> {
    this.#offsetMs += wallMs - this.read().wallMs;
    await this.save();
  }

  /** Keeps the wall clock's setting for the next boot. */
  async save(): Promise<void> {
    await this.#disk.writeWhole(this.#path, encodeCbor({ offsetMs: this.#offsetMs + this.#leadMs }));
  }
}
