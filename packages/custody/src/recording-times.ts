// When a recording began and ended in true time, which is what retention counts from.
import { type ClockQuality, type CorrectedTime, correctTimes, markAt, markOf } from "./corrected-time.ts";
import { equalBytes } from "./bytes.ts";
import type { JournalEntry } from "./journal-entry.ts";
import type { JournaledRecording } from "./parts-from-journal.ts";

/** `clock` is the worse of the two ends. */
export interface RecordingTimes {
  readonly started: CorrectedTime;
  readonly ended: CorrectedTime;
  readonly clock: ClockQuality;
}

/**
 * Corrected start (pre-record included) and end. `journal` should hold the entries from the last `clock-set`
 * before the recording to the first one after it; null if the recording's start is not among what was collected.
 * @param arrivalMs the server's time when the last of `journal` had arrived
 */
export function correctRecordingTimes(
  journal: readonly JournalEntry[],
  recording: JournaledRecording,
  arrivalMs: number,
): RecordingTimes | null {
  const { started } = recording;
  if (!started) return null;
  const startedMs = started.body.startedMonotonicMs;
  const endedMs = Math.max(startedMs + recording.durationMs, lastWordMs(journal, recording));
  const marks = [markAt(started, startedMs), markAt(started, endedMs), ...journal.map(markOf)];
  const [start, end] = correctTimes(marks, arrivalMs);
  if (!start || !end) return null;
  return { started: start, ended: end, clock: worse(start.clock, end.clock) };
}

/** Media time may leave a pause out; the last entry within the recording does not. Never too early is what counts. */
function lastWordMs(
  journal: readonly JournalEntry[],
  { started, parts, stopped }: JournaledRecording,
): number {
  if (!started) return 0;
  const lastSequence = stopped?.sequence ?? parts.at(-1)?.sequence ?? started.sequence;
  const last = journal.find((entry) => entry.sequence === lastSequence);
  return last && equalBytes(last.boot, started.boot) ? last.monotonicMs : 0;
}

const ORDER: readonly ClockQuality[] = ["dock", "bounded", "unbounded"];

function worse(a: ClockQuality, b: ClockQuality): ClockQuality {
  return ORDER.indexOf(a) > ORDER.indexOf(b) ? a : b;
}
