// Standby: the encoder runs, its fragments fill the pre-record buffer, and a press makes a recording of them.
import type { CameraEffect, StorePart } from "./camera-effect.ts";
import type { EncodedFragment, EncodedInit, InputOf, Position, Trigger } from "./camera-input.ts";
import type { CameraState, RecordingMode, StandbyMode } from "./camera-state.ts";
import { EMPTY_BUFFER, bufferFragment } from "./prerecord-buffer.ts";

const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 60_000;

/** Starts the encoder and says so. */
export function enterStandby(state: CameraState, effects: CameraEffect[]): CameraState {
  const generation = state.lastGeneration + 1;
  effects.push({
    kind: "journal",
    event: { kind: "standby", body: { prerecordMs: state.rules.prerecordMs } },
  });
  effects.push({ kind: "start-encoder", generation });
  const mode: StandbyMode = {
    kind: "standby",
    generation,
    retryAtMs: null,
    failures: 0,
    init: null,
    buffer: EMPTY_BUFFER,
    pressed: null,
  };
  return { ...state, mode, lastGeneration: generation };
}

/** Lets the encoder go; the buffer goes with it. */
export function leaveStandby(mode: StandbyMode, effects: CameraEffect[]): void {
  if (mode.generation !== null) effects.push({ kind: "end-encoder", generation: mode.generation });
}

export function pressInStandby(
  state: CameraState,
  mode: StandbyMode,
  press: { readonly recording: Uint8Array; readonly trigger: Trigger; readonly nowMs: number },
  effects: CameraEffect[],
): CameraState {
  if (state.storageFull) {
    effects.push({ kind: "refused", why: "storage-full" });
    return state;
  }
  const { recording, trigger, nowMs } = press;
  if (!mode.init || mode.generation === null)
    return { ...state, mode: { ...mode, pressed: { recording, trigger } } };
  return begin(state, mode, mode.init, { recording, trigger, nowMs, generation: mode.generation }, effects);
}

function begin(
  state: CameraState,
  standby: StandbyMode,
  init: EncodedInit,
  press: { recording: Uint8Array; trigger: Trigger; nowMs: number; generation: number },
  effects: CameraEffect[],
): CameraState {
  const { recording, trigger, generation } = press;
  const { fragments, endMs } = standby.buffer;
  const baseMs = fragments[0]?.earliestMs ?? endMs;
  const startedMonotonicMs = Math.min(press.nowMs, init.startedMonotonicMs + baseMs);
  const pressedMs = Math.max(0, press.nowMs - startedMonotonicMs);
  const number = state.nextNumber;
  // Sound begins with the next fragment: what was begun before the press stays silent.
  effects.push({ kind: "order-encoder", generation, order: { mute: false } });
  effects.push({
    kind: "begin-recording",
    ...{ recording, number, trigger, startedMonotonicMs, baseMs },
    prerecordMs: state.rules.prerecordMs === 0 ? 0 : pressedMs,
    init: init.bytes,
    codecs: init.codecs,
  });
  let lastStartMs = 0;
  for (const [place, fragment] of fragments.entries()) {
    const startMs = Math.max(lastStartMs, fragment.startMs - baseMs);
    effects.push(
      storePart(
        { recording, baseMs, index: place + 1, startMs, prerecord: true, muted: false },
        fragment,
        [],
      ),
    );
    lastStartMs = startMs;
  }
  const mode: RecordingMode = {
    kind: "recording",
    ...{ recording, number, generation, startedMonotonicMs, baseMs, pressedMs },
    nextIndex: fragments.length + 1,
    lastStartMs,
    endMs: fragments.length === 0 ? 0 : Math.max(lastStartMs, endMs - baseMs),
    capture: "running",
    captureDeadlineMs: null,
    pauseReason: "",
    muted: false,
    wantsMute: false,
    wantsMuteFromMs: 0,
    muteReason: null,
    askedAtMs: null,
    stopping: null,
  };
  return { ...state, mode, nextNumber: number + 1 };
}

/** The effect that stores a fragment at its place on the recording's media time. */
export function storePart(
  place: {
    recording: Uint8Array;
    baseMs: number;
    index: number;
    startMs: number;
    prerecord: boolean;
    muted: boolean;
  },
  fragment: EncodedFragment,
  positions: readonly Position[],
): StorePart {
  const { recording, baseMs, index, startMs, prerecord, muted } = place;
  return {
    kind: "store-part",
    ...{ recording, index, startMs, prerecord, muted },
    bytes: fragment.bytes,
    durationMs: fragment.durationMs,
    positions: positions.map(([atMs, ...where]) => [Math.max(0, atMs - baseMs), ...where]),
  };
}

export function encoderReady(
  state: CameraState,
  mode: StandbyMode,
  input: InputOf<"encoder-init">,
  effects: CameraEffect[],
): CameraState {
  const ready: StandbyMode = { ...mode, init: input.init, buffer: EMPTY_BUFFER, pressed: null };
  if (!mode.pressed || state.storageFull) return { ...state, mode: ready };
  const press = { ...mode.pressed, nowMs: input.nowMs, generation: input.generation };
  return begin(state, ready, input.init, press, effects);
}

export function fragmentInStandby(
  state: CameraState,
  mode: StandbyMode,
  fragment: EncodedFragment,
): CameraState {
  return {
    ...state,
    mode: { ...mode, failures: 0, buffer: bufferFragment(mode.buffer, fragment, state.rules) },
  };
}

/** An encoder that ends in standby is told once and started again, ever later if it keeps failing. */
export function encoderEndedInStandby(
  state: CameraState,
  mode: StandbyMode,
  input: InputOf<"encoder-ended">,
  effects: CameraEffect[],
): CameraState {
  effects.push({ kind: "journal", event: { kind: "fault", body: { code: input.fault ?? "encoder-ended" } } });
  const waitMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(mode.failures, 10));
  const failures = mode.failures + 1;
  return {
    ...state,
    mode: {
      ...mode,
      generation: null,
      init: null,
      buffer: EMPTY_BUFFER,
      failures,
      retryAtMs: input.nowMs + waitMs,
    },
  };
}

export function retryEncoder(
  state: CameraState,
  mode: StandbyMode,
  nowMs: number,
  effects: CameraEffect[],
): CameraState {
  if (mode.retryAtMs === null || nowMs < mode.retryAtMs) return state;
  const generation = state.lastGeneration + 1;
  effects.push({ kind: "start-encoder", generation });
  return { ...state, mode: { ...mode, generation, retryAtMs: null }, lastGeneration: generation };
}
