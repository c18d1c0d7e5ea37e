// The row of a recording as its camera's journal promises it. A journal is signed, but a signature is no reason to
// trust a number: what the database cannot hold becomes unknown, never an error.
import {
  encodeCbor,
  markAt,
  partToRow,
  totalBytes,
  type JournalEntry,
  type JournaledRecording,
  type RecordingTimes,
} from "@sworn/custody";
import type { PromisedFields } from "./recordings-store.ts";

export type DescribedFields = Omit<PromisedFields, "borough_id" | "team_id" | "officer_id" | "assignment_id">;

/** Instants beyond the year 9999 come from broken clocks, and have no form in RFC 3339. */
const LAST_INSTANT_MS = 253_402_300_799_999;
/** As many as a manifest can name (evidence format §7). */
const MOST_PARTS = 65_536;

/** Null outside the years 1970 to 9999. */
export function instantOf(ms: number): Date | null {
  return Number.isFinite(ms) && ms >= 0 && ms <= LAST_INSTANT_MS ? new Date(ms) : null;
}

const safe = (value: number): number | null => (Number.isSafeInteger(value) ? value : null);

export function promisedFields(
  recording: JournaledRecording,
  journal: readonly JournalEntry[],
  known: {
    readonly times: RecordingTimes | null;
    /** SHA-256 of the `recording-sealed` entry. */
    readonly sealHash: Uint8Array | null;
    readonly arrivalMs: number;
  },
): DescribedFields {
  const { started, seal, parts, durationMs } = recording;
  const { lengthBytes, storedBytes } = totalBytes(parts);
  const isCountable = parts.length <= MOST_PARTS && safe(lengthBytes) !== null && safe(storedBytes) !== null;
  const isSealed = seal !== null && known.sealHash !== null && isCountable;
  return {
    identity: isSealed ? seal.body.identity : null,
    camera_start_ms: started ? safe(markAt(started, started.body.startedMonotonicMs).wallMs) : null,
    camera_end_ms: endByCamera(recording, journal),
    ...correctedFields(known.times, known.arrivalMs),
    duration_ms: safe(durationMs),
    first_sequence: started?.sequence ?? null,
    last_sequence: seal?.sequence ?? null,
    seal_hash: isSealed ? known.sealHash : null,
    seal_reason: isSealed ? seal.body.reason : null,
    part_count: isSealed ? parts.length : null,
    length_bytes: isSealed ? lengthBytes : null,
    stored_bytes: isSealed ? storedBytes : null,
    parts: isSealed ? encodeCbor(parts.map(partToRow)) : null,
    envelope_hash: started?.body.envelope ?? null,
  };
}

/** By the camera's own clock: when it was stopped, else when its last part was entered. */
function endByCamera(recording: JournaledRecording, journal: readonly JournalEntry[]): number | null {
  const { started, stopped, parts } = recording;
  const sequence = stopped?.sequence ?? parts.at(-1)?.sequence ?? started?.sequence;
  return journal.find((entry) => entry.sequence === sequence)?.wallMs ?? null;
}

type Corrected = Pick<DescribedFields, "recorded_start_at" | "recorded_end_at" | "clock">;

/** A time that no calendar holds is as good as none: then the arrival stands for it, and a person decides. */
function correctedFields(times: RecordingTimes | null, arrivalMs: number): Corrected {
  const start = times && instantOf(times.started.atMs);
  const end = times && instantOf(times.ended.atMs);
  if (times && start && end) return { recorded_start_at: start, recorded_end_at: end, clock: times.clock };
  const arrival = new Date(arrivalMs);
  return { recorded_start_at: arrival, recorded_end_at: arrival, clock: "unbounded" };
}
