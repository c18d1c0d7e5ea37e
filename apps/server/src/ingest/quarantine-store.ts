// SQL of quarantine: what did not match its journal, kept whole until a named person decides.
import type { PersonId, RecordingId } from "@sworn/contract";
import { sql, type Insertable, type Selectable } from "kysely";
import type { ForceTransaction } from "../platform/database/database.ts";
import type { QuarantineRow as QuarantineTable } from "../platform/database/tables/evidence.ts";

export type QuarantineRow = Selectable<QuarantineTable>;

/** Bytes that wait for a decision in the force. */
export async function quarantinedBytes(tx: ForceTransaction): Promise<number> {
  const found = await sql<{ total: number }>`
    select coalesce(sum(size_bytes), 0)::bigint as total from sworn.quarantine where decided_at is null`.execute(
    tx,
  );
  return found.rows[0]?.total ?? 0;
}

/** False: identical bytes of the recording are there already. */
export async function insertQuarantine(
  tx: ForceTransaction,
  row: Insertable<QuarantineTable>,
): Promise<boolean> {
  const result = await tx
    .insertInto("quarantine")
    .values(row)
    .onConflict((conflict) => conflict.columns(["force_id", "hash", "recording_id"]).doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

export async function lockQuarantine(tx: ForceTransaction, id: string): Promise<QuarantineRow | undefined> {
  return tx.selectFrom("quarantine").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
}

export async function findQuarantine(tx: ForceTransaction, id: string): Promise<QuarantineRow | undefined> {
  return tx.selectFrom("quarantine").selectAll().where("id", "=", id).executeTakeFirst();
}

/** What waits for a decision about this recording. */
export async function openQuarantineOf(
  tx: ForceTransaction,
  recording: RecordingId,
): Promise<QuarantineRow | undefined> {
  return tx
    .selectFrom("quarantine")
    .selectAll()
    .where("recording_id", "=", recording)
    .where("decided_at", "is", null)
    .orderBy("arrived_at", "desc")
    .limit(1)
    .executeTakeFirst();
}

/** Newest first; `after` continues behind that one. */
export async function listQuarantine(
  tx: ForceTransaction,
  filter: { readonly decided: boolean; readonly after?: string | undefined },
  limit: number,
): Promise<QuarantineRow[]> {
  let query = tx
    .selectFrom("quarantine")
    .selectAll()
    .where("decided_at", filter.decided ? "is not" : "is", null)
    .orderBy("arrived_at", "desc")
    .orderBy("id", "desc")
    .limit(limit);
  if (filter.after !== undefined) {
    query = query.where(
      sql<boolean>`(arrived_at, id) < (select q.arrived_at, q.id from sworn.quarantine q where q.id = ${filter.after})`,
    );
  }
  return query.execute();
}

export async function decideRow(
  tx: ForceTransaction,
  id: string,
  decision: {
    readonly decision: QuarantineRow["decision"];
    readonly reason: string;
    readonly by: PersonId;
    readonly at: Date;
  },
): Promise<void> {
  await tx
    .updateTable("quarantine")
    .set({
      decision: decision.decision,
      decision_reason: decision.reason,
      decided_by: decision.by,
      decided_at: decision.at,
    })
    .where("id", "=", id)
    .execute();
}
