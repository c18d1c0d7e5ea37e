// While recording: fragments are stored, and mute, pause and stop take effect when the encoder says so,
// so that what the journal says of a fragment is true of every frame in it.
import type { Details, JournalEvent } from "@sworn/custody";
import type { CameraEffect, SealReason } from "./camera-effect.ts";
import type { InputOf } from "./camera-input.ts";
import type { CameraState, RecordingMode } from "./camera-state.ts";
import type { OwnStopReason } from "./camera-rules.ts";
import { storePart } from "./standby.ts";

/** An order reaches the encoder within this time, or a fragment later. */
const ORDER_DELAY_MS = 1_000;

/** Now, on the recording's media time. */
export function mediaNow(mode: RecordingMode, nowMs: number): number {
  return Math.max(0, nowMs - mode.startedMonotonicMs);
}

/** An entry about the recording in hand; its personal details are sealed under the recording's key. */
export function tell(
  effects: CameraEffect[],
  mode: RecordingMode,
  event: JournalEvent,
  details: Readonly<Record<string, string | null | undefined>> = {},
): void {
  const present = Object.entries(details).filter(
    (pair): pair is [string, string] => typeof pair[1] === "string",
  );
  const sealed: { details: Details; within: Uint8Array } | null =
    present.length === 0 ? null : { details: Object.fromEntries(present), within: mode.recording };
  effects.push({ kind: "journal", event, ...sealed });
}

function withMode(state: CameraState, mode: RecordingMode, change: Partial<RecordingMode>): CameraState {
  return { ...state, mode: { ...mode, ...change } };
}

/** Stores a fragment, unless it was filmed while paused. */
export function fragmentInRecording(
  state: CameraState,
  mode: RecordingMode,
  input: InputOf<"fragment">,
  effects: CameraEffect[],
): CameraState {
  if (mode.capture === "paused") return state;
  let running = mode;
  if (mode.capture === "opening") {
    // The encoder films only after it resumed: a fragment says so as well as its word does.
    if (mode.stopping) return state;
    running = resumed(mode, Math.max(0, input.fragment.startMs - mode.baseMs), effects);
  }
  // An encoder whose time ran backwards would not be followed.
  const startMs = Math.max(running.lastStartMs, input.fragment.startMs - running.baseMs);
  running = impliedMute(running, startMs, effects);
  const prerecord = startMs < running.pressedMs;
  const { recording, baseMs, nextIndex: index, muted } = running;
  const place = { recording, baseMs, index, startMs, prerecord, muted };
  effects.push(storePart(place, input.fragment, input.positions ?? []));
  const endMs = Math.max(running.endMs, startMs + input.fragment.durationMs);
  return withMode(state, running, { nextIndex: index + 1, lastStartMs: startMs, endMs });
}

/** An encoder that was silent already has nothing to say when it is muted, but the next fragment is what was asked for. */
function impliedMute(mode: RecordingMode, startMs: number, effects: CameraEffect[]): RecordingMode {
  if (mode.wantsMute === mode.muted || startMs < mode.wantsMuteFromMs + ORDER_DELAY_MS) return mode;
  return mode.wantsMute ? muted(mode, startMs, effects) : unmuted(mode, startMs, effects);
}

function muted(mode: RecordingMode, atMs: number, effects: CameraEffect[]): RecordingMode {
  const { recording } = mode;
  tell(effects, mode, { kind: "muted", body: { recording, atMs } }, { reason: mode.muteReason });
  return { ...mode, muted: true };
}

function unmuted(mode: RecordingMode, atMs: number, effects: CameraEffect[]): RecordingMode {
  tell(effects, mode, { kind: "unmuted", body: { recording: mode.recording, atMs } });
  return { ...mode, muted: false };
}

function resumed(mode: RecordingMode, atMs: number, effects: CameraEffect[]): RecordingMode {
  tell(effects, mode, { kind: "resumed", body: { recording: mode.recording, atMs } });
  return { ...mode, capture: "running" };
}

function paused(mode: RecordingMode, atMs: number, effects: CameraEffect[]): RecordingMode {
  tell(effects, mode, {
    kind: "paused",
    body: { recording: mode.recording, atMs, reason: mode.pauseReason },
  });
  return { ...mode, capture: "paused", captureDeadlineMs: null };
}

/** The encoder says that an order has taken effect, between two fragments. */
export function encoderChanged(
  state: CameraState,
  mode: RecordingMode,
  input: InputOf<"encoder-changed">,
  effects: CameraEffect[],
): CameraState {
  if (mode.stopping) return state;
  const atMs = Math.max(0, input.atMs - mode.baseMs);
  switch (input.change) {
    case "muted":
    case "unmuted": {
      if (mode.capture === "paused" || mode.muted === (input.change === "muted")) return state;
      const running = mode.capture === "opening" ? resumed(mode, atMs, effects) : mode;
      return {
        ...state,
        mode: input.change === "muted" ? muted(running, atMs, effects) : unmuted(running, atMs, effects),
      };
    }
    case "paused":
      return mode.capture === "closing" ? { ...state, mode: paused(mode, atMs, effects) } : state;
    case "resumed":
      return mode.capture === "opening" ? { ...state, mode: resumed(mode, atMs, effects) } : state;
  }
}

export function setMute(
  state: CameraState,
  mode: RecordingMode,
  want: { readonly mute: boolean; readonly reason?: string; readonly nowMs: number },
  effects: CameraEffect[],
): CameraState {
  if (mode.wantsMute === want.mute) {
    effects.push({ kind: "refused", why: "already-so" });
    return state;
  }
  effects.push({ kind: "order-encoder", generation: mode.generation, order: { mute: want.mute } });
  const wantsMuteFromMs = mediaNow(mode, want.nowMs);
  return withMode(state, mode, { wantsMute: want.mute, wantsMuteFromMs, muteReason: want.reason ?? null });
}

export function pause(
  state: CameraState,
  mode: RecordingMode,
  input: InputOf<"pause">,
  effects: CameraEffect[],
): CameraState {
  const known = state.rules.pauseReasons.includes(input.reason);
  if (!known || mode.capture !== "running") {
    effects.push({ kind: "refused", why: known ? "already-so" : "unknown-reason" });
    return state;
  }
  effects.push({ kind: "order-encoder", generation: mode.generation, order: { pause: true } });
  const captureDeadlineMs = input.nowMs + state.rules.encoderWaitMs;
  return withMode(state, mode, { capture: "closing", captureDeadlineMs, pauseReason: input.reason });
}

export function resume(state: CameraState, mode: RecordingMode, effects: CameraEffect[]): CameraState {
  if (mode.capture !== "paused") {
    effects.push({ kind: "refused", why: "already-so" });
    return state;
  }
  effects.push({ kind: "order-encoder", generation: mode.generation, order: { pause: false } });
  return withMode(state, mode, { capture: "opening" });
}

export interface StopCause {
  readonly reason: string;
  readonly note?: string;
  readonly seal: SealReason;
}

/** Asks the encoder for its last fragment; `finishRecording` follows when it ends. */
export function beginStop(
  state: CameraState,
  mode: RecordingMode,
  cause: StopCause,
  nowMs: number,
  effects: CameraEffect[],
): CameraState {
  if (mode.stopping) return state;
  effects.push({ kind: "order-encoder", generation: mode.generation, order: { stop: true } });
  const stopping = {
    atMs: mediaNow(mode, nowMs),
    reason: cause.reason,
    note: cause.note ?? null,
    seal: cause.seal,
    deadlineMs: nowMs + state.rules.encoderWaitMs,
  };
  return withMode(state, mode, { stopping, askedAtMs: null });
}

/** A stop that the camera decides on itself. */
export function ownStop(reason: OwnStopReason): StopCause {
  const seal =
    reason === "storage-full" || reason === "battery-empty" || reason === "fault" ? reason : "stopped";
  return { reason, seal };
}

/** Journals why it stopped and the seal. The encoder has ended or is given up. */
export function finishRecording(
  state: CameraState,
  mode: RecordingMode,
  fallback: StopCause & { readonly atMs: number },
  effects: CameraEffect[],
): CameraState {
  const { recording, number } = mode;
  const stop = mode.stopping ?? { ...fallback, note: fallback.note ?? null };
  const body = { recording, atMs: stop.atMs, reason: stop.reason };
  tell(effects, mode, { kind: "recording-stopped", body }, { note: stop.note });
  effects.push({
    kind: "seal-recording",
    ...{ recording, number, parts: mode.nextIndex, durationMs: mode.endMs, reason: stop.seal },
  });
  return { ...state, mode: { kind: "awake" } };
}

/** What time alone does to a recording. */
export function tickInRecording(
  state: CameraState,
  mode: RecordingMode,
  nowMs: number,
  effects: CameraEffect[],
): CameraState {
  if (
    mode.stopping === null &&
    mode.askedAtMs !== null &&
    nowMs - mode.askedAtMs >= state.rules.askReasonMs
  ) {
    return beginStop(state, mode, ownStop("unstated"), nowMs, effects);
  }
  if (mode.capture === "closing" && mode.captureDeadlineMs !== null && nowMs >= mode.captureDeadlineMs) {
    return { ...state, mode: paused(mode, mode.endMs, effects) };
  }
  return state;
}
