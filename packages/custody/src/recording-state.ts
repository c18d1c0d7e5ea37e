// One recording's part of the camera's state: fragments in order, mute and pause, its end, its seal.
import { equalBytes, toHex } from "./bytes.ts";
import type { EntryOf, JournalEntry } from "./journal-entry.ts";
import type { TransitionProblem, TransitionProblemKind } from "./transition-problem.ts";

/** A recording that began and is not sealed yet. Times `…AtMs` are on its media time. */
export interface OpenRecording {
  readonly recording: Uint8Array;
  readonly number: number;
  /** The sequence of `recording-started`. */
  readonly started: number;
  /** Index of the last part; the init segment is 0. */
  readonly lastIndex: number;
  readonly lastStartMs: number;
  readonly mutedAtMs: number | null;
  readonly pausedAtMs: number | null;
  /** `interrupted`: the boot ended in the midst of it, and it is not yet recovered. */
  readonly phase: "running" | "interrupted" | "ended";
  readonly stoppedAtMs: number | null;
  readonly recovered: boolean;
  /** What was journaled meanwhile that ends a recording without a press. */
  readonly storageFull: boolean;
  readonly faulty: boolean;
}

export interface RecordingStep {
  readonly open: OpenRecording | null;
  readonly problem: TransitionProblem | null;
}

/** What an entry does to the open recording, and what about it may not be so. */
export function stepRecording(open: OpenRecording | null, entry: JournalEntry): RecordingStep {
  switch (entry.kind) {
    case "recording-started":
      return { open: openRecording(entry), problem: null };
    case "booted":
      return fine(
        open?.phase === "running"
          ? { ...open, phase: "interrupted", mutedAtMs: null, pausedAtMs: null }
          : open,
      );
    case "storage-full":
      return fine(open && { ...open, storageFull: true });
    case "fault":
      return fine(open && { ...open, faulty: true });
    case "fragment":
    case "people-told":
    case "marker":
    case "muted":
    case "unmuted":
    case "paused":
    case "resumed":
    case "recording-stopped":
    case "recovered":
    case "recording-sealed":
      return stepWithin(open, entry);
    default:
      return fine(open);
  }
}

type Within = EntryOf<
  | "fragment"
  | "people-told"
  | "marker"
  | "muted"
  | "unmuted"
  | "paused"
  | "resumed"
  | "recording-stopped"
  | "recovered"
  | "recording-sealed"
>;

function stepWithin(open: OpenRecording | null, entry: Within): RecordingStep {
  if (!open)
    return { open, problem: problem("no-open-recording", "No recording is open that this could belong to.") };
  if (!equalBytes(open.recording, entry.body.recording)) {
    const message = `This belongs to recording ${toHex(entry.body.recording)}, but ${toHex(open.recording)} is open.`;
    return { open, problem: problem("other-recording", message) };
  }
  switch (entry.kind) {
    case "fragment":
      return stepFragment(open, entry.body);
    case "muted":
      return fine({ ...open, mutedAtMs: entry.body.atMs });
    case "unmuted":
      return fine({ ...open, mutedAtMs: null });
    case "paused":
      return fine({ ...open, pausedAtMs: entry.body.atMs });
    case "resumed":
      return fine({ ...open, pausedAtMs: null });
    case "recording-stopped":
      return fine({ ...open, phase: "ended", stoppedAtMs: entry.body.atMs });
    case "recovered":
      return fine({ ...open, phase: "ended", recovered: true });
    case "recording-sealed":
      return { open: null, problem: sealProblem(open, entry.body) };
    default:
      return fine(open);
  }
}

function openRecording(entry: EntryOf<"recording-started">): OpenRecording {
  return {
    recording: entry.body.recording,
    number: entry.body.number,
    started: entry.sequence,
    lastIndex: 0,
    lastStartMs: 0,
    mutedAtMs: null,
    pausedAtMs: null,
    phase: "running",
    stoppedAtMs: null,
    recovered: false,
    storageFull: false,
    faulty: false,
  };
}

function fine(open: OpenRecording | null): RecordingStep {
  return { open, problem: null };
}

function problem(kind: TransitionProblemKind, message: string): TransitionProblem {
  return { kind, message };
}

function stepFragment(open: OpenRecording, body: EntryOf<"fragment">["body"]): RecordingStep {
  const after = { ...open, lastIndex: body.index, lastStartMs: body.startMs };
  return { open: after, problem: fragmentProblem(open, body) };
}

function fragmentProblem(open: OpenRecording, body: EntryOf<"fragment">["body"]): TransitionProblem | null {
  const expected = open.lastIndex + 1;
  if (body.index !== expected) {
    return problem(
      "fragment-out-of-order",
      `Fragment ${String(expected)} should follow, but fragment ${String(body.index)} does.`,
    );
  }
  if (body.startMs < open.lastStartMs) {
    return problem(
      "fragment-out-of-order",
      `Fragment ${String(body.index)} begins before the one before it.`,
    );
  }
  // The encoder still hands out what it had in hand when recording ended or paused, but nothing filmed after that.
  const endedAtMs = open.phase === "running" ? open.pausedAtMs : (open.stoppedAtMs ?? -1);
  if (endedAtMs !== null && body.startMs >= endedAtMs) {
    return problem(
      "not-in-this-state",
      `Fragment ${String(body.index)} was filmed while the camera was not recording.`,
    );
  }
  const muted = open.mutedAtMs !== null && body.startMs >= open.mutedAtMs;
  return muted && !body.muted && !body.prerecord
    ? problem(
        "sound-while-muted",
        `Fragment ${String(body.index)} has sound from a time at which the camera was muted.`,
      )
    : null;
}

function sealProblem(
  open: OpenRecording,
  body: EntryOf<"recording-sealed">["body"],
): TransitionProblem | null {
  const misstated = (message: string): TransitionProblem => problem("seal-misstated", message);
  if (body.started !== open.started)
    return misstated(
      `The seal names entry ${String(body.started)} as the start; it was ${String(open.started)}.`,
    );
  if (body.number !== open.number)
    return misstated(`The seal is for recording ${String(body.number)}; this is ${String(open.number)}.`);
  if (body.parts !== open.lastIndex + 1)
    return misstated(`The seal counts ${String(body.parts)} parts; there are ${String(open.lastIndex + 1)}.`);
  return endGiven(open, body.reason)
    ? null
    : problem(
        "seal-without-end",
        `The seal gives “${body.reason}” as its reason, but nothing before it says so.`,
      );
}

/** Each reason of a seal follows from an entry; an empty battery may leave no time for one. */
function endGiven(open: OpenRecording, reason: EntryOf<"recording-sealed">["body"]["reason"]): boolean {
  switch (reason) {
    case "stopped":
      return open.stoppedAtMs !== null;
    case "power-loss":
      return open.recovered;
    case "storage-full":
      return open.storageFull;
    case "fault":
      return open.faulty;
    case "battery-empty":
      return open.phase !== "interrupted";
  }
}
