// A person's decision on when a recording with an uncertain clock ended, from which its retention then counts. What the
// camera said stays as it is, and the entry has both times: nobody can move an end unseen.
import type {
  ForceId,
  PersonId,
  RecordedTimeDecision,
  RecordingId,
  RecordingRetention,
} from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { withForce } from "../platform/database/database.ts";
import { assessRecording } from "./assess-recording.ts";
import { shareGate } from "./gate-store.ts";
import type { RetentionPorts } from "./ports.ts";
import { presentAssessment } from "./present.ts";
import { lockRecording, setRecordedEnd } from "./store.ts";

export type DecideTimeOutcome =
  | { readonly outcome: "decided"; readonly retention: RecordingRetention }
  | { readonly outcome: "not-found" | "not-collected" | "certain" | "after-arrival" | "no-estimate" };

export async function decideTime(
  ports: Pick<RetentionPorts, "database" | "clock" | "ledger" | "settings">,
  actor: { readonly forceId: ForceId; readonly personId: PersonId },
  order: { readonly recordingId: RecordingId } & RecordedTimeDecision,
): Promise<DecideTimeOutcome> {
  return withForce<DecideTimeOutcome>(ports.database, actor, async (tx) => {
    await shareGate(tx);
    const recording = await lockRecording(tx, order.recordingId);
    if (recording === undefined) return { outcome: "not-found" };
    if (recording.state !== "collected") return { outcome: "not-collected" };
    if (recording.clock === "dock" || recording.clock === "stated") return { outcome: "certain" };
    const estimate = recording.recorded_end_at;
    const endedAt = order.recordedEndAt === undefined ? estimate : new Date(order.recordedEndAt);
    if (endedAt === null) return { outcome: "no-estimate" };
    // It cannot have ended after it arrived, whatever anybody remembers.
    if (recording.received_at === null || !(endedAt <= recording.received_at))
      return { outcome: "after-arrival" };
    const lengthMs = recording.duration_ms;
    const startedAt = lengthMs === null ? null : new Date(endedAt.getTime() - lengthMs);
    await setRecordedEnd(tx, recording.id, { startedAt, endedAt });
    await ports.ledger.stage(tx, {
      event: "recorded-time-decided",
      actor: { person: parseId(actor.personId) },
      recording: parseId(recording.id),
      data: {
        endedAtMs: endedAt.getTime(),
        estimateMs: estimate?.getTime() ?? null,
        clock: recording.clock,
        reason: order.reason,
      },
    });
    const given = { settings: ports.settings, nowMs: ports.clock.nowMs() };
    const now = {
      ...recording,
      clock: "decided" as const,
      recorded_end_at: endedAt,
      recorded_start_at: startedAt,
    };
    const retention = presentAssessment(now, await assessRecording(tx, now, given), given);
    return { outcome: "decided", retention };
  });
}
