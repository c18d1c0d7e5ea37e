// What a dock tells: how it goes on while it works, and what became of each recording at the end.
import type { CameraId, JournalFinding, RecordingId } from "@sworn/contract";

export type DockProgress =
  | {
      readonly kind: "session";
      readonly camera: CameraId;
      readonly offsetMs: number;
      readonly errorMs: number;
    }
  | { readonly kind: "journal"; readonly camera: CameraId; readonly throughSequence: number }
  | {
      readonly kind: "upload";
      readonly camera: CameraId;
      readonly recording: RecordingId;
      readonly number: number;
      readonly sentBytes: number;
      readonly totalBytes: number;
    }
  | {
      readonly kind: "recording";
      readonly camera: CameraId;
      readonly recording: RecordingId;
      readonly number: number;
      readonly outcome: RecordingOutcome;
    };

export type RecordingOutcome =
  /** Receipted, and removed from the camera. */
  | { readonly kind: "freed"; readonly verdict: string }
  /** Arrived; the receipt is not signed yet. The camera keeps it until it is docked again. */
  | { readonly kind: "awaiting-receipt" }
  | { readonly kind: "quarantined"; readonly detail: string }
  /** It is still being recorded, or was cut and the camera has not started since. */
  | { readonly kind: "not-sealed" }
  /** The camera did not accept the receipt, or could not remove it now. */
  | { readonly kind: "kept"; readonly detail: string }
  | { readonly kind: "failed"; readonly error: Error }
  | { readonly kind: "not-tried" };

export interface DockedRecording {
  readonly recording: RecordingId;
  readonly number: number;
  readonly storedBytes: number;
  readonly outcome: RecordingOutcome;
}

export interface DockReport {
  readonly camera: CameraId;
  /** Entries of the journal that the server accepted anew. */
  readonly acceptedEntries: number;
  readonly clock: { readonly offsetMs: number; readonly errorMs: number };
  readonly recordings: readonly DockedRecording[];
  readonly findings: readonly JournalFinding[];
  /** What the camera once sealed, and neither it nor the server has. */
  readonly missing: readonly { readonly recording: RecordingId; readonly number: number }[];
}
