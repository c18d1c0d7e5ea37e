// The SQL of forces, boroughs, teams, people and keys. Each function is one statement in the caller's transaction.
import type { ApiKeyId, BoroughId, ForceId, PersonId, TeamId } from "@sworn/contract";
import { sql, type Insertable, type Selectable } from "kysely";
import type { ForceTransaction, PlatformTransaction } from "../platform/database/database.ts";
import type {
  ApiKeyRow,
  BoroughRow,
  ForceRow,
  PersonRow,
  TeamRow,
} from "../platform/database/tables/people.ts";

export interface FoundKeyRow {
  id: ApiKeyId;
  force_id: ForceId;
  person_id: PersonId;
  is_administrator: boolean;
  expires_at: Date;
  revoked_at: Date | null;
}

/** The key with this hash, in whichever force. */
export async function findKeyByHash(tx: PlatformTransaction, hash: Uint8Array): Promise<FoundKeyRow | null> {
  const found = await sql<FoundKeyRow>`select * from sworn.find_api_key(${hash})`.execute(tx);
  return found.rows[0] ?? null;
}

export async function hasAnyKey(tx: PlatformTransaction): Promise<boolean> {
  const found = await sql<{ has: boolean }>`select sworn.has_api_key() as has`.execute(tx);
  return found.rows[0]?.has === true;
}

export async function putSetupCode(
  tx: PlatformTransaction,
  hash: Uint8Array,
  at: Date,
  until: Date,
): Promise<void> {
  await sql`select sworn.put_setup_code(${hash}, ${at}, ${until})`.execute(tx);
}

export interface Founding {
  codeHash: Uint8Array;
  at: Date;
  force: { id: ForceId; name: string; slug: string };
  person: { id: PersonId; name: string; collarNumber: string | null };
  key: { id: ApiKeyId; hash: Uint8Array; label: string; until: Date };
}

/** Founds a force with a setup code; false when the code cannot be used. */
export async function foundForce(tx: PlatformTransaction, order: Founding): Promise<boolean> {
  const { force, person, key } = order;
  const done = await sql<{ done: boolean }>`select sworn.found_force(
    ${order.codeHash}, ${order.at}, ${force.id}, ${force.name}, ${force.slug},
    ${person.id}, ${person.name}, ${person.collarNumber},
    ${key.id}, ${key.hash}, ${key.label}, ${key.until}) as done`.execute(tx);
  return done.rows[0]?.done === true;
}

/** The ids of all forces. */
export async function listForceIds(tx: PlatformTransaction): Promise<ForceId[]> {
  const found = await sql<{ id: ForceId }>`select id from sworn.all_forces()`.execute(tx);
  return found.rows.map((row) => row.id);
}

export async function readForce(tx: ForceTransaction, id: ForceId): Promise<Selectable<ForceRow>> {
  return tx.selectFrom("force").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
}

export async function readPerson(tx: ForceTransaction, id: PersonId): Promise<PersonRow | undefined> {
  return tx.selectFrom("person").selectAll().where("id", "=", id).executeTakeFirst();
}

/** People in the order of their ids, after the one given. */
export async function listPeople(
  tx: ForceTransaction,
  limit: number,
  after?: PersonId,
): Promise<PersonRow[]> {
  let query = tx.selectFrom("person").selectAll().orderBy("id").limit(limit);
  if (after !== undefined) query = query.where("id", ">", after);
  return query.execute();
}

export async function insertPerson(tx: ForceTransaction, row: Insertable<PersonRow>): Promise<void> {
  await tx.insertInto("person").values(row).execute();
}

export async function insertBorough(tx: ForceTransaction, row: Insertable<BoroughRow>): Promise<void> {
  await tx.insertInto("borough").values(row).execute();
}

export async function insertTeam(tx: ForceTransaction, row: Insertable<TeamRow>): Promise<void> {
  await tx.insertInto("team").values(row).execute();
}

export async function listBoroughs(tx: ForceTransaction): Promise<BoroughRow[]> {
  return tx.selectFrom("borough").selectAll().orderBy("name").limit(1_000).execute();
}

export async function listTeams(tx: ForceTransaction): Promise<TeamRow[]> {
  return tx.selectFrom("team").selectAll().orderBy("name").limit(10_000).execute();
}

/** The borough of a team, to check the two together. */
export async function boroughOfTeam(tx: ForceTransaction, id: TeamId): Promise<BoroughId | undefined> {
  const row = await tx.selectFrom("team").select("borough_id").where("id", "=", id).executeTakeFirst();
  return row?.borough_id;
}

export async function insertKey(tx: ForceTransaction, row: Insertable<ApiKeyRow>): Promise<void> {
  await tx.insertInto("api_key").values(row).execute();
}

export async function listKeys(tx: ForceTransaction, personId: PersonId): Promise<ApiKeyRow[]> {
  return tx
    .selectFrom("api_key")
    .selectAll()
    .where("person_id", "=", personId)
    .orderBy("created_at")
    .limit(1_000)
    .execute();
}

export async function readKey(tx: ForceTransaction, id: ApiKeyId): Promise<ApiKeyRow | undefined> {
  return tx.selectFrom("api_key").selectAll().where("id", "=", id).executeTakeFirst();
}

/** The first revocation stays: a second does not move its time. */
export async function revokeKeyRow(tx: ForceTransaction, id: ApiKeyId, at: Date): Promise<void> {
  await tx
    .updateTable("api_key")
    .set({ revoked_at: at })
    .where("id", "=", id)
    .where("revoked_at", "is", null)
    .execute();
}
