// The daily sweep that keeps invariant 2: a recording that a journal promised and that did not come in time, or that
// only a lost camera has, is named in a finding. Each in a transaction of its own; run again, it tells nothing twice.
import type { ForceId, RecordingId } from "@sworn/contract";
import { forEachForce, type Task } from "../jobs/index.ts";
import type { Ledger } from "../ledger/index.ts";
import type { Clock } from "../platform/clock.ts";
import { withForce, type Database } from "../platform/database/database.ts";
import { listOverdue, type OverdueRecording } from "./missing-store.ts";
import { tellMissing } from "./tell-missing.ts";

const pageSize = 200;
const dayMs = 86_400_000;

export interface SweepPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly ledger: Pick<Ledger, "stage">;
  /** Days from the journal that promised a recording until it is overdue. */
  readonly missingAfterDays: number;
}

/** Gives how many recordings were named that were not before. */
export async function sweepMissing(
  ports: SweepPorts,
  forceId: ForceId,
  signal?: AbortSignal,
): Promise<number> {
  const actor = { forceId, personId: null };
  const promisedBefore = new Date(ports.clock.nowMs() - ports.missingAfterDays * dayMs);
  let told = 0;
  let after: RecordingId | null = null;
  for (;;) {
    const from: RecordingId | null = after;
    const page: readonly OverdueRecording[] = await withForce(ports.database, actor, (tx) =>
      listOverdue(tx, promisedBefore, pageSize, from),
    );
    for (const one of page) {
      signal?.throwIfAborted();
      const outcome = await withForce(ports.database, actor, (tx) => tellMissing(ports, tx, described(one)));
      if (outcome === "told") told += 1;
    }
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return told;
    after = last.id;
  }
}

function described(one: OverdueRecording) {
  return {
    cameraId: one.cameraId,
    recordingId: one.id,
    number: one.number,
    cause: one.isCameraLost ? ("camera-lost" as const) : ("overdue" as const),
    detail: {
      promisedAt: one.promisedAt.toISOString(),
      isSealed: one.isSealed,
      receivedBytes: one.receivedBytes,
      isQuarantined: one.isQuarantined,
    },
  };
}

/** `forces`: all that the server has. At four in the night, UTC: after the docks of the evening. */
export function missingTask(ports: SweepPorts, forces: () => Promise<readonly ForceId[]>): Task {
  return {
    name: "missing-sweep",
    daily: { hour: 4, minute: 0 },
    run: async (_payload, context) =>
      forEachForce(await forces(), context, async (forceId) => {
        const told = await sweepMissing(ports, forceId, context.signal);
        if (told > 0) context.log.warn("recordings are missing", { forceId, told });
      }),
  };
}
