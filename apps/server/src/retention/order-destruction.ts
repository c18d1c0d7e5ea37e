// Orders the destruction of one recording: judged under the gate and the row's lock, committed with its ledger entry.
// Guarantees: no order exists for a recording that a hold catches or that is not due, whatever races it.
import type { ForceId, RecordingId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { withForce, type ForceTransaction } from "../platform/database/database.ts";
import { assessRecording } from "./assess-recording.ts";
import { shareGate } from "./gate-store.ts";
import type { Judgement } from "./judge-recording.ts";
import type { RetentionPorts } from "./ports.ts";
import { insertOrder, lockRecording, type Order, type Recording } from "./store.ts";

export type OrderOutcome =
  | { readonly outcome: "ordered" | "ordered-before" | "destroyed" | "not-found" | "not-collected" }
  | { readonly outcome: "kept"; readonly judgement: Judgement };

type Needs = Pick<RetentionPorts, "database" | "clock" | "ledger" | "settings">;

export async function orderDestruction(
  ports: Needs,
  forceId: ForceId,
  recordingId: RecordingId,
): Promise<OrderOutcome> {
  return withForce(ports.database, { forceId, personId: null }, async (tx) => {
    await shareGate(tx);
    const recording = await lockRecording(tx, recordingId);
    if (recording === undefined) return { outcome: "not-found" };
    if (recording.state === "destroy-ordered") return { outcome: "ordered-before" };
    if (recording.state === "destroyed") return { outcome: "destroyed" };
    if (recording.state !== "collected") return { outcome: "not-collected" };
    const nowMs = ports.clock.nowMs();
    const { judgement, class: key } = await assessRecording(tx, recording, {
      settings: ports.settings,
      nowMs,
    });
    if (judgement.standing !== "due") return { outcome: "kept", judgement };
    const { version, periodDays, citation } = judgement.rule;
    if (periodDays === null) return { outcome: "kept", judgement };
    const dueAtMs = judgement.destroyAtMs;
    await stageOrder(ports, tx, recording, { class: key, version, periodDays, citation, dueAtMs, nowMs });
    return { outcome: "ordered" };
  });
}

interface NewOrder extends Pick<Order, "class" | "version" | "periodDays" | "citation"> {
  readonly dueAtMs: number;
  readonly nowMs: number;
}

async function stageOrder(
  ports: Needs,
  tx: ForceTransaction,
  recording: Recording,
  order: NewOrder,
): Promise<void> {
  const { class: key, version, periodDays, citation, dueAtMs, nowMs } = order;
  const staged = await ports.ledger.stage(tx, {
    event: "destroy-ordered",
    atMs: nowMs,
    actor: { system: "retention" },
    recording: parseId(recording.id),
    ...(recording.camera_id === null ? {} : { camera: parseId(recording.camera_id) }),
    data: { rule: { class: key, version, periodDays, citation }, dueAtMs },
  });
  await insertOrder(tx, recording, {
    entryId: staged.id,
    orderedAt: new Date(nowMs),
    class: key,
    version,
    periodDays,
    citation,
    dueAt: new Date(dueAtMs),
  });
}
