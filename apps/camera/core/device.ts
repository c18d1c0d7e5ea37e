// What the device itself brings about: docks, clocks, empty batteries, full stores and time that passes.
import { equalBytes } from "@sworn/custody";
import type { CameraEffect } from "./camera-effect.ts";
import { refuse } from "./refuse.ts";
import type { InputOf } from "./camera-input.ts";
import type { CameraState, Mode, RecordingMode } from "./camera-state.ts";
import { powerOff } from "./power.ts";
import { beginStop, finishRecording, ownStop, tickInRecording } from "./recording.ts";
import { enterStandby, leaveStandby, retryEncoder } from "./standby.ts";

/** More could only be the same few inputs over and over. */
const MAXIMUM_DEFERRED = 8;

export function setClock(
  state: CameraState,
  input: InputOf<"set-clock">,
  effects: CameraEffect[],
): CameraState {
  // Within one recording time runs evenly: a clock is never set under it.
  if (state.mode.kind === "recording") return refuse(state, "already-recording", effects);
  const { dock, beforeMs, afterMs, errorMs } = input;
  effects.push({ kind: "set-clock", timeMs: afterMs });
  effects.push({ kind: "journal", event: { kind: "clock-set", body: { dock, beforeMs, afterMs, errorMs } } });
  return state;
}

export type DockInput = InputOf<"power-off" | "docked" | "connected">;

/** Nothing interrupts a recording: it is stopped and sealed, then the input has its turn. */
export function stopFirst(
  state: CameraState,
  mode: RecordingMode,
  input: DockInput,
  effects: CameraEffect[],
): CameraState {
  const battery = input.kind === "power-off" && input.reason === "battery-empty";
  const reason = battery ? "battery-empty" : input.kind === "power-off" ? "powered-off" : "docked";
  if (state.deferred.length >= MAXIMUM_DEFERRED) return refuse(state, "stopping", effects);
  const waiting: CameraState = { ...state, deferred: [...state.deferred, input] };
  return beginStop(waiting, mode, ownStop(reason), input.nowMs, effects);
}

export function onDock(state: CameraState, input: DockInput, effects: CameraEffect[]): CameraState {
  switch (input.kind) {
    case "power-off":
      return powerOff(state, input.reason, effects);
    case "connected":
      return state;
    case "docked": {
      if (state.mode.kind === "off") return refuse(state, "off", effects);
      const { dock, nonce, session } = input;
      if (state.mode.kind === "standby") leaveStandby(state.mode, effects);
      // Another dock than the one before: the camera was moved, and says that it left.
      if (state.mode.kind === "docked" && !equalBytes(state.mode.dock, dock))
        sayUndocked(state.mode.dock, effects);
      effects.push({ kind: "journal", event: { kind: "docked", body: { dock, nonce, session } } });
      return { ...state, mode: { kind: "docked", dock } };
    }
  }
}

function sayUndocked(dock: Uint8Array, effects: CameraEffect[]): void {
  effects.push({ kind: "journal", event: { kind: "undocked", body: { dock } } });
}

export function leaveDock(
  state: CameraState,
  input: InputOf<"undocked">,
  effects: CameraEffect[],
): CameraState {
  if (state.mode.kind !== "docked" && state.mode.kind !== "awake")
    return refuse(state, "not-docked", effects);
  if (state.mode.kind === "docked") sayUndocked(state.mode.dock, effects);
  return input.next === "standby" ? enterStandby(state, effects) : powerOff(state, "dock", effects);
}

export function onLevels(state: CameraState, input: InputOf<"levels">, effects: CameraEffect[]): CameraState {
  const { batteryPercent, charging, freeBytes } = input.levels;
  const full = freeBytes < state.rules.storageStopBytes;
  let next: CameraState = { ...state, storageFull: full };
  if (full && !state.storageFull) {
    effects.push({ kind: "journal", event: { kind: "storage-full", body: { freeBytes } } });
    if (next.mode.kind === "recording")
      next = beginStop(next, next.mode, ownStop("storage-full"), input.nowMs, effects);
  }
  if (charging || batteryPercent > state.rules.batteryEmptyPercent) return next;
  const off: DockInput = { kind: "power-off", reason: "battery-empty", nowMs: input.nowMs };
  if (next.mode.kind !== "recording") return onDock(next, off, effects);
  const known = next.deferred.some((waiting) => waiting.kind === "power-off");
  return known ? next : stopFirst(next, next.mode, off, effects);
}

export function onTick(state: CameraState, mode: Mode, nowMs: number, effects: CameraEffect[]): CameraState {
  if (mode.kind === "standby") return retryEncoder(state, mode, nowMs, effects);
  if (mode.kind !== "recording") return state;
  if (mode.stopping && nowMs >= mode.stopping.deadlineMs) {
    effects.push({ kind: "journal", event: { kind: "fault", body: { code: "encoder-did-not-end" } } });
    effects.push({ kind: "end-encoder", generation: mode.generation });
    return finishRecording(state, mode, { ...ownStop("fault"), atMs: mode.endMs }, effects);
  }
  return tickInRecording(state, mode, nowMs, effects);
}

/** A part could not be stored: what is stored is sealed at once, and the encoder is let go. */
export function onStoreFailed(
  state: CameraState,
  mode: RecordingMode,
  input: InputOf<"store-failed">,
  effects: CameraEffect[],
): CameraState {
  const full = input.why === "storage-full";
  const freeBytes = state.levels?.freeBytes ?? 0;
  effects.push({ kind: "end-encoder", generation: mode.generation });
  effects.push({
    kind: "journal",
    event: full
      ? { kind: "storage-full", body: { freeBytes } }
      : { kind: "fault", body: { code: input.code } },
  });
  const next: CameraState = { ...state, storageFull: state.storageFull || full };
  // It never began: its number is free for the next one.
  if (input.parts === 0) return { ...next, mode: { kind: "awake" }, nextNumber: mode.number };
  const stored: RecordingMode = { ...mode, nextIndex: input.parts, stopping: null };
  const cause = { ...ownStop(full ? "storage-full" : "fault"), atMs: mode.endMs };
  return finishRecording(next, stored, cause, effects);
}
