// A run over one force: warn, finish what an earlier run began, destroy what is due. It walks one index in pages, holds
// no lock between two recordings, and may be stopped, killed or started twice at any moment.
import type { ForceId, RecordingId, RetentionRun } from "@sworn/contract";
import { LedgerFault } from "../ledger/index.ts";
import { withForce } from "../platform/database/database.ts";
import { listRules } from "./classes-store.ts";
import { destroyRecording } from "./destroy-recording.ts";
import type { RetentionPorts } from "./ports.ts";
import { seedRetention } from "./seed-retention.ts";
import { dayMs } from "./settings.ts";
import { listUnfinished } from "./store.ts";
import { placeAfter, walkFree, type Walk, type WalkPlace } from "./walk-store.ts";
import { warnUnclassified } from "./warn-unclassified.ts";

const pageSize = 500;
/** At the same time: they wait for one checkpoint together, and leave database connections to others. */
const atOnce = 8;
/** So many recordings that fail say that something common is broken; the next run tries again. */
const failuresMaximum = 50;
const listedMaximum = 1_000;

interface Progress {
  warned: number;
  destroyed: number;
  cancelled: number;
  failed: number;
  readonly recordings: RecordingId[];
}

/** @throws LedgerFault when the ledger takes no entries: nothing may then be destroyed */
export async function runRetention(
  ports: RetentionPorts,
  forceId: ForceId,
  signal?: AbortSignal,
): Promise<RetentionRun> {
  const actor = { forceId, personId: null };
  const progress: Progress = { warned: 0, destroyed: 0, cancelled: 0, failed: 0, recordings: [] };
  await withForce(ports.database, actor, (tx) => seedRetention(tx, forceId, ports.clock.nowMs()));
  // A ledger that takes nothing (its database was restored, its disk is gone) stops the run before its first order.
  const begun = await withForce(ports.database, actor, (tx) =>
    ports.ledger.stage(tx, { event: "retention-run-begun", actor: { system: "retention" }, data: {} }),
  );
  await ports.ledger.covered(forceId, begun);
  progress.warned = await warnUnclassified(ports, forceId, signal);
  await finishUnfinished(ports, forceId, progress, signal);
  for (const walk of await dueWalks(ports, forceId)) {
    let after: WalkPlace | undefined;
    do {
      const from = after;
      const { page, free } = await withForce(ports.database, actor, (tx) =>
        walkFree(tx, walk, pageSize, from),
      );
      await destroyAll(ports, forceId, free, progress, signal);
      after = placeAfter(page, pageSize);
    } while (after !== undefined && progress.failed < failuresMaximum);
  }
  return progress;
}

async function finishUnfinished(
  ports: RetentionPorts,
  forceId: ForceId,
  progress: Progress,
  signal: AbortSignal | undefined,
): Promise<void> {
  let after: { id: RecordingId; at: Date } | undefined;
  do {
    const from = after;
    const page = await withForce(ports.database, { forceId, personId: null }, (tx) =>
      listUnfinished(tx, pageSize, from),
    );
    await destroyAll(
      ports,
      forceId,
      page.map(({ id }) => id),
      progress,
      signal,
    );
    after = page.length < pageSize ? undefined : page.at(-1);
  } while (after !== undefined && progress.failed < failuresMaximum);
}

async function dueWalks(ports: RetentionPorts, forceId: ForceId): Promise<Walk[]> {
  const { settings } = ports;
  const nowMs = ports.clock.nowMs();
  const rules = await withForce(ports.database, { forceId, personId: null }, listRules);
  return rules.flatMap((rule) => {
    if (rule.period_days === null) return [];
    const walk = {
      receivedFrom: rule.received_from,
      receivedUntil: rule.received_until,
      endedBy: new Date(nowMs - rule.period_days * dayMs),
      receivedBy: new Date(nowMs - settings.arrivalDays * dayMs),
      warned: new Date(nowMs - settings.warningDays * dayMs),
    };
    const ofClass = { ...walk, class: rule.class };
    return rule.class === settings.defaultClass ? [ofClass, { ...walk, class: null }] : [ofClass];
  });
}

async function destroyAll(
  ports: RetentionPorts,
  forceId: ForceId,
  ids: readonly RecordingId[],
  progress: Progress,
  signal: AbortSignal | undefined,
): Promise<void> {
  const queue = ids.values();
  const work = async (): Promise<void> => {
    for (const id of queue) {
      signal?.throwIfAborted();
      if (progress.failed >= failuresMaximum) return;
      await destroyOne(ports, forceId, id, progress);
    }
  };
  const results = await Promise.allSettled(Array.from({ length: atOnce }, work));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

async function destroyOne(
  ports: RetentionPorts,
  forceId: ForceId,
  id: RecordingId,
  progress: Progress,
): Promise<void> {
  try {
    const outcome = await destroyRecording(ports, forceId, id);
    if (outcome === "cancelled") progress.cancelled += 1;
    if (outcome !== "destroyed") return;
    progress.destroyed += 1;
    if (progress.recordings.length < listedMaximum) progress.recordings.push(id);
  } catch (error) {
    if (error instanceof LedgerFault) throw error;
    progress.failed += 1;
    const code = error instanceof Error && "code" in error ? String(error.code) : "fault";
    ports.log.error("a destruction could not be finished", { recordingId: id, error });
    const finding = { kind: "destruction" as const, recordingId: id, subject: code, detail: { code } };
    await withForce(ports.database, { forceId, personId: null }, (tx) =>
      ports.tellFinding(tx, finding, ports.clock.nowMs()),
    ).catch((cause: unknown) => {
      ports.log.error("a finding could not be recorded", { recordingId: id, cause });
    });
  }
}
