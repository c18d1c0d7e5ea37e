// The states of a camera and the strict table of what leads from one to another (evidence format §4). No exceptions:
// an entry that may not stand where it stands is a finding, and the state goes on as the camera said.
import { equalBytes, toHex } from "./bytes.ts";
import type { EntryKind } from "./entry-kinds.ts";
import type { EntryOf, JournalEntry } from "./journal-entry.ts";
import { type OpenRecording, type RecordingStep, stepRecording } from "./recording-state.ts";
import type { TransitionProblem } from "./transition-problem.ts";

export type CameraState = "off" | "standby" | "recording" | "muted" | "paused" | "docked";

/** What must be remembered of a journal to judge its next entry. Null: none yet, or not known. */
export interface JournalState {
  readonly state: CameraState;
  readonly sequence: number | null;
  readonly boot: Uint8Array | null;
  readonly monotonicMs: number;
  /** Off by `powered-off`, or never on. */
  readonly clean: boolean;
  readonly dock: Uint8Array | null;
  /** The number of the last recording; null if not known. */
  readonly number: number | null;
  /** The recording that is not sealed yet. */
  readonly open: OpenRecording | null;
}

/** `state` goes on as the camera said, also after a problem, so that one finding does not bring a hundred. */
export type Transition =
  | { readonly kind: "ok"; readonly state: JournalState }
  | { readonly kind: "problem"; readonly problem: TransitionProblem; readonly state: JournalState };

/** Before the first entry of a camera's life. */
export const BEFORE_ENROLMENT: JournalState = {
  state: "off",
  sequence: null,
  boot: null,
  monotonicMs: 0,
  clean: true,
  dock: null,
  number: 0,
  open: null,
};

/** The likeliest state before `entry`, for a journal that is read from there: an extract, or one that was pruned. */
export function stateBefore(entry: JournalEntry): JournalState {
  if (entry.sequence === 0) return BEFORE_ENROLMENT;
  const { boot, monotonicMs } = entry;
  const known = { ...BEFORE_ENROLMENT, sequence: entry.sequence - 1, number: null };
  if (entry.kind === "booted") return { ...known, boot: null, clean: entry.body.clean };
  return { ...known, state: "standby", boot, monotonicMs, clean: false };
}

/** In which states a kind may stand. What belongs to a recording is judged by `stepRecording` beside. */
const STANDS_IN: Readonly<Record<EntryKind, readonly CameraState[]>> = {
  enrolled: ["off"],
  booted: ["off", "standby", "recording", "muted", "paused", "docked"],
  "powered-off": ["standby", "docked"],
  assigned: ["standby", "docked"],
  unassigned: ["standby", "docked"],
  standby: ["standby"],
  "recording-started": ["standby"],
  fragment: ["recording", "muted", "paused", "standby"],
  "people-told": ["recording", "muted", "paused"],
  marker: ["recording", "muted", "paused"],
  muted: ["recording"],
  unmuted: ["muted"],
  paused: ["recording", "muted"],
  resumed: ["paused"],
  "recording-stopped": ["recording", "muted", "paused"],
  recovered: ["standby", "recording", "muted", "paused"],
  "recording-sealed": ["standby", "recording", "muted", "paused"],
  docked: ["standby", "docked"],
  undocked: ["docked"],
  "clock-set": ["standby", "docked"],
  status: ["standby", "recording", "muted", "paused", "docked"],
  button: ["standby", "recording", "muted", "paused", "docked"],
  "storage-full": ["standby", "recording", "muted", "paused", "docked"],
  fault: ["standby", "recording", "muted", "paused", "docked"],
  freed: ["standby", "docked"],
  pruned: ["standby", "docked"],
};

/** The state after `entry`, and the first thing, if any, that may not be so. */
export function nextState(before: JournalState, entry: JournalEntry): Transition {
  const recording = stepRecording(before.open, entry);
  const state: JournalState = {
    state: stateAfter(before, entry, recording),
    sequence: entry.sequence,
    boot: entry.boot,
    monotonicMs: entry.monotonicMs,
    clean: entry.kind === "powered-off" || (entry.kind === "enrolled" && before.sequence === null),
    dock:
      entry.kind === "docked"
        ? entry.body.dock
        : entry.kind === "undocked" || entry.kind === "booted"
          ? null
          : before.dock,
    number: entry.kind === "recording-started" ? entry.body.number : before.number,
    open: recording.open,
  };
  const problem =
    placeProblem(before, entry) ??
    bootProblem(before, entry) ??
    stateProblem(before, entry) ??
    kindProblem(before, entry) ??
    recording.problem;
  return problem ? { kind: "problem", problem, state } : { kind: "ok", state };
}

function stateAfter(before: JournalState, entry: JournalEntry, recording: RecordingStep): CameraState {
  switch (entry.kind) {
    case "enrolled":
    case "powered-off":
      return "off";
    case "booted":
    case "undocked":
    case "standby":
      return "standby";
    case "docked":
      return "docked";
    default:
      break;
  }
  if (recording.open?.phase === "running") {
    if (recording.open.pausedAtMs !== null) return "paused";
    return recording.open.mutedAtMs !== null ? "muted" : "recording";
  }
  // What ended, or wrote an entry although it was off, is on and does not record.
  return before.state === "docked" ? "docked" : "standby";
}

function placeProblem(before: JournalState, entry: JournalEntry): TransitionProblem | null {
  const expected = before.sequence === null ? 0 : before.sequence + 1;
  if (entry.sequence !== expected) {
    return {
      kind: "entries-missing",
      message: `Entry ${String(expected)} should follow, but entry ${String(entry.sequence)} does.`,
    };
  }
  if (before.sequence === null && entry.kind !== "enrolled") {
    return { kind: "before-enrolled", message: "The journal does not begin with the enrolment." };
  }
  if (before.sequence !== null && entry.kind === "enrolled") {
    return { kind: "enrolled-again", message: "The camera says again that it was enrolled." };
  }
  return null;
}

function bootProblem(before: JournalState, entry: JournalEntry): TransitionProblem | null {
  const same = before.boot !== null && equalBytes(before.boot, entry.boot);
  if (entry.kind === "booted") {
    const enrolling = before.sequence === 0;
    if (same && !enrolling)
      return { kind: "boot-repeated", message: "The camera starts again under the boot id of before." };
    if (before.sequence !== null && entry.body.clean !== before.clean && !enrolling) {
      const said = entry.body.clean ? "cleanly, but nothing says so" : "uncleanly, but it was powered off";
      return { kind: "clean-misstated", message: `The camera says that the boot before ended ${said}.` };
    }
    return null;
  }
  if (before.boot !== null && !same) {
    return { kind: "boot-without-booted", message: "The boot id changes without the camera having started." };
  }
  if (same && entry.monotonicMs < before.monotonicMs) {
    return { kind: "clock-backwards", message: "The monotonic clock runs backwards within one boot." };
  }
  return null;
}

function stateProblem(before: JournalState, entry: JournalEntry): TransitionProblem | null {
  if (STANDS_IN[entry.kind].includes(before.state)) return null;
  return {
    kind: "not-in-this-state",
    message: `“${entry.kind}” may not stand here: the camera was ${describeState(before.state)}.`,
  };
}

function kindProblem(before: JournalState, entry: JournalEntry): TransitionProblem | null {
  switch (entry.kind) {
    case "recording-started":
      return startProblem(before, entry);
    case "docked":
    case "powered-off":
    case "clock-set":
      if (before.open) return stillOpen(before.open);
      break;
    default:
      break;
  }
  if (entry.kind === "clock-set" && entry.body.afterMs !== entry.wallMs) {
    return {
      kind: "clock-set-misstated",
      message: "The clock was not at the time to which the entry says it was set.",
    };
  }
  if (
    (entry.kind === "docked" || entry.kind === "undocked") &&
    before.dock &&
    !equalBytes(before.dock, entry.body.dock)
  ) {
    return { kind: "other-dock", message: "The camera was in another dock and had not left it." };
  }
  return null;
}

function startProblem(before: JournalState, entry: EntryOf<"recording-started">): TransitionProblem | null {
  if (before.open) return stillOpen(before.open);
  const { number, startedMonotonicMs } = entry.body;
  if (before.number !== null && number !== before.number + 1) {
    const message = `Recording ${String(before.number + 1)} should follow, but recording ${String(number)} does.`;
    return { kind: "number-out-of-order", message };
  }
  if (startedMonotonicMs > entry.monotonicMs) {
    return {
      kind: "clock-backwards",
      message: "The recording says that it began after the entry of its start.",
    };
  }
  return null;
}

function stillOpen(open: OpenRecording): TransitionProblem {
  return {
    kind: "recording-still-open",
    message: `Recording ${toHex(open.recording)} was not sealed before.`,
  };
}

function describeState(state: CameraState): string {
  return state === "standby" ? "in standby" : state === "recording" ? "recording" : state;
}
