// The camera's state machine: pure, total, and the only place that decides what is journaled and when.
// Guarantees: at most one recording at a time; its parts are numbered without a gap; no fragment is stored
// between `paused` and `resumed`; every recording that began is sealed, and every order is followed or refused.
import type { CameraEffect } from "./camera-effect.ts";
import { refuse } from "./refuse.ts";
import type { CameraInput, InputOf, Levels } from "./camera-input.ts";
import type { CameraState, Mode, RecordingMode } from "./camera-state.ts";
import { pressButton } from "./buttons.ts";
import { leaveDock, onDock, onLevels, onStoreFailed, onTick, setClock, stopFirst } from "./device.ts";
import { powerOn } from "./power.ts";
import {
  beginStop,
  encoderChanged,
  finishRecording,
  fragmentInRecording,
  mediaNow,
  ownStop,
  pause,
  resume,
  setMute,
  tell,
} from "./recording.ts";
import {
  encoderEndedInStandby,
  encoderReady,
  enterStandby,
  fragmentInStandby,
  pressInStandby,
} from "./standby.ts";

export interface Step {
  readonly state: CameraState;
  readonly effects: readonly CameraEffect[];
}

/** What the camera does on `input`. */
export function step(state: CameraState, input: CameraInput): Step {
  const effects: CameraEffect[] = [];
  const reported = reportStatus(state, input, effects);
  let next = react(reported, input, effects);
  const sealed = reported.mode.kind === "recording" && next.mode.kind === "awake";
  if (sealed) next = afterwards(next, input.nowMs, effects);
  return { state: next, effects };
}

/** Once a recording is sealed: what waited for it, else standby. */
function afterwards(state: CameraState, nowMs: number, effects: CameraEffect[]): CameraState {
  const { deferred } = state;
  if (deferred.length === 0) return enterStandby(state, effects);
  let next: CameraState = { ...state, deferred: [] };
  for (const input of deferred) next = react(next, { ...input, nowMs }, effects);
  return next;
}

/** Bounds an unclean end: while on, the journal hears from the camera at least this often. */
function reportStatus(state: CameraState, input: CameraInput, effects: CameraEffect[]): CameraState {
  const levels: Levels | null = input.kind === "levels" ? input.levels : state.levels;
  const current: CameraState = levels === state.levels ? state : { ...state, levels };
  if (state.mode.kind === "off" || input.kind === "power-off" || !levels) return current;
  const due = state.statusAtMs === null || input.nowMs - state.statusAtMs >= state.rules.statusEveryMs;
  if (!due) return current;
  effects.push({ kind: "journal", event: { kind: "status", body: { ...levels } } });
  return { ...current, statusAtMs: input.nowMs };
}

function react(state: CameraState, input: CameraInput, effects: CameraEffect[]): CameraState {
  if (input.kind === "power-on") return powerOn(state, input, effects);
  if (state.mode.kind === "off") return inOff(state, input, effects);
  switch (input.kind) {
    case "button":
      return pressButton(state, input, effects, react);
    case "fault":
      effects.push({ kind: "journal", event: { kind: "fault", body: { code: input.code } } });
      return state;
    case "assign":
    case "unassign":
    case "free":
    case "prune":
      return betweenRecordings(state, input, effects);
    case "levels":
      return onLevels(state, input, effects);
    case "tick":
      return onTick(state, state.mode, input.nowMs, effects);
    case "power-off":
    case "docked":
    case "connected":
      return state.mode.kind === "recording"
        ? stopFirst(state, state.mode, input, effects)
        : onDock(state, input, effects);
    case "set-clock":
      return setClock(state, input, effects);
    case "undocked":
      return leaveDock(state, input, effects);
    case "standby":
      if (state.mode.kind === "docked") return refuse(state, "docked", effects);
      return state.mode.kind === "awake"
        ? enterStandby(state, effects)
        : refuse(state, "already-so", effects);
    default:
      return state.mode.kind === "recording"
        ? inRecording(state, state.mode, input, effects)
        : inReadiness(state, state.mode, input, effects);
  }
}

type QuietInput = InputOf<"assign" | "unassign" | "free" | "prune">;

/** What has no place in the middle of a recording. */
function betweenRecordings(state: CameraState, input: QuietInput, effects: CameraEffect[]): CameraState {
  if (state.mode.kind === "recording") return refuse(state, "already-recording", effects);
  switch (input.kind) {
    case "assign": {
      const { assignment, details } = input;
      effects.push({ kind: "journal", event: { kind: "assigned", body: { assignment } }, details });
      break;
    }
    case "unassign":
      effects.push({
        kind: "journal",
        event: { kind: "unassigned", body: { assignment: input.assignment } },
      });
      break;
    case "free": {
      const { recording, receipt, verdict } = input;
      effects.push({ kind: "journal", event: { kind: "freed", body: { recording, receipt, verdict } } });
      effects.push({ kind: "remove-media", recording });
      break;
    }
    case "prune": {
      const { through, head } = input;
      effects.push({ kind: "journal", event: { kind: "pruned", body: { through, head } } });
      break;
    }
  }
  return state;
}

function inOff(state: CameraState, input: CameraInput, effects: CameraEffect[]): CameraState {
  switch (input.kind) {
    case "tick":
    case "levels":
    case "fragment":
    case "encoder-init":
    case "encoder-changed":
    case "encoder-ended":
    case "fault":
    case "store-failed":
      return state;
    default:
      return refuse(state, "off", effects);
  }
}

type WorkInput = Exclude<
  CameraInput,
  InputOf<
    | "power-on"
    | "button"
    | "assign"
    | "unassign"
    | "fault"
    | "free"
    | "prune"
    | "levels"
    | "tick"
    | "power-off"
    | "docked"
    | "connected"
    | "set-clock"
    | "undocked"
    | "standby"
  >
>;

/** Standby, awake or docked. */
function inReadiness(
  state: CameraState,
  mode: Exclude<Mode, RecordingMode>,
  input: WorkInput,
  effects: CameraEffect[],
): CameraState {
  const running =
    mode.kind === "standby" && "generation" in input && input.generation === mode.generation ? mode : null;
  switch (input.kind) {
    case "encoder-init":
      return running ? encoderReady(state, running, input, effects) : state;
    case "fragment":
      return running ? fragmentInStandby(state, running, input.fragment) : state;
    case "encoder-ended":
      return running ? encoderEndedInStandby(state, running, input, effects) : state;
    case "encoder-changed":
    case "store-failed":
      return state;
    case "start":
      if (mode.kind !== "standby") return refuse(state, mode.kind === "docked" ? "docked" : "off", effects);
      return mode.pressed
        ? refuse(state, "already-recording", effects)
        : pressInStandby(state, mode, input, effects);
    case "stop":
      // A press that waits for the encoder can still be taken back.
      if (mode.kind === "standby" && mode.pressed) return { ...state, mode: { ...mode, pressed: null } };
      return refuse(state, "not-recording", effects);
    default:
      return refuse(state, "not-recording", effects);
  }
}

function inRecording(
  state: CameraState,
  mode: RecordingMode,
  input: WorkInput,
  effects: CameraEffect[],
): CameraState {
  if ("generation" in input && input.generation !== mode.generation) return state;
  const atMs = mediaNow(mode, input.nowMs);
  switch (input.kind) {
    case "fragment":
      return fragmentInRecording(state, mode, input, effects);
    case "encoder-changed":
      return encoderChanged(state, mode, input, effects);
    case "encoder-init":
      return state;
    case "encoder-ended": {
      if (input.fault !== null || !mode.stopping) {
        effects.push({
          kind: "journal",
          event: { kind: "fault", body: { code: input.fault ?? "encoder-ended" } },
        });
      }
      return finishRecording(state, mode, { ...ownStop("fault"), atMs }, effects);
    }
    case "store-failed":
      return onStoreFailed(state, mode, input, effects);
    case "start":
      return refuse(state, "already-recording", effects);
    default:
      return mode.stopping
        ? refuse(state, "stopping", effects)
        : orderInRecording(state, mode, input, atMs, effects);
  }
}

type OrderInput = InputOf<"stop" | "people-told" | "marker" | "mute" | "unmute" | "pause" | "resume">;

function orderInRecording(
  state: CameraState,
  mode: RecordingMode,
  input: OrderInput,
  atMs: number,
  effects: CameraEffect[],
): CameraState {
  const { recording } = mode;
  switch (input.kind) {
    case "stop": {
      if (!state.rules.stopReasons.includes(input.reason)) return refuse(state, "unknown-reason", effects);
      const { reason, note } = input;
      return beginStop(
        state,
        mode,
        { reason, ...(note === undefined ? null : { note }), seal: "stopped" },
        input.nowMs,
        effects,
      );
    }
    case "people-told":
      tell(effects, mode, { kind: "people-told", body: { recording, atMs } });
      return state;
    case "marker":
      tell(effects, mode, { kind: "marker", body: { recording, atMs } }, { note: input.note });
      return state;
    case "mute":
      return setMute(state, mode, { ...input, mute: true }, effects);
    case "unmute":
      return setMute(state, mode, { mute: false, nowMs: input.nowMs }, effects);
    case "pause":
      return pause(state, mode, input, effects);
    case "resume":
      return resume(state, mode, effects);
  }
}
