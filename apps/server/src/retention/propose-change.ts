// Proposes a changed class: a dry run that says what it would mean, and changes nothing.
import { randomUUID } from "node:crypto";
import type {
  ForceId,
  PersonId,
  RetentionChange,
  RetentionChangeId,
  RetentionChangeRequest,
} from "@sworn/contract";
import type { RetentionEffect } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { withForce, type ForceTransaction } from "../platform/database/database.ts";
import { insertChange, readClass, readVersions, type ChangeRow } from "./classes-store.ts";
import { deriveRules } from "./derive-rules.ts";
import { readEffect } from "./effect-store.ts";
import type { RetentionPorts } from "./ports.ts";
import { presentChange } from "./present.ts";
import { dayMs, type RetentionSettings } from "./settings.ts";

export type ProposeOutcome =
  | { readonly outcome: "proposed"; readonly change: RetentionChange }
  | { readonly outcome: "title-missing" | "default-without-clock" };

type Proposal = Pick<
  ChangeRow,
  "class" | "period_days" | "review_days" | "citation" | "apply_to_existing" | "proposed_at" | "expires_at"
>;

/** What a proposal would mean for what existed when it was made, by the classes, facts and holds of now. */
export async function dryRun(
  tx: ForceTransaction,
  proposal: Proposal,
  settings: RetentionSettings,
): Promise<RetentionEffect> {
  const versions = await readVersions(tx, proposal.class);
  const candidate = {
    version: (versions.at(-1)?.version ?? 0) + 1,
    periodDays: proposal.period_days,
    reviewDays: proposal.review_days,
    citation: proposal.citation,
    effectiveAtMs: Math.max(proposal.proposed_at.getTime(), versions.at(-1)?.effectiveAtMs ?? 0),
    existingBeforeMs: proposal.apply_to_existing ? proposal.proposed_at.getTime() : null,
  };
  return readEffect(tx, {
    class: proposal.class,
    isDefault: proposal.class === settings.defaultClass,
    before: deriveRules(versions),
    after: deriveRules([...versions, candidate]),
    receivedBefore: proposal.proposed_at,
    dueBy: proposal.expires_at,
    arrivalDays: settings.arrivalDays,
  });
}

export async function proposeChange(
  ports: Pick<RetentionPorts, "database" | "clock" | "ledger" | "settings">,
  actor: { readonly forceId: ForceId; readonly personId: PersonId },
  request: RetentionChangeRequest,
): Promise<ProposeOutcome> {
  const { settings } = ports;
  const nowMs = ports.clock.nowMs();
  // Without a clock the default would keep everybody who was ever filmed for ever.
  if (request.class === settings.defaultClass && request.periodDays === null)
    return { outcome: "default-without-clock" };
  return withForce<ProposeOutcome>(ports.database, actor, async (tx) => {
    const title = (await readClass(tx, request.class))?.title ?? request.title;
    if (title === undefined) return { outcome: "title-missing" };
    const proposal = {
      id: randomUUID() as RetentionChangeId,
      force_id: actor.forceId,
      class: request.class,
      title,
      period_days: request.periodDays,
      review_days: request.reviewDays ?? null,
      citation: request.citation,
      reason: request.reason,
      apply_to_existing: request.applyToExisting ?? false,
      state: "proposed" as const,
      proposed_by: actor.personId,
      proposed_at: new Date(nowMs),
      expires_at: new Date(nowMs + settings.proposalDays * dayMs),
      decided_by: null,
      decided_at: null,
    };
    const effect = await dryRun(tx, proposal, settings);
    await insertChange(tx, { ...proposal, effect: JSON.stringify(effect) });
    await ports.ledger.stage(tx, {
      event: "retention-change-proposed",
      actor: { person: parseId(actor.personId) },
      data: { change: parseId(proposal.id), class: proposal.class, periodDays: proposal.period_days },
    });
    return { outcome: "proposed", change: presentChange({ ...proposal, effect }) };
  });
}
