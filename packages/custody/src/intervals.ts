// The whole life of a camera as contiguous intervals, none unexplained, read from its journal.
import { equalBytes } from "./bytes.ts";
import { type CameraState, type JournalState, nextState, stateBefore } from "./camera-state.ts";
import type { JournalEntry } from "./journal-entry.ts";
import type { TransitionProblem } from "./transition-problem.ts";

/** The place of an entry in the journal, and both its clocks. */
export interface JournalPoint {
  readonly sequence: number;
  readonly wallMs: number;
  readonly monotonicMs: number;
}

/**
 * From the entry that began a state to the one that ended it, which begins the next interval; for the last, to
 * the journal's last entry. Wall times are the camera's own, right or wrong.
 */
export interface Interval {
  readonly state: CameraState;
  /** The boot in which it began. */
  readonly boot: Uint8Array;
  readonly fromSequence: number;
  readonly toSequence: number;
  readonly fromWallMs: number;
  readonly toWallMs: number;
  readonly fromMonotonicMs: number;
  /** Absent where another boot ended it: the two monotonic clocks have nothing to do with each other. */
  readonly toMonotonicMs?: number;
  /** Of a pause, of the stop before a standby, of being off. */
  readonly reason?: string;
  readonly recording?: Uint8Array;
  /** It ended without a word, somewhere between `lastSeen` and the entry `toSequence`. */
  readonly uncertainEnd?: true;
  /** With `uncertainEnd`: the last entry before it, until when the state is certain. */
  readonly lastSeen?: JournalPoint;
}

/** An entry that may not stand where it stands. */
export interface TransitionFinding {
  readonly sequence: number;
  readonly problem: TransitionProblem;
}

/** The intervals of `entries`, which are verified, of one camera and in order of their sequence. */
export function readIntervals(entries: readonly JournalEntry[]): Interval[] {
  return readLife(entries).intervals;
}

/** The intervals, and every entry that the table of states does not allow. */
export function readLife(entries: readonly JournalEntry[]): {
  intervals: Interval[];
  findings: TransitionFinding[];
} {
  const intervals: Interval[] = [];
  const findings: TransitionFinding[] = [];
  const first = entries[0];
  if (!first) return { intervals, findings };
  let state = stateBefore(first);
  let began: Beginning | null = null;
  let last = first;
  for (const entry of entries) {
    const step = nextState(state, entry);
    if (step.kind === "problem") findings.push({ sequence: entry.sequence, problem: step.problem });
    const cut = began !== null && endsUnseen(began.state, last, entry);
    if (!began || cut || step.state.state !== began.state) {
      if (began) intervals.push(close(began, last, entry, cut));
      began = begin(entry, step.state);
    }
    state = step.state;
    last = entry;
  }
  if (began) intervals.push(close(began, last, last, false));
  return { intervals, findings };
}

interface Beginning {
  readonly entry: JournalEntry;
  readonly state: CameraState;
  readonly reason: string | null;
  readonly recording: Uint8Array | null;
}

function begin(entry: JournalEntry, after: JournalState): Beginning {
  const within = after.state === "recording" || after.state === "muted" || after.state === "paused";
  return {
    entry,
    state: after.state,
    reason: reasonOf(entry),
    recording: within ? (after.open?.recording ?? null) : null,
  };
}

/** True if `state` ended between the two entries without an entry of its own: a cut of power, or entries are missing. */
function endsUnseen(state: CameraState, last: JournalEntry, next: JournalEntry): boolean {
  if (next.sequence !== last.sequence + 1) return true;
  return state !== "off" && !equalBytes(last.boot, next.boot);
}

function reasonOf(entry: JournalEntry): string | null {
  switch (entry.kind) {
    case "paused":
    case "powered-off":
    case "recording-stopped":
    case "recording-sealed":
      return entry.body.reason;
    default:
      return null;
  }
}

function pointOf(entry: JournalEntry): JournalPoint {
  return { sequence: entry.sequence, wallMs: entry.wallMs, monotonicMs: entry.monotonicMs };
}

function close(began: Beginning, last: JournalEntry, end: JournalEntry, cut: boolean): Interval {
  const { entry, state, reason, recording } = began;
  return {
    state,
    boot: entry.boot,
    fromSequence: entry.sequence,
    toSequence: end.sequence,
    fromWallMs: entry.wallMs,
    toWallMs: end.wallMs,
    fromMonotonicMs: entry.monotonicMs,
    ...(equalBytes(entry.boot, end.boot) ? { toMonotonicMs: end.monotonicMs } : {}),
    ...(reason === null ? {} : { reason }),
    ...(recording ? { recording } : {}),
    ...(cut ? { uncertainEnd: true as const, lastSeen: pointOf(last) } : {}),
  };
}
