// SQL of the ledger: staged entries, the index each got, and the head. Row locks make sequencers take turns.
import type { CameraId, ForceId, PersonId, RecordingId } from "@sworn/contract";
import { sql } from "kysely";
import type { ForceTransaction } from "../platform/database/database.ts";
import type { LedgerEntryRow } from "../platform/database/tables/evidence.ts";
import type { Selectable } from "kysely";

export type EntryRow = Selectable<LedgerEntryRow>;

export interface NewEntry {
  readonly event: string;
  readonly at: Date;
  readonly personId: PersonId | null;
  readonly deviceId: string | null;
  readonly recordingId: RecordingId | null;
  readonly cameraId: CameraId | null;
  readonly leaf: Uint8Array;
  readonly sealedOpening: Uint8Array;
  readonly openingKey: string;
}

/** Inserts a staged entry; gives its id. */
export async function insertEntry(tx: ForceTransaction, forceId: ForceId, entry: NewEntry): Promise<number> {
  const row = await tx
    .insertInto("ledger_entry")
    .values({
      force_id: forceId,
      event: entry.event,
      at: entry.at,
      person_id: entry.personId,
      device_id: entry.deviceId,
      recording_id: entry.recordingId,
      camera_id: entry.cameraId,
      leaf: entry.leaf,
      sealed_opening: entry.sealedOpening,
      opening_key: entry.openingKey,
      index: null,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return row.id;
}

/** Inserts staged entries; gives their ids in the same order. */
export async function insertEntries(
  tx: ForceTransaction,
  forceId: ForceId,
  entries: readonly NewEntry[],
): Promise<number[]> {
  const column = <T>(of: (entry: NewEntry) => T): T[] => entries.map(of);
  const { rows } = await sql<{ id: number }>`
    insert into sworn.ledger_entry
      (force_id, event, at, person_id, device_id, recording_id, camera_id, leaf, sealed_opening, opening_key)
    select ${forceId}::uuid, e.event, e.at, e.person, e.device, e.recording, e.camera, e.leaf, e.sealed, e.key
    from unnest(${column((entry) => entry.event)}::text[], ${column((entry) => entry.at)}::timestamptz[],
      ${column((entry) => entry.personId)}::uuid[], ${column((entry) => entry.deviceId)}::uuid[],
      ${column((entry) => entry.recordingId)}::uuid[], ${column((entry) => entry.cameraId)}::uuid[],
      ${column((entry) => asBuffer(entry.leaf))}::bytea[], ${column((entry) => asBuffer(entry.sealedOpening))}::bytea[],
      ${column((entry) => entry.openingKey)}::text[]) with ordinality
      as e(event, at, person, device, recording, camera, leaf, sealed, key, place)
    order by e.place
    returning id`.execute(tx);
  // Numbered in the order of the rows, whatever the order that they come back in.
  return rows.map(({ id }) => id).sort((a, b) => a - b);
}

/** Within an array the driver knows bytes by this class only. */
function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Locks the head of the force's log until the transaction ends; makes the row on first use. */
export async function lockHead(
  tx: ForceTransaction,
  forceId: ForceId,
  empty: { readonly root: Uint8Array; readonly now: Date },
): Promise<{ size: number; root: Uint8Array }> {
  await tx
    .insertInto("ledger_head")
    .values({ force_id: forceId, size: 0, root: empty.root, updated_at: empty.now })
    .onConflict((conflict) => conflict.column("force_id").doNothing())
    .execute();
  return tx
    .selectFrom("ledger_head")
    .select(["size", "root"])
    .where("force_id", "=", forceId)
    .forUpdate()
    .executeTakeFirstOrThrow();
}

export async function updateHead(
  tx: ForceTransaction,
  forceId: ForceId,
  head: { readonly size: number; readonly root: Uint8Array; readonly now: Date },
): Promise<void> {
  await tx
    .updateTable("ledger_head")
    .set((set) => ({ size: head.size, root: head.root, updated_at: head.now, fence: set("fence", "+", 1) }))
    .where("force_id", "=", forceId)
    .execute();
}

/** How many entries have an index: these are 0 … count-1, by the unique index and the head's lock. */
export async function countIndexed(tx: ForceTransaction, forceId: ForceId): Promise<number> {
  const row = await tx
    .selectFrom("ledger_entry")
    .select((select) => select.fn.max("index").as("last"))
    .where("force_id", "=", forceId)
    .executeTakeFirst();
  const last: number | null | undefined = row?.last;
  return last === null || last === undefined ? 0 : last + 1;
}

/** Gives at most `limit` staged entries the next indexes, oldest id first. Gives how many. */
export async function assignIndexes(
  tx: ForceTransaction,
  forceId: ForceId,
  from: number,
  limit: number,
): Promise<number> {
  const result = await sql`
    update sworn.ledger_entry e set index = ${from}::bigint + s.position - 1
    from (
      select id, row_number() over (order by id) as position from (
        select id from sworn.ledger_entry
        where index is null and force_id = ${forceId}::uuid order by id limit ${limit}
      ) staged
    ) s
    where e.id = s.id`.execute(tx);
  return Number(result.numAffectedRows ?? 0n);
}

/** What is published of an entry. */
export type PublishedRow = Pick<EntryRow, "id" | "leaf" | "sealed_opening" | "opening_key">;

/** The entries with indexes from `from` up to, not including, `to`, in order. */
export async function readIndexed(
  tx: ForceTransaction,
  forceId: ForceId,
  from: number,
  to: number,
): Promise<PublishedRow[]> {
  return tx
    .selectFrom("ledger_entry")
    .select(["id", "leaf", "sealed_opening", "opening_key"])
    .where("force_id", "=", forceId)
    .where("index", ">=", from)
    .where("index", "<", to)
    .orderBy("index")
    .execute();
}

export async function readEntry(tx: ForceTransaction, id: number): Promise<EntryRow | undefined> {
  return tx.selectFrom("ledger_entry").selectAll().where("id", "=", id).executeTakeFirst();
}

/** The custody history of a recording, oldest first. */
export async function listRecordingEntries(
  tx: ForceTransaction,
  recordingId: RecordingId,
  limit: number,
): Promise<EntryRow[]> {
  return tx
    .selectFrom("ledger_entry")
    .selectAll()
    .where("recording_id", "=", recordingId)
    .orderBy("id")
    .limit(limit)
    .execute();
}
