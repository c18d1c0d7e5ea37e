// A person decides when a recording was made, where no clock can tell. Only an uncertain time may be decided: what a
// dock's clock proves is evidence and stays.
import type { PersonId, RecordingId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { withForce, type Actor } from "../platform/database/database.ts";
import type { EvidencePorts } from "./ports.ts";
import { lockRecording, updateRecording, type RecordingRow } from "./store.ts";

export type TimeDecided =
  | { readonly outcome: "decided"; readonly row: RecordingRow }
  | { readonly outcome: "not-found" | "not-collected" | "certain" | "impossible" };

export async function decideRecordedTime(
  ports: EvidencePorts,
  actor: Actor & { readonly personId: PersonId },
  recording: RecordingId,
  order: { readonly startMs: number; readonly endMs: number; readonly reason: string },
): Promise<TimeDecided> {
  const nowMs = ports.clock.nowMs();
  if (order.startMs >= order.endMs || order.endMs > nowMs) return { outcome: "impossible" };
  return withForce<TimeDecided>(ports.database, actor, async (tx) => {
    const row = await lockRecording(tx, recording);
    if (row === undefined) return { outcome: "not-found" };
    if (row.state !== "collected") return { outcome: "not-collected" };
    if (row.clock === "dock" || row.clock === "bounded") return { outcome: "certain" };
    const fields = {
      recorded_start_at: new Date(order.startMs),
      recorded_end_at: new Date(order.endMs),
      clock: "decided" as const,
    };
    await updateRecording(tx, recording, fields);
    await ports.ledger.stage(tx, {
      event: "recorded-time-decided",
      actor: { person: parseId(actor.personId) },
      recording: parseId(recording),
      data: {
        startMs: order.startMs,
        endMs: order.endMs,
        reason: order.reason,
        clockBefore: row.clock,
        startBeforeMs: row.recorded_start_at?.getTime() ?? null,
        endBeforeMs: row.recorded_end_at?.getTime() ?? null,
      },
    });
    return { outcome: "decided", row: { ...row, ...fields } };
  });
}
