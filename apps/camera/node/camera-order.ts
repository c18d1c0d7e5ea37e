// What a wearer, or a program for one, may ask of a running camera. There is no order to edit or to delete.
import * as v from "valibot";
import type { Refusal } from "../core/camera-effect.ts";
import type { Shown } from "../core/camera-state.ts";

const reason = v.pipe(v.string(), v.minLength(1), v.maxLength(80));
const note = v.pipe(v.string(), v.maxLength(2_000));

export const orderShape = v.variant("kind", [
  v.strictObject({ kind: v.literal("start") }),
  v.strictObject({ kind: v.literal("stop"), reason, note: v.optional(note) }),
  v.strictObject({ kind: v.literal("people-told") }),
  v.strictObject({ kind: v.literal("marker"), note: v.optional(note) }),
  v.strictObject({ kind: v.literal("mute"), reason: v.optional(reason) }),
  v.strictObject({ kind: v.literal("unmute") }),
  v.strictObject({ kind: v.literal("pause"), reason }),
  v.strictObject({ kind: v.literal("resume") }),
  v.strictObject({
    kind: v.literal("press"),
    button: v.picklist(["record", "power", "event", "mute"]),
    press: v.picklist(["short", "long"]),
  }),
  v.strictObject({ kind: v.literal("power-off") }),
]);

export type CameraOrder = v.InferOutput<typeof orderShape>;

/** `refused`: nothing changed, and why. */
export type OrderOutcome = { readonly kind: "done" } | { readonly kind: "refused"; readonly why: Refusal };

export interface CameraStatus {
  /** UUIDs as text. */
  readonly camera: string;
  readonly force: string;
  readonly state: Shown;
  readonly clean: boolean;
  /** Of the recording in hand. */
  readonly recording: { readonly id: string; readonly number: number; readonly seconds: number } | null;
  readonly recordings: number;
  readonly wallMs: number;
  readonly batteryPercent: number;
  readonly charging: boolean;
  readonly freeBytes: number;
  readonly storedBytes: number;
  /** Sequence of the journal's last entry. */
  readonly headSequence: number;
}

const REFUSALS: Readonly<Record<Refusal, string>> = {
  off: "The camera is off, or has no picture: switch it to standby first.",
  "not-off": "The camera is on already.",
  "not-recording": "The camera is not recording: start a recording first.",
  "already-recording": "The camera is recording: stop it first.",
  stopping: "The recording is being ended already.",
  "not-docked": "The camera is in no dock.",
  docked: "The camera is in a dock: take it out first.",
  "storage-full": "The storage is full: put the camera into a dock.",
  "battery-empty": "The battery is empty: put the camera into a dock.",
  "unknown-reason": "The reason is not on the force's list.",
  "already-so": "It is so already.",
};

/** A sentence for a person. */
export function describeRefusal(why: Refusal): string {
  return REFUSALS[why];
}
