// What a camera's journal says of one recording: every part, how it ran, how it ended, and whether the seal agrees.
import { equalBytes } from "./bytes.ts";
import type { EntryOf, JournalEntry } from "./journal-entry.ts";
import { type TimedPart, masterIdentity } from "./parts.ts";

/** A part with its place in recording and journal. `index` 0 is the init segment. */
export interface JournaledPart extends TimedPart {
  readonly index: number;
  readonly sequence: number;
  readonly prerecord: boolean;
  readonly muted: boolean;
}

/** On the recording's media time; `toMs` is null if the recording ended within it. */
export interface MediaSpan {
  readonly fromMs: number;
  readonly toMs: number | null;
  readonly reason?: string;
}

/** Parts that the journal does not name: indices, and the media time in which they belong. */
export interface PartHole {
  readonly fromIndex: number;
  readonly toIndex: number;
  readonly fromMs: number;
  readonly toMs: number;
}

export type RecordingProblem =
  | { readonly kind: "not-started" }
  | { readonly kind: "started-twice"; readonly sequence: number }
  | { readonly kind: "entries-missing"; readonly fromSequence: number; readonly toSequence: number }
  | { readonly kind: "parts-missing"; readonly hole: PartHole }
  | { readonly kind: "part-repeated"; readonly index: number; readonly sequence: number }
  | { readonly kind: "part-out-of-order"; readonly index: number; readonly sequence: number }
  | { readonly kind: "entry-after-seal"; readonly sequence: number }
  | { readonly kind: "sealed-twice"; readonly sequence: number }
  | { readonly kind: "seal-start"; readonly said: number; readonly found: number }
  | { readonly kind: "seal-number"; readonly said: number; readonly found: number }
  | { readonly kind: "seal-count"; readonly said: number; readonly found: number }
  | { readonly kind: "seal-identity"; readonly said: Uint8Array; readonly found: Uint8Array };

export interface JournaledRecording {
  readonly recording: Uint8Array;
  readonly started: EntryOf<"recording-started"> | null;
  /** In the order of their index, each index once: the first that the journal names. */
  readonly parts: readonly JournaledPart[];
  readonly seal: EntryOf<"recording-sealed"> | null;
  /** What the wearer gave; null after a cut, a full store and the like, which the seal tells. */
  readonly stopReason: string | null;
  readonly stopped: EntryOf<"recording-stopped"> | null;
  readonly recovered: EntryOf<"recovered"> | null;
  readonly mutes: readonly MediaSpan[];
  readonly pauses: readonly MediaSpan[];
  readonly markersMs: readonly number[];
  /** When those present were first informed; null if never. */
  readonly peopleToldMs: number | null;
  readonly holes: readonly PartHole[];
  /** The end of the last part on media time. */
  readonly durationMs: number;
}

/** `open`: nothing wrong, not sealed yet. `faulty`: every problem found, with what could be collected all the same. */
export type CollectedRecording =
  | { readonly kind: "absent" }
  | { readonly kind: "sealed"; readonly recording: JournaledRecording }
  | { readonly kind: "open"; readonly recording: JournaledRecording }
  | {
      readonly kind: "faulty";
      readonly recording: JournaledRecording;
      readonly problems: readonly RecordingProblem[];
    };

/** Collects `recordingId` from verified entries of its camera, in order of their sequence. */
export async function collectRecording(
  entries: readonly JournalEntry[],
  recordingId: Uint8Array,
): Promise<CollectedRecording> {
  const own = entries.filter((entry) => belongsTo(entry, recordingId));
  if (own.length === 0) return { kind: "absent" };
  const problems: RecordingProblem[] = missingEntries(entries, own);
  const starts = own.filter((entry) => entry.kind === "recording-started");
  const seals = own.filter((entry) => entry.kind === "recording-sealed");
  const [started = null, ...startedAgain] = starts;
  const [seal = null, ...sealedAgain] = seals;
  if (!started) problems.push({ kind: "not-started" });
  for (const { sequence } of startedAgain) problems.push({ kind: "started-twice", sequence });
  for (const { sequence } of sealedAgain) problems.push({ kind: "sealed-twice", sequence });
  if (seal) problems.push(...lateEntries(own, seal));
  const parts = collectParts(started, own, problems);
  const holes = findHoles(parts, seal);
  for (const hole of holes) problems.push({ kind: "parts-missing", hole });
  if (seal) problems.push(...(await sealProblems(seal, started, parts)));
  const recording = describe(recordingId, own, { started, seal, parts, holes });
  if (problems.length > 0) return { kind: "faulty", recording, problems };
  return { kind: seal ? "sealed" : "open", recording };
}

function belongsTo(entry: JournalEntry, recordingId: Uint8Array): boolean {
  // What happened to a recording after its end at a dock is no part of it.
  if (entry.kind === "freed" || !("recording" in entry.body)) return false;
  return equalBytes(entry.body.recording, recordingId);
}

/** Sequences that are absent between the first and the last of the recording's own entries. */
function missingEntries(entries: readonly JournalEntry[], own: readonly JournalEntry[]): RecordingProblem[] {
  const first = own[0]?.sequence ?? 0;
  const last = own.at(-1)?.sequence ?? 0;
  const problems: RecordingProblem[] = [];
  let expected = first;
  for (const { sequence } of entries) {
    if (sequence < expected || sequence > last) continue;
    if (sequence > expected)
      problems.push({ kind: "entries-missing", fromSequence: expected, toSequence: sequence - 1 });
    expected = sequence + 1;
  }
  return problems;
}

function lateEntries(own: readonly JournalEntry[], seal: EntryOf<"recording-sealed">): RecordingProblem[] {
  const late = own.filter((entry) => entry.sequence > seal.sequence && entry.kind !== "recording-sealed");
  return late.map(({ sequence }) => ({ kind: "entry-after-seal", sequence }));
}

function collectParts(
  started: EntryOf<"recording-started"> | null,
  own: readonly JournalEntry[],
  problems: RecordingProblem[],
): JournaledPart[] {
  const byIndex = new Map<number, JournaledPart>();
  if (started) byIndex.set(0, initPart(started));
  let highest = 0;
  for (const entry of own) {
    if (entry.kind !== "fragment") continue;
    const { body, sequence } = entry;
    const { index } = body;
    if (byIndex.has(index)) {
      problems.push({ kind: "part-repeated", index, sequence });
      continue;
    }
    const before = byIndex.get(highest);
    if (index < highest || (before && body.startMs < before.startMs)) {
      problems.push({ kind: "part-out-of-order", index, sequence });
    }
    highest = Math.max(highest, index);
    const { lengthBytes, hash, storedBytes, storedHash, startMs, durationMs, prerecord, muted } = body;
    byIndex.set(index, {
      index,
      sequence,
      lengthBytes,
      hash,
      storedBytes,
      storedHash,
      startMs,
      durationMs,
      prerecord,
      muted,
    });
  }
  return [...byIndex.values()].sort((a, b) => a.index - b.index);
}

function initPart({ sequence, body }: EntryOf<"recording-started">): JournaledPart {
  return { ...body.init, index: 0, sequence, startMs: 0, durationMs: 0, prerecord: false, muted: false };
}

/** Indices that lack between the parts, and behind them if the seal counts more. */
function findHoles(parts: readonly JournaledPart[], seal: EntryOf<"recording-sealed"> | null): PartHole[] {
  const holes: PartHole[] = [];
  let expected = 0;
  let reachedMs = 0;
  for (const { index, startMs, durationMs } of parts) {
    if (index > expected)
      holes.push({ fromIndex: expected, toIndex: index - 1, fromMs: reachedMs, toMs: startMs });
    expected = index + 1;
    reachedMs = startMs + durationMs;
  }
  if (seal && seal.body.parts > expected) {
    const toMs = Math.max(reachedMs, seal.body.durationMs);
    holes.push({ fromIndex: expected, toIndex: seal.body.parts - 1, fromMs: reachedMs, toMs });
  }
  return holes;
}

async function sealProblems(
  seal: EntryOf<"recording-sealed">,
  started: EntryOf<"recording-started"> | null,
  parts: readonly JournaledPart[],
): Promise<RecordingProblem[]> {
  const problems: RecordingProblem[] = [];
  const { body } = seal;
  if (started && body.started !== started.sequence) {
    problems.push({ kind: "seal-start", said: body.started, found: started.sequence });
  }
  if (started && body.number !== started.body.number) {
    problems.push({ kind: "seal-number", said: body.number, found: started.body.number });
  }
  if (body.parts !== parts.length)
    problems.push({ kind: "seal-count", said: body.parts, found: parts.length });
  const found = await masterIdentity(parts);
  if (!equalBytes(body.identity, found)) problems.push({ kind: "seal-identity", said: body.identity, found });
  return problems;
}

type Found = Pick<JournaledRecording, "started" | "seal" | "parts" | "holes">;

function describe(recording: Uint8Array, own: readonly JournalEntry[], found: Found): JournaledRecording {
  const stopped = own.find((entry) => entry.kind === "recording-stopped") ?? null;
  const told = own.find((entry) => entry.kind === "people-told");
  const last = found.parts.at(-1);
  return {
    recording,
    ...found,
    stopped,
    stopReason: stopped ? stopped.body.reason : null,
    recovered: own.find((entry) => entry.kind === "recovered") ?? null,
    mutes: spans(own, "muted", "unmuted"),
    pauses: spans(own, "paused", "resumed"),
    markersMs: own.filter((entry) => entry.kind === "marker").map((entry) => entry.body.atMs),
    peopleToldMs: told ? told.body.atMs : null,
    durationMs: last ? last.startMs + last.durationMs : 0,
  };
}

function spans(
  own: readonly JournalEntry[],
  from: "muted" | "paused",
  to: "unmuted" | "resumed",
): MediaSpan[] {
  const found: MediaSpan[] = [];
  let open: MediaSpan | null = null;
  for (const entry of own) {
    if (entry.kind === from && !open) {
      open = {
        fromMs: entry.body.atMs,
        toMs: null,
        ...("reason" in entry.body ? { reason: entry.body.reason } : {}),
      };
    } else if (entry.kind === to && open) {
      found.push({ ...open, toMs: entry.body.atMs });
      open = null;
    }
  }
  return open ? [...found, open] : found;
}
