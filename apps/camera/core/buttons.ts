// The buttons of the camera, each press an entry before it means anything.
import type { CameraEffect } from "./camera-effect.ts";
import type { CameraInput, InputOf } from "./camera-input.ts";
import type { CameraState, Mode } from "./camera-state.ts";

type React = (state: CameraState, input: CameraInput, effects: CameraEffect[]) => CameraState;

/** Journals the press, then does what it stands for. A press that means nothing now is journaled all the same. */
export function pressButton(
  state: CameraState,
  input: InputOf<"button">,
  effects: CameraEffect[],
  react: React,
): CameraState {
  const { button, press, nowMs } = input;
  effects.push({ kind: "journal", event: { kind: "button", body: { button, press } } });
  if (button === "record" && press === "long") return askWhy(state, nowMs, effects);
  const meaning = meaningOf(state.mode, input);
  return meaning ? react(state, meaning, effects) : state;
}

function meaningOf(mode: Mode, input: InputOf<"button">): CameraInput | null {
  const { recording, nowMs } = input;
  switch (input.button) {
    case "record":
      return mode.kind === "standby" ? { kind: "start", recording, trigger: "button", nowMs } : null;
    case "power":
      return input.press === "long" ? { kind: "power-off", reason: "wearer", nowMs } : null;
    case "event":
      if (mode.kind !== "recording") return null;
      return input.press === "long" ? { kind: "people-told", nowMs } : { kind: "marker", nowMs };
    case "mute":
      if (mode.kind !== "recording") return null;
      return mode.wantsMute ? { kind: "unmute", nowMs } : { kind: "mute", nowMs };
  }
}

/** Stopping asks why; the camera goes on recording until it is told. */
function askWhy(state: CameraState, nowMs: number, effects: CameraEffect[]): CameraState {
  const { mode } = state;
  if (mode.kind !== "recording" || mode.stopping || mode.askedAtMs !== null) return state;
  effects.push({ kind: "ask-stop-reason", recording: mode.recording, reasons: state.rules.stopReasons });
  return { ...state, mode: { ...mode, askedAtMs: nowMs } };
}
