// On and off. A boot first tells how the last one ended and seals what it left open.
import type { EntryBody } from "@sworn/custody";
import type { CameraEffect } from "./camera-effect.ts";
import type { InputOf } from "./camera-input.ts";
import type { CameraState } from "./camera-state.ts";
import { enterStandby, leaveStandby } from "./standby.ts";

export function powerOn(
  state: CameraState,
  input: InputOf<"power-on">,
  effects: CameraEffect[],
): CameraState {
  if (state.mode.kind !== "off") {
    effects.push({ kind: "refused", why: "not-off" });
    return state;
  }
  const { cause, clean, firmware, unfinished } = input;
  effects.push({ kind: "journal", event: { kind: "booted", body: { cause, clean, firmware } } });
  if (unfinished) {
    const { recording, number, parts, cutBytes, durationMs } = unfinished;
    effects.push({ kind: "journal", event: { kind: "recovered", body: { recording, parts, cutBytes } } });
    effects.push({ kind: "seal-recording", recording, number, parts, durationMs, reason: "power-loss" });
  }
  const awake: CameraState = { ...state, mode: { kind: "awake" }, statusAtMs: null, deferred: [] };
  return cause === "dock" ? awake : enterStandby(awake, effects);
}

/** Not while recording: `step` stops and seals first. */
export function powerOff(
  state: CameraState,
  reason: EntryBody<"powered-off">["reason"],
  effects: CameraEffect[],
): CameraState {
  if (state.mode.kind === "standby") leaveStandby(state.mode, effects);
  effects.push({ kind: "journal", event: { kind: "powered-off", body: { reason } } });
  return { ...state, mode: { kind: "off" }, statusAtMs: null, deferred: [] };
}
