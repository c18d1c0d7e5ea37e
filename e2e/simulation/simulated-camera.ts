// A camera of a simulation: the real headless camera on a machine of its own, filming synthetic fragments, with a clock
// that jumps. What it sealed is remembered here, outside of it.
import {
  type HeadlessCamera,
  createCamera,
  installCertificate,
  installIngestKey,
  openCamera,
} from "@sworn/camera";
import type { StaffClient } from "@sworn/client";
import { type CameraId, fromBase64url, toBase64url } from "@sworn/contract";
import { formatId } from "@sworn/custody";
import { randomUUID } from "node:crypto";
import { fastEncoder } from "../../apps/camera/test/node/fake-encoder.ts";
import type { Machine } from "./machine/machine.ts";

const bytesOf = (text: string): Uint8Array => fromBase64url(text) ?? new Uint8Array();

/** A recording as whoever watched the camera knows it. */
export interface Sealed {
  readonly id: string;
  readonly number: number;
  readonly parts: number;
}

export class SimulatedCamera {
  readonly name: string;
  readonly machine: Machine;
  readonly #wallMs: () => number;
  id: CameraId = randomUUID() as CameraId;
  #folder = "";
  device: HeadlessCamera | null = null;
  /** Of its clock, against the true time. */
  jumpedMs = 0;
  isLost = false;
  #fragmentBytes = 2_000;

  constructor(name: string, machine: Machine, wallMs: () => number) {
    this.name = name;
    this.machine = machine;
    this.#wallMs = wallMs;
    this.#watchDeath();
  }

  #watchDeath(): void {
    this.machine.onDeath(() => {
      this.device = null;
    });
  }

  get #clock() {
    return {
      wallMs: () => this.#wallMs() + this.jumpedMs,
      // It counts the time that passes, whatever the wall clock is set to.
      monotonicMs: () => this.#wallMs(),
    };
  }

  async enrol(staff: StaffClient): Promise<void> {
    this.#folder = `${this.machine.start()}/camera`;
    const { spki } = await createCamera(this.#folder);
    const { enrolment } = await staff.enrolCamera({
      ...{ id: this.id, name: this.name, model: "simulated", spki: toBase64url(spki) },
    });
    await installCertificate(
      this.#folder,
      {
        certificate: bytesOf(enrolment.certificate),
        anchor: bytesOf(enrolment.anchor),
        service: bytesOf(enrolment.service),
        ingestKey: bytesOf(enrolment.ingestKey),
      },
      { model: "simulated", clock: this.#clock },
    );
  }

  /** Switches it on in standby, after a death at a new boot. */
  async switchOn(): Promise<HeadlessCamera> {
    if (this.device !== null) return this.device;
    if (!this.machine.isOn) {
      this.#folder = `${this.machine.start()}/camera`;
      this.#watchDeath();
    }
    const device = await openCamera(this.#folder, {
      ...{ clock: this.#clock, pulseEveryMs: null },
      startEncoder: (options) => fastEncoder({ fragmentBytes: this.#fragmentBytes })(options),
    });
    await device.powerOn("button");
    this.device = device;
    return device;
  }

  /** Whether a fault has closed it for good: only a new start helps. */
  async answers(): Promise<boolean> {
    try {
      await this.device?.pulse();
      return this.device !== null;
    } catch {
      return false;
    }
  }

  async record(film: { readonly durationMs: number; readonly fragmentBytes: number }): Promise<string> {
    const device = await this.switchOn();
    this.#fragmentBytes = film.fragmentBytes;
    const { reason } = await device.record({
      filming: { source: { kind: "scene", seed: this.name }, pace: "as-fast" },
      ...{ durationMs: film.durationMs, prerecordMs: 2_000 },
    });
    return reason;
  }

  /** What is sealed on it now. */
  sealed(): Sealed[] {
    const listed = this.device?.dock.listRecordings() ?? [];
    return listed
      .filter((one) => one.seal !== null)
      .map(({ id, number, parts }) => ({ id: formatId(id), number, parts }));
  }

  takeIngestKey(statement: Uint8Array): Promise<void> {
    return installIngestKey(this.#folder, statement);
  }
}
