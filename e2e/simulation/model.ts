// What must hold, kept apart from the product: which recordings were ever sealed, which holds a person was told stand,
// which certificates and checkpoints anybody has seen. It only ever learns from what a camera, dock or person saw.
import type { HoldId, RecordingId } from "@sworn/contract";

export interface KnownRecording {
  readonly camera: string;
  readonly number: number;
  readonly id: RecordingId;
  readonly parts: number;
  /** By the true time; recorded just before. */
  readonly sealedMs: number;
  /** The camera's copy was tampered with, or the camera is gone: it need not arrive as it was. */
  isDamaged: boolean;
  isOnLostCamera: boolean;
  /** What the camera freed it against. */
  receipt: Uint8Array | null;
  /** First seen as received by the server, by the true time. */
  receivedMs: number | null;
  destroyed: { readonly seenMs: number; readonly certificate: Uint8Array } | null;
}

export interface KnownHold {
  readonly id: HoldId;
  readonly recordings: readonly RecordingId[];
  /** Stands: the person was told so. In doubt: it was asked for, or asked to end, and no answer came. */
  state: "stands" | "in-doubt" | "released";
}

export interface SeenCheckpoint {
  readonly size: number;
  readonly root: Uint8Array;
}

export class Model {
  readonly recordings = new Map<string, KnownRecording>();
  readonly holds = new Map<HoldId, KnownHold>();
  /** By size. */
  readonly checkpoints = new Map<number, SeenCheckpoint>();

  isHeld(id: string): boolean {
    return [...this.holds.values()].some(
      (hold) => hold.state === "stands" && hold.recordings.includes(id as RecordingId),
    );
  }

  /** A short name for traces. */
  nameOf(id: string): string {
    const known = this.recordings.get(id);
    return known ? `${known.camera}/${String(known.number)}` : "unknown";
  }
}
