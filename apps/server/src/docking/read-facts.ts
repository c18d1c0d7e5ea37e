// What new entries of a journal say: the camera's state after them, clocks set, recordings begun and sealed, docks, and
// every entry that may not stand where it stands.
import {
  equalBytes,
  nextState,
  type EntryOf,
  type JournalEntry,
  type TransitionProblem,
} from "@sworn/custody";
import type { AcceptedRecord } from "./check-segment.ts";
import type { JournalMemory } from "./journal-memory.ts";

export interface StartedRecording {
  readonly entry: EntryOf<"recording-started">;
  /** The assignment under which it began; null: none that the camera was told of. */
  readonly assignment: Uint8Array | null;
}

export interface JournalFacts {
  readonly memory: JournalMemory;
  readonly started: readonly StartedRecording[];
  readonly sealed: readonly { readonly entry: EntryOf<"recording-sealed">; readonly hash: Uint8Array }[];
  readonly clockSets: readonly EntryOf<"clock-set">[];
  readonly docked: readonly EntryOf<"docked">[];
  readonly freed: readonly EntryOf<"freed">[];
  readonly problems: readonly { readonly sequence: number; readonly problem: TransitionProblem }[];
  /** Personal details that were committed to, but whose sealed opening did not come along. */
  readonly withoutOpening: readonly number[];
}

export function readFacts(before: JournalMemory, records: readonly AcceptedRecord[]): JournalFacts {
  let { state, assignment } = before;
  const started: StartedRecording[] = [];
  const sealed: { entry: EntryOf<"recording-sealed">; hash: Uint8Array }[] = [];
  const problems: { sequence: number; problem: TransitionProblem }[] = [];
  const withoutOpening: number[] = [];
  for (const { entry, hash, record } of records) {
    const step = nextState(state, entry);
    state = step.state;
    if (step.kind === "problem") problems.push({ sequence: entry.sequence, problem: step.problem });
    if (entry.sealed && record.opening === null) withoutOpening.push(entry.sequence);
    assignment = assignmentAfter(assignment, entry);
    if (entry.kind === "recording-started") started.push({ entry, assignment });
    if (entry.kind === "recording-sealed") sealed.push({ entry, hash });
  }
  const entries = records.map(({ entry }) => entry);
  return {
    memory: { state, assignment },
    started,
    sealed,
    problems,
    withoutOpening,
    clockSets: entries.filter((entry) => entry.kind === "clock-set"),
    docked: entries.filter((entry) => entry.kind === "docked"),
    freed: entries.filter((entry) => entry.kind === "freed"),
  };
}

function assignmentAfter(assignment: Uint8Array | null, entry: JournalEntry): Uint8Array | null {
  if (entry.kind === "assigned") return entry.body.assignment;
  if (entry.kind !== "unassigned" || assignment === null) return assignment;
  return equalBytes(entry.body.assignment, assignment) ? null : assignment;
}
