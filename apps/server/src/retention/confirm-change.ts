// Confirms a proposed change: by another person, under the closed gate, and only if it would now do no more than was
// shown. Or withdraws it.
import type { ForceId, PersonId, RetentionChange, RetentionChangeId, RetentionEffect } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { withForce, type ForceTransaction } from "../platform/database/database.ts";
import {
  decideChange,
  insertClass,
  insertVersion,
  lockChange,
  readVersions,
  type ChangeRow,
} from "./classes-store.ts";
import { closeGate } from "./gate-store.ts";
import type { RetentionPorts } from "./ports.ts";
import { presentChange } from "./present.ts";
import { dryRun } from "./propose-change.ts";

export type ConfirmOutcome =
  | { readonly outcome: "confirmed"; readonly change: RetentionChange }
  /** It would do more than was shown; the change is closed with what it would do now. */
  | { readonly outcome: "overtaken"; readonly change: RetentionChange }
  | { readonly outcome: "not-found" | "same-person" | "decided-before" | "expired" };

type Needs = Pick<RetentionPorts, "database" | "clock" | "ledger" | "settings">;
interface Confirmer {
  readonly forceId: ForceId;
  readonly personId: PersonId;
}

/** Whether an effect goes beyond the one that was shown: more or sooner is shorter, or fewer of them are held. */
function goesBeyond(now: RetentionEffect, shown: RetentionEffect): boolean {
  const isSooner =
    now.earliestDueAt !== null && (shown.earliestDueAt === null || now.earliestDueAt < shown.earliestDueAt);
  return (
    now.shorter > shown.shorter ||
    now.dueByExpiry > shown.dueByExpiry ||
    now.shorter - now.held > shown.shorter - shown.held ||
    isSooner
  );
}

export async function confirmChange(
  ports: Needs,
  actor: Confirmer,
  id: RetentionChangeId,
): Promise<ConfirmOutcome> {
  const { result, entry } = await withForce(ports.database, actor, async (tx) => {
    await closeGate(tx);
    const change = await lockChange(tx, id);
    if (change === undefined) return { result: { outcome: "not-found" as const }, entry: null };
    if (change.state !== "proposed") return { result: { outcome: "decided-before" as const }, entry: null };
    if (change.proposed_by === actor.personId)
      return { result: { outcome: "same-person" as const }, entry: null };
    const at = new Date(ports.clock.nowMs());
    if (change.expires_at <= at) return { result: { outcome: "expired" as const }, entry: null };
    const effect = await dryRun(tx, change, ports.settings);
    const state = goesBeyond(effect, change.effect) ? ("overtaken" as const) : ("confirmed" as const);
    await decideChange(tx, id, { state, by: actor.personId, at, effect });
    const decided = { ...change, state, effect, decided_by: actor.personId, decided_at: at };
    const version = state === "confirmed" ? await applyChange(tx, change, at) : null;
    const staged = await ports.ledger.stage(tx, {
      event: state === "confirmed" ? "retention-changed" : "retention-change-overtaken",
      actor: { person: parseId(actor.personId) },
      data: {
        change: parseId(id),
        class: change.class,
        title: change.title,
        version,
        periodDays: change.period_days,
        reviewDays: change.review_days,
        citation: change.citation,
        reason: change.reason,
        existingBeforeMs: change.apply_to_existing ? change.proposed_at.getTime() : null,
        proposedBy: parseId(change.proposed_by),
        shorter: effect.shorter,
      },
    });
    return { result: { outcome: state, change: presentChange(decided) }, entry: staged };
  });
  if (entry !== null) await ports.ledger.covered(actor.forceId, entry);
  return result;
}

async function applyChange(tx: ForceTransaction, change: ChangeRow, at: Date): Promise<number> {
  const { force_id, class: key } = change;
  await insertClass(tx, { force_id, class: key, title: change.title, created_at: at });
  const last = (await readVersions(tx, key)).at(-1);
  const version = (last?.version ?? 0) + 1;
  await insertVersion(tx, {
    force_id,
    class: key,
    version,
    period_days: change.period_days,
    review_days: change.review_days,
    citation: change.citation,
    // A clock that was set back must not put a version before the one that it follows.
    effective_at: new Date(Math.max(at.getTime(), last?.effectiveAtMs ?? 0)),
    existing_before: change.apply_to_existing ? change.proposed_at : null,
    change_id: change.id,
  });
  return version;
}

export type WithdrawOutcome =
  | { readonly outcome: "withdrawn"; readonly change: RetentionChange }
  | { readonly outcome: "not-found" | "decided-before" };

export async function withdrawChange(
  ports: Needs,
  actor: Confirmer,
  id: RetentionChangeId,
): Promise<WithdrawOutcome> {
  return withForce<WithdrawOutcome>(ports.database, actor, async (tx) => {
    const change = await lockChange(tx, id);
    if (change === undefined) return { outcome: "not-found" };
    if (change.state !== "proposed") return { outcome: "decided-before" };
    const at = new Date(ports.clock.nowMs());
    const { effect } = change;
    await decideChange(tx, id, { state: "withdrawn", by: actor.personId, at, effect });
    await ports.ledger.stage(tx, {
      event: "retention-change-withdrawn",
      actor: { person: parseId(actor.personId) },
      data: { change: parseId(id) },
    });
    const decided = { ...change, state: "withdrawn" as const, decided_by: actor.personId, decided_at: at };
    return { outcome: "withdrawn", change: presentChange(decided) };
  });
}
