// What a dock may do with a camera: set its clock, have it sign a nonce, read its journal and its ciphertext,
// and free what a receipt covers. A dock needs no key, and none is to be had here.
import { entryHash, equalBytes } from "@sworn/custody";
import type { Refusal } from "../core/camera-effect.ts";
import type { Battery } from "./battery.ts";
import type { CameraClock } from "./camera-clock.ts";
import type { CameraEngine } from "./camera-engine.ts";
import { CameraError } from "./camera-error.ts";
import { type ReceiptCheck, checkReceipt } from "./receipts.ts";
import type { RememberedRecording } from "./store/camera-memory.ts";
import { type CameraStore, readMedia } from "./store/camera-store.ts";
import { envelopePath, mediaPath, recordingFolder } from "./store/folder-layout.ts";
import type { JournalHead, JournalSegment } from "./store/journal-files.ts";

/** A recording on the camera; `storedBytes` of ciphertext are journaled and can be read. */
export interface ListedRecording {
  readonly id: Uint8Array;
  readonly number: number;
  readonly parts: number;
  readonly storedBytes: number;
  readonly durationMs: number;
  /** By the camera's clock, right or wrong. */
  readonly startedWallMs: number;
  /** Null while it is being recorded, or was cut and the camera has not started since. */
  readonly seal: { readonly sequence: number; readonly reason: string } | null;
}

export type FreeOutcome =
  | { readonly kind: "freed"; readonly verdict: string }
  | { readonly kind: "gone" }
  | Extract<ReceiptCheck, { kind: "refused" }>
  | { readonly kind: "not-now"; readonly why: Refusal };

export type PruneOutcome =
  /** Entries up to `through` are gone from the camera; fewer than asked for where a recording still needs them. */
  | { readonly kind: "pruned"; readonly through: number }
  | { readonly kind: "nothing-to-prune" }
  | { readonly kind: "refused"; readonly why: "other-head" }
  | { readonly kind: "not-now"; readonly why: Refusal };

export type DockOutcome = { readonly kind: "done" } | { readonly kind: "refused"; readonly why: Refusal };

const READ_BYTES = 256 * 1024;

export class Docking {
  readonly #engine: CameraEngine;
  readonly #store: CameraStore;
  readonly #clock: CameraClock;
  readonly #battery: Battery;
  readonly #nextSeal: () => Promise<unknown>;

  constructor(parts: {
    engine: CameraEngine;
    store: CameraStore;
    clock: CameraClock;
    battery: Battery;
    nextSeal: () => Promise<unknown>;
  }) {
    this.#engine = parts.engine;
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#battery = parts.battery;
    this.#nextSeal = parts.nextSeal;
  }

  get cameraId(): Uint8Array {
    return this.#store.identity.camera;
  }

  get forceId(): Uint8Array {
    return this.#store.identity.force;
  }

  /** DER. */
  get certificate(): Uint8Array {
    return this.#store.identity.certificate.der;
  }

  /** The camera's clocks, as they stand. */
  readClock(): { readonly wallMs: number; readonly monotonicMs: number } {
    return this.#clock.read();
  }

  /** Put into the dock: it charges, and a recording in hand is stopped and sealed before this resolves. */
  async connect(): Promise<DockOutcome> {
    this.#battery.setCharging(true);
    const sealed = this.#engine.state.mode.kind === "recording" ? this.#nextSeal() : null;
    const refusal = await this.#engine.tell({ kind: "connected" });
    if (refusal === null) await sealed;
    return outcome(refusal);
  }

  /** Sets the wall clock to `timeMs`, known to within `errorMs`. */
  setClock(setting: {
    readonly dock: Uint8Array;
    readonly timeMs: number;
    readonly errorMs: number;
  }): Promise<DockOutcome> {
    return this.#engine.alone(async () => {
      const { dock, timeMs, errorMs } = setting;
      const beforeMs = this.#clock.read().wallMs;
      return outcome(
        await this.#engine.react({ kind: "set-clock", dock, beforeMs, afterMs: timeMs, errorMs }),
      );
    });
  }

  /** Journals the server's nonce under the camera's own signature: it is here, now. */
  async docked(session: {
    readonly dock: Uint8Array;
    readonly session: Uint8Array;
    readonly nonce: Uint8Array;
  }): Promise<DockOutcome> {
    return outcome(await this.#engine.tell({ kind: "docked", ...session }));
  }

  async undock(next: "standby" | "off" = "standby"): Promise<DockOutcome> {
    this.#battery.setCharging(false);
    return outcome(await this.#engine.tell({ kind: "undocked", next }));
  }

  /** Oldest first. */
  listRecordings(): ListedRecording[] {
    return this.#store.memory
      .recordings()
      .map(({ id, number, parts, storedBytes, durationMs, startedWallMs, seal }) => ({
        ...{ id, number, storedBytes, durationMs, startedWallMs },
        parts: parts.length,
        seal: seal && { sequence: seal.sequence, reason: seal.reason },
      }));
  }

  /** Ciphertext of a recording from `offset`, at most up to what is journaled. @throws CameraError `no-recording`, `folder-damaged` */
  async *readMedia(
    number: number,
    offset = 0,
    lengthBytes = Number.POSITIVE_INFINITY,
  ): AsyncGenerator<Uint8Array> {
    const recording = this.#require(number);
    const path = mediaPath(recordingFolder(this.#store.layout, recording));
    const end = Math.min(recording.storedBytes, offset + lengthBytes);
    for (let at = Math.max(0, offset); at < end;) {
      const bytes = await readMedia(path, at, Math.min(READ_BYTES, end - at));
      if (bytes.length === 0) {
        throw new CameraError(
          "folder-damaged",
          `The media of recording ${String(number)} ends at byte ${String(at)} of ${String(end)}.`,
        );
      }
      yield bytes;
      at += bytes.length;
    }
  }

  /** The envelope with the recording's key, as journaled. @throws CameraError `no-recording`, `folder-damaged` */
  async envelope(number: number): Promise<Uint8Array> {
    const bytes = await this.#store.disk.readWhole(
      envelopePath(recordingFolder(this.#store.layout, this.#require(number))),
    );
    if (!bytes)
      throw new CameraError("folder-damaged", `The key envelope of recording ${String(number)} is missing.`);
    return bytes;
  }

  journalHead(): JournalHead {
    return this.#store.journal.head;
  }

  /** The first entry that is still on the camera. */
  firstSequence(): number {
    return this.#store.files.firstSequence;
  }

  /** Journal segments of at most 4 MiB, from `fromSequence` or from the first that is still here. */
  readJournal(fromSequence: number): AsyncGenerator<JournalSegment> {
    return this.#store.files.segments(fromSequence);
  }

  /**
   * Removes the media of a recording against its receipt: first the `freed` entry, then the media, which a restart
   * finishes. `certificates`: DER, where the service's certificate is newer than the camera's enrolment.
   */
  free(number: number, receipt: Uint8Array, certificates: readonly Uint8Array[] = []): Promise<FreeOutcome> {
    return this.#engine.alone(async () => {
      const recording = this.#find(number);
      if (!recording) return { kind: "gone" };
      const check = await checkReceipt(receipt, recording, this.#store.identity, certificates);
      if (check.kind === "refused") return check;
      const { verdict } = check.receipt;
      const why = await this.#engine.react({
        kind: "free",
        recording: recording.id,
        receipt: check.hash,
        verdict,
      });
      return why === null ? { kind: "freed", verdict } : { kind: "not-now", why };
    });
  }

  /** Removes journal entries that the server accepted with this head. What a recording on the camera needs is kept. */
  prune(accepted: { readonly through: number; readonly head: Uint8Array }): Promise<PruneOutcome> {
    return this.#engine.alone(async () => {
      const { files, memory } = this.#store;
      const record = await files.find(accepted.through);
      if (!record) return { kind: "nothing-to-prune" };
      if (
        accepted.through > files.head.sequence ||
        !equalBytes(await entryHash(record.entry), accepted.head)
      ) {
        return { kind: "refused", why: "other-head" };
      }
      const firstNeeded = Math.min(...memory.recordings().map((recording) => recording.started));
      const through = Math.min(accepted.through, firstNeeded - 1);
      const last = through < files.firstSequence ? null : await files.find(through);
      if (!last) return { kind: "nothing-to-prune" };
      const head = await entryHash(last.entry);
      const why = await this.#engine.react({ kind: "prune", through, head });
      if (why !== null) return { kind: "not-now", why };
      await this.#store.dropJournal({ through, head, lastNumber: memory.lastNumber });
      return { kind: "pruned", through };
    });
  }

  #find(number: number): RememberedRecording | null {
    return this.#store.memory.recordings().find((recording) => recording.number === number) ?? null;
  }

  #require(number: number): RememberedRecording {
    const recording = this.#find(number);
    if (!recording)
      throw new CameraError("no-recording", `Recording ${String(number)} is not on this camera.`);
    return recording;
  }
}

function outcome(refusal: Refusal | null): DockOutcome {
  return refusal === null ? { kind: "done" } : { kind: "refused", why: refusal };
}
