// SQL of journal keys: the rule of a force, the keys with the rule that they were made under, and the segments whose
// details may still be sealed to an ingest key.
import type { CameraId, ForceId, HandInId } from "@sworn/contract";
import { sql, type Selectable } from "kysely";
import type { ForceTransaction } from "../platform/database/database.ts";
import type { JournalKeyRow } from "../platform/database/tables/docking.ts";
import type { JournalSegmentRow } from "../platform/database/tables/evidence.ts";
import { defaultJournalRule, journalKeyDueMs, monthBounds, type JournalRule } from "./journal-keys.ts";

export type JournalKey = Selectable<JournalKeyRow>;

interface Place {
  readonly forceId: ForceId;
  readonly camera: CameraId;
}

/** The rule for keys that are made now; a force without one gets the default. */
async function currentRule(tx: ForceTransaction, forceId: ForceId, at: Date): Promise<JournalRule> {
  const { version, periodDays, citation } = defaultJournalRule;
  await tx
    .insertInto("journal_rule")
    .values({ force_id: forceId, version, period_days: periodDays, citation, effective_at: at })
    .onConflict((conflict) => conflict.columns(["force_id", "version"]).doNothing())
    .execute();
  const row = await tx
    .selectFrom("journal_rule")
    .select(["version", "period_days", "citation"])
    .where((where) => where.or([where("effective_at", "<=", at), where("version", "=", 1)]))
    .orderBy("version", "desc")
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return defaultJournalRule;
  return { version: row.version, periodDays: row.period_days, citation: row.citation };
}

/** In the transaction that first uses a key. False: it is ordered to be destroyed, and nothing may come under it. */
export async function noteJournalKey(
  tx: ForceTransaction,
  { forceId, camera }: Place,
  month: string,
  at: Date,
): Promise<boolean> {
  const rule = await currentRule(tx, forceId, at);
  await tx
    .insertInto("journal_key")
    .values({
      force_id: forceId,
      camera_id: camera,
      month,
      rule_version: rule.version,
      period_days: rule.periodDays,
      citation: rule.citation,
      made_at: at,
      due_at: new Date(journalKeyDueMs(month, rule)),
      ordered_at: null,
      order_entry_id: null,
      destroyed_at: null,
    })
    .onConflict((conflict) => conflict.columns(["force_id", "camera_id", "month"]).doNothing())
    .execute();
  return (await lockJournalKey(tx, camera, month))?.ordered_at === null;
}

export async function lockJournalKey(
  tx: ForceTransaction,
  camera: CameraId,
  month: string,
): Promise<JournalKey | undefined> {
  return tx
    .selectFrom("journal_key")
    .selectAll()
    .where("camera_id", "=", camera)
    .where("month", "=", month)
    .forUpdate()
    .executeTakeFirst();
}

/** Ordered and not yet destroyed, or due; oldest first, behind `after`. */
export async function listEndingKeys(
  tx: ForceTransaction,
  at: Date,
  page: { readonly after: JournalKey | undefined; readonly limit: number },
): Promise<JournalKey[]> {
  let query = tx
    .selectFrom("journal_key")
    .selectAll()
    .where("destroyed_at", "is", null)
    .where((where) => where.or([where("due_at", "<=", at), where("ordered_at", "is not", null)]))
    .orderBy("due_at")
    .orderBy("camera_id")
    .orderBy("month")
    .limit(page.limit);
  if (page.after !== undefined) {
    const { due_at: dueAt, camera_id: camera, month } = page.after;
    query = query.where(
      sql<boolean>`(due_at, camera_id, month) > (${dueAt}::timestamptz, ${camera}::uuid, ${month})`,
    );
  }
  return query.execute();
}

/** Whether a recording is kept that these details speak of: journaled in that month, or under an assignment begun by then. */
export async function isRecordingKept(
  tx: ForceTransaction,
  camera: CameraId,
  month: string,
): Promise<boolean> {
  const { fromMs, untilMs } = monthBounds(month);
  const until = new Date(untilMs);
  const found = await sql<{ kept: boolean }>`
    select exists (select from sworn.recording r left join sworn.assignment a on a.id = r.assignment_id
      where r.camera_id = ${camera} and r.state in ('collected', 'destroy-ordered')
        and r.created_at >= ${new Date(fromMs)} and (r.created_at < ${until} or a.started_at < ${until})) as kept`.execute(
    tx,
  );
  return found.rows[0]?.kept ?? true;
}

export async function updateJournalKey(
  tx: ForceTransaction,
  { camera_id: camera, month }: Pick<JournalKey, "camera_id" | "month">,
  fields: Partial<Pick<JournalKey, "ordered_at" | "order_entry_id" | "destroyed_at">>,
): Promise<void> {
  await tx
    .updateTable("journal_key")
    .set(fields)
    .where("camera_id", "=", camera)
    .where("month", "=", month)
    .execute();
}

type SegmentFields = Pick<
  Selectable<JournalSegmentRow>,
  "camera_id" | "first_sequence" | "last_sequence" | "hash" | "sent_hash" | "replaced_hash" | "details"
>;

/** Of a camera's accepted journal, or of what was handed in there. */
export type UnwrappedSegment = SegmentFields & { readonly hand_in_id: HandInId | null };

const fields = [
  "camera_id",
  "first_sequence",
  "last_sequence",
  "hash",
  "sent_hash",
  "replaced_hash",
] as const;

/** Accepted segments whose details may still be sealed to an ingest key, behind `after`, by camera and entry. */
export async function listUnwrapped(tx: ForceTransaction, page: UnwrappedPage): Promise<UnwrappedSegment[]> {
  let query = tx
    .selectFrom("journal_segment")
    .select([...fields, "details"])
    .where((where) => where.or([where("details", "<>", "wrapped"), where("replaced_hash", "is not", null)]))
    .orderBy("camera_id")
    .orderBy("first_sequence")
    .limit(page.limit);
  if (page.after !== undefined) {
    const { camera_id: camera, first_sequence: first } = page.after;
    query = query.where(sql<boolean>`(camera_id, first_sequence) > (${camera}::uuid, ${first}::bigint)`);
  }
  return (await query.execute()).map((row) => ({ ...row, hand_in_id: null }));
}

/** The same of handed-in segments, by hand-in and entry. */
export async function listUnwrappedHandedIn(
  tx: ForceTransaction,
  page: UnwrappedPage,
): Promise<UnwrappedSegment[]> {
  let query = tx
    .selectFrom("hand_in_segment")
    .select([...fields, "details", "hand_in_id"])
    .where((where) => where.or([where("details", "<>", "wrapped"), where("replaced_hash", "is not", null)]))
    .orderBy("hand_in_id")
    .orderBy("first_sequence")
    .limit(page.limit);
  if (page.after !== undefined) {
    const { hand_in_id: handIn, first_sequence: first } = page.after;
    query = query.where(sql<boolean>`(hand_in_id, first_sequence) > (${handIn}::uuid, ${first}::bigint)`);
  }
  return query.execute();
}

export interface UnwrappedPage {
  readonly after: UnwrappedSegment | undefined;
  readonly limit: number;
}

/** False: the row is no longer as it was read. */
export async function replaceSegment(
  tx: ForceTransaction,
  was: UnwrappedSegment,
  to: Partial<Pick<JournalSegmentRow, "hash" | "sent_hash" | "replaced_hash" | "size_bytes" | "details">>,
): Promise<boolean> {
  const { hand_in_id: handIn, camera_id: camera, first_sequence: first, hash } = was;
  const done =
    handIn === null
      ? await tx
          .updateTable("journal_segment")
          .set(to)
          .where("camera_id", "=", camera)
          .where("first_sequence", "=", first)
          .where("hash", "=", hash)
          .executeTakeFirst()
      : await tx
          .updateTable("hand_in_segment")
          .set(to)
          .where("hand_in_id", "=", handIn)
          .where("first_sequence", "=", first)
          .where("hash", "=", hash)
          .executeTakeFirst();
  return done.numUpdatedRows === 1n;
}

/** What makes a finding about a segment's details the same one. */
export function detailsSubject({ hand_in_id: handIn, first_sequence: first }: UnwrappedSegment): string {
  return handIn === null ? `details:${first.toString()}` : `details:${handIn}:${first.toString()}`;
}

/** Segments not wrapped that no person has answered for by resolving the finding about them. */
export async function countUnanswered(tx: ForceTransaction): Promise<number> {
  const found = await sql<{ count: number }>`
    with unwrapped as (
      select force_id, camera_id, 'details:' || first_sequence as subject from sworn.journal_segment
        where details <> 'wrapped' or replaced_hash is not null
      union all
      select force_id, camera_id, 'details:' || hand_in_id || ':' || first_sequence from sworn.hand_in_segment
        where details <> 'wrapped' or replaced_hash is not null)
    select count(*) as count from unwrapped s where not exists (select from sworn.finding f
      where f.force_id = s.force_id and f.kind = 'destruction' and f.camera_id = s.camera_id
        and f.subject = s.subject and f.resolved_at is not null)`.execute(tx);
  return found.rows[0]?.count ?? 0;
}
