// The kinds of journal entry and the body of each (evidence format §4): the one table that reader and writer share.
import * as v from "valibot";
import { partFields } from "./parts.ts";
import { bytesShape, hashShape, idShape, intShape, textShape, uintShape } from "./shape.ts";

const at = { recording: idShape, atMs: uintShape };
const reason = textShape(80);
const partShape = v.strictObject(partFields);

export const entryBodies = {
  enrolled: v.strictObject({
    force: idShape,
    certificate: hashShape,
    model: textShape(),
    firmware: textShape(),
  }),
  booted: v.strictObject({
    cause: v.picklist(["button", "dock", "restart"]),
    clean: v.boolean(),
    firmware: textShape(),
  }),
  "powered-off": v.strictObject({ reason: v.picklist(["wearer", "battery-empty", "dock"]) }),
  assigned: v.strictObject({ assignment: idShape }),
  unassigned: v.strictObject({ assignment: idShape }),
  standby: v.strictObject({ prerecordMs: uintShape }),
  "recording-started": v.strictObject({
    recording: idShape,
    number: v.pipe(uintShape, v.minValue(1)),
    trigger: v.picklist(["button", "simulated", "remote"]),
    prerecordMs: uintShape,
    startedMonotonicMs: uintShape,
    envelope: hashShape,
    codecs: v.pipe(v.array(textShape(60)), v.maxLength(8)),
    init: partShape,
  }),
  fragment: v.strictObject({
    recording: idShape,
    index: v.pipe(uintShape, v.minValue(1)),
    ...partFields,
    startMs: uintShape,
    durationMs: uintShape,
    prerecord: v.boolean(),
    muted: v.boolean(),
  }),
  "people-told": v.strictObject(at),
  marker: v.strictObject(at),
  muted: v.strictObject(at),
  unmuted: v.strictObject(at),
  paused: v.strictObject({ ...at, reason }),
  resumed: v.strictObject(at),
  "recording-stopped": v.strictObject({ ...at, reason }),
  recovered: v.strictObject({ recording: idShape, parts: uintShape, cutBytes: uintShape }),
  "recording-sealed": v.strictObject({
    recording: idShape,
    number: v.pipe(uintShape, v.minValue(1)),
    parts: uintShape,
    identity: hashShape,
    durationMs: uintShape,
    reason: v.picklist(["stopped", "power-loss", "storage-full", "battery-empty", "fault"]),
    started: uintShape,
  }),
  docked: v.strictObject({ dock: idShape, nonce: bytesShape(64), session: idShape }),
  undocked: v.strictObject({ dock: idShape }),
  "clock-set": v.strictObject({ dock: idShape, beforeMs: intShape, afterMs: intShape, errorMs: uintShape }),
  status: v.strictObject({
    batteryPercent: v.pipe(uintShape, v.maxValue(100)),
    charging: v.boolean(),
    freeBytes: uintShape,
    storedBytes: uintShape,
  }),
  button: v.strictObject({
    button: v.picklist(["record", "power", "event", "mute"]),
    press: v.picklist(["short", "long"]),
  }),
  "storage-full": v.strictObject({ freeBytes: uintShape }),
  fault: v.strictObject({ code: textShape(80) }),
  freed: v.strictObject({ recording: idShape, receipt: hashShape, verdict: textShape(20) }),
  pruned: v.strictObject({ through: uintShape, head: hashShape }),
} as const;

export type EntryKind = keyof typeof entryBodies;
export type EntryBody<K extends EntryKind> = v.InferOutput<(typeof entryBodies)[K]>;

/** A kind with its body: what a camera says happened. */
export type JournalEvent = { [K in EntryKind]: { readonly kind: K; readonly body: EntryBody<K> } }[EntryKind];

export function isEntryKind(kind: string): kind is EntryKind {
  return Object.hasOwn(entryBodies, kind);
}
