// A camera's life as intervals, none unexplained, from its accepted journal.
import type { CameraId, ForceId, Intervals, RecordingId } from "@sworn/contract";
import { correctTimes, formatId, markOf, readLife, type CorrectedTime, type Interval } from "@sworn/custody";
import { readCamera } from "../devices/index.ts";
import { withForce } from "../platform/database/database.ts";
import { instantOf } from "./promised-fields.ts";
import { readJournal, type JournalPorts } from "./read-journal.ts";

/** About a fortnight of an ordinary camera; more is asked for in several ranges. */
const MOST_ENTRIES = 40_000;

/** Null: there is no such camera. Without `to` up to the head; without `from` as far back as fits. */
export async function listIntervals(
  ports: JournalPorts,
  place: { readonly forceId: ForceId; readonly camera: CameraId },
  range: { readonly from?: number; readonly to?: number },
): Promise<Intervals | null> {
  const camera = await withForce(ports.database, { forceId: place.forceId, personId: null }, (tx) =>
    readCamera(tx, place.camera),
  );
  if (camera === undefined) return null;
  const head = camera.head_sequence ?? -1;
  const to = Math.min(range.to ?? head, head, (range.from ?? head) + MOST_ENTRIES - 1);
  const from = Math.max(range.from ?? to - MOST_ENTRIES + 1, 0);
  const entries = (await readJournal(ports, place, { from, to })).map(({ entry }) => entry);
  const [first] = entries;
  if (first === undefined) return { intervals: [], problems: [], fromSequence: null, toSequence: null };
  const { intervals, findings } = readLife(entries);
  const arrivalMs = camera.head_accepted_at?.getTime() ?? 0;
  const times = correctTimes(entries.map(markOf), arrivalMs);
  const timeAt = (sequence: number): CorrectedTime | undefined => times[sequence - first.sequence];
  return {
    intervals: intervals.map((interval) => present(interval, timeAt)),
    problems: findings.map(({ sequence, problem }) => ({ sequence, message: problem.message })),
    fromSequence: first.sequence,
    toSequence: entries.at(-1)?.sequence ?? first.sequence,
  };
}

const worst = (a: CorrectedTime | undefined, b: CorrectedTime | undefined): CorrectedTime["clock"] => {
  const clocks = [a?.clock ?? "unbounded", b?.clock ?? "unbounded"];
  return clocks.includes("unbounded") ? "unbounded" : clocks.includes("bounded") ? "bounded" : "dock";
};

function present(
  interval: Interval,
  timeAt: (sequence: number) => CorrectedTime | undefined,
): Intervals["intervals"][number] {
  const from = timeAt(interval.fromSequence);
  const to = timeAt(interval.toSequence);
  return {
    state: interval.state,
    fromSequence: interval.fromSequence,
    toSequence: interval.toSequence,
    from: (from && instantOf(from.atMs)?.toISOString()) ?? null,
    to: (to && instantOf(to.atMs)?.toISOString()) ?? null,
    clock: worst(from, to),
    fromWallMs: interval.fromWallMs,
    toWallMs: interval.toWallMs,
    recording: interval.recording ? (formatId(interval.recording) as RecordingId) : null,
    reason: interval.reason ?? null,
    uncertainEnd: interval.uncertainEnd === true,
  };
}
