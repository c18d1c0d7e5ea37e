// Warns those responsible before anything unclassified is destroyed: marks what falls due within the warning time, with an
// entry that names them. Nothing unclassified is destroyed before its warning stood for the whole of that time.
import type { ForceId, RecordingId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { withForce } from "../platform/database/database.ts";
import { listRules } from "./classes-store.ts";
import type { RetentionPorts } from "./ports.ts";
import { dayMs } from "./settings.ts";
import { markWarned, placeAfter, walkFree, type WalkPlace } from "./walk-store.ts";

const pageSize = 500;

/** Gives how many were warned of. */
export async function warnUnclassified(
  ports: Pick<RetentionPorts, "database" | "clock" | "ledger" | "settings">,
  forceId: ForceId,
  signal?: AbortSignal,
): Promise<number> {
  const { settings } = ports;
  const actor = { forceId, personId: null };
  const nowMs = ports.clock.nowMs();
  const soonMs = nowMs + settings.warningDays * dayMs;
  const rules = await withForce(ports.database, actor, listRules);
  let warned = 0;
  for (const rule of rules) {
    if (rule.class !== settings.defaultClass || rule.period_days === null) continue;
    const walk = {
      class: null,
      receivedFrom: rule.received_from,
      receivedUntil: rule.received_until,
      endedBy: new Date(soonMs - rule.period_days * dayMs),
      receivedBy: new Date(soonMs - settings.arrivalDays * dayMs),
      warned: "never" as const,
    };
    let after: WalkPlace | undefined;
    do {
      signal?.throwIfAborted();
      const from = after;
      after = await withForce(ports.database, actor, async (tx) => {
        const { page, free } = await walkFree(tx, walk, pageSize, from);
        if (page.length === 0) return undefined;
        const marked = free.length === 0 ? [] : await markWarned(tx, free, new Date(nowMs));
        if (marked.length > 0) await ports.ledger.stage(tx, warning(marked, settings.warningDays));
        warned += marked.length;
        return placeAfter(page, pageSize);
      });
    } while (after !== undefined);
  }
  return warned;
}

function warning(recordings: readonly RecordingId[], days: number) {
  return {
    event: "retention-warned",
    actor: { system: "retention" },
    data: { days, recordings: recordings.map((id) => parseId(id)) },
  };
}
