// SQL of classes, their versions, the rules that follow from them, and proposed changes.
import type { PersonId, RetentionChangeId, RetentionEffect } from "@sworn/contract";
import type { Insertable, Selectable } from "kysely";
import type { ForceTransaction } from "../platform/database/database.ts";
import type {
  RetentionChangeRow,
  RetentionClassRow,
  RetentionRuleRow,
  RetentionVersionRow,
} from "../platform/database/tables/retention.ts";
import { deriveRules, type ClassVersion } from "./derive-rules.ts";

export type ChangeRow = Selectable<RetentionChangeRow>;

const asVersion = (row: Omit<RetentionVersionRow, "force_id" | "class" | "change_id">): ClassVersion => ({
  version: row.version,
  periodDays: row.period_days,
  reviewDays: row.review_days,
  citation: row.citation,
  effectiveAtMs: row.effective_at.getTime(),
  existingBeforeMs: row.existing_before?.getTime() ?? null,
});

/** False where the class is there already. */
export async function insertClass(tx: ForceTransaction, row: RetentionClassRow): Promise<boolean> {
  const made = await tx
    .insertInto("retention_class")
    .values(row)
    .onConflict((conflict) => conflict.columns(["force_id", "class"]).doNothing())
    .returning("class")
    .execute();
  return made.length > 0;
}

export async function listClasses(tx: ForceTransaction): Promise<RetentionClassRow[]> {
  return tx.selectFrom("retention_class").selectAll().orderBy("class").limit(1_000).execute();
}

export async function readClass(tx: ForceTransaction, key: string): Promise<RetentionClassRow | undefined> {
  return tx.selectFrom("retention_class").selectAll().where("class", "=", key).executeTakeFirst();
}

/** Oldest first. */
export async function readVersions(tx: ForceTransaction, key: string): Promise<ClassVersion[]> {
  const rows = await tx
    .selectFrom("retention_version")
    .selectAll()
    .where("class", "=", key)
    .orderBy("version")
    .execute();
  return rows.map(asVersion);
}

/** The newest version of each class. */
export async function newestVersions(tx: ForceTransaction): Promise<Map<string, ClassVersion>> {
  const rows = await tx
    .selectFrom("retention_version")
    .selectAll()
    .distinctOn("class")
    .orderBy("class")
    .orderBy("version", "desc")
    .execute();
  return new Map(rows.map((row) => [row.class, asVersion(row)]));
}

/** Adds a version and derives the class's rules anew. */
export async function insertVersion(tx: ForceTransaction, row: RetentionVersionRow): Promise<void> {
  await tx.insertInto("retention_version").values(row).execute();
  const intervals = deriveRules(await readVersions(tx, row.class));
  await tx.deleteFrom("retention_rule").where("class", "=", row.class).execute();
  const rules = intervals.map(({ receivedFromMs, receivedUntilMs, rule }) => ({
    force_id: row.force_id,
    class: row.class,
    received_from: new Date(receivedFromMs),
    received_until: new Date(receivedUntilMs),
    version: rule.version,
    period_days: rule.periodDays,
    review_days: rule.reviewDays,
    citation: rule.citation,
  }));
  await tx.insertInto("retention_rule").values(rules).execute();
}

export async function listRules(tx: ForceTransaction): Promise<RetentionRuleRow[]> {
  return tx.selectFrom("retention_rule").selectAll().orderBy("class").orderBy("received_from").execute();
}

/** The rule of a recording of this class that was received then; undefined for a class that the force does not have. */
export async function findRule(
  tx: ForceTransaction,
  key: string,
  receivedAt: Date,
): Promise<ClassVersion | undefined> {
  const row = await tx
    .selectFrom("retention_rule as u")
    .innerJoin("retention_version as v", (join) =>
      join
        .onRef("v.force_id", "=", "u.force_id")
        .onRef("v.class", "=", "u.class")
        .onRef("v.version", "=", "u.version"),
    )
    .selectAll("v")
    .where("u.class", "=", key)
    .where("u.received_from", "<=", receivedAt)
    .where("u.received_until", ">", receivedAt)
    .executeTakeFirst();
  return row === undefined ? undefined : asVersion(row);
}

export async function insertChange(tx: ForceTransaction, row: Insertable<RetentionChangeRow>): Promise<void> {
  await tx.insertInto("retention_change").values(row).execute();
}

export async function readChange(
  tx: ForceTransaction,
  id: RetentionChangeId,
): Promise<ChangeRow | undefined> {
  return tx.selectFrom("retention_change").selectAll().where("id", "=", id).executeTakeFirst();
}

export async function lockChange(
  tx: ForceTransaction,
  id: RetentionChangeId,
): Promise<ChangeRow | undefined> {
  return tx.selectFrom("retention_change").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
}

export async function listChanges(
  tx: ForceTransaction,
  state: ChangeRow["state"] | null,
  limit: number,
): Promise<ChangeRow[]> {
  let query = tx
    .selectFrom("retention_change")
    .selectAll()
    .orderBy("proposed_at", "desc")
    .orderBy("id")
    .limit(limit);
  if (state !== null) query = query.where("state", "=", state);
  return query.execute();
}

export async function decideChange(
  tx: ForceTransaction,
  id: RetentionChangeId,
  decision: { state: ChangeRow["state"]; by: PersonId; at: Date; effect: RetentionEffect },
): Promise<void> {
  await tx
    .updateTable("retention_change")
    .set({
      state: decision.state,
      decided_by: decision.by,
      decided_at: decision.at,
      effect: JSON.stringify(decision.effect),
    })
    .where("id", "=", id)
    .execute();
}
