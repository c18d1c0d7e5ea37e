// SQL of playback: what is known of a recording, play sessions, posters.
import type { ApiKeyId, PersonId, PlayId, RecordingId } from "@sworn/contract";
import { sql, type Selectable } from "kysely";
import type { ForceTransaction, PlatformTransaction } from "../platform/database/database.ts";
import type { DerivativeRow, RecordingRow } from "../platform/database/tables/evidence.ts";
import type { PlayRow } from "../platform/database/tables/playback.ts";
import type { ForceId } from "@sworn/contract";

const recordingColumns = [
  "id",
  "force_id",
  "camera_id",
  "number",
  "state",
  "format",
  "verdict",
  "identity",
  "recorded_start_at",
  "recorded_end_at",
  "clock",
  "duration_ms",
  "object_key",
  "file_name",
  "received_at",
  "first_sequence",
  "hand_in_id",
] as const;

export type PlayableRow = Pick<Selectable<RecordingRow>, (typeof recordingColumns)[number]>;
export type StoredPlay = Selectable<PlayRow>;
export type StoredDerivative = Selectable<DerivativeRow>;

export async function findPlayable(tx: ForceTransaction, id: RecordingId): Promise<PlayableRow | undefined> {
  return tx.selectFrom("recording").select(recordingColumns).where("id", "=", id).executeTakeFirst();
}

export async function readParts(tx: ForceTransaction, id: RecordingId): Promise<Uint8Array | null> {
  const row = await tx.selectFrom("recording").select("parts").where("id", "=", id).executeTakeFirst();
  return row?.parts ?? null;
}

export async function cameraName(tx: ForceTransaction, row: PlayableRow): Promise<string | null> {
  if (row.camera_id === null) return null;
  const found = await tx
    .selectFrom("camera")
    .select("name")
    .where("id", "=", row.camera_id)
    .executeTakeFirst();
  return found?.name ?? null;
}

/** The force of a play, or null for an id that is none. */
export async function findPlayForce(tx: PlatformTransaction, id: PlayId): Promise<ForceId | null> {
  const found = await sql<{
    force: ForceId | null;
  }>`select sworn.find_play_force(${id}::uuid) as force`.execute(tx);
  return found.rows[0]?.force ?? null;
}

export async function insertPlay(tx: ForceTransaction, play: StoredPlay): Promise<void> {
  await tx.insertInto("play").values(play).execute();
}

/** A play whose API key still holds. */
export async function findPlay(tx: ForceTransaction, id: PlayId, now: Date): Promise<StoredPlay | undefined> {
  return tx
    .selectFrom("play")
    .innerJoin("api_key", "api_key.id", "play.api_key_id")
    .selectAll("play")
    .where("play.id", "=", id)
    .where("api_key.revoked_at", "is", null)
    .where("api_key.expires_at", ">", now)
    .executeTakeFirst();
}

/** The newest running play that this key began by reading the media itself. */
export async function findKeyPlay(
  tx: ForceTransaction,
  key: ApiKeyId,
  recording: RecordingId,
  limits: { readonly now: Date; readonly usedSince: Date },
): Promise<StoredPlay | undefined> {
  return tx
    .selectFrom("play")
    .selectAll()
    .where("api_key_id", "=", key)
    .where("recording_id", "=", recording)
    .where("code_hash", "is", null)
    .where("expires_at", ">", limits.now)
    .where("last_used_at", ">", limits.usedSince)
    .orderBy("started_at", "desc")
    .limit(1)
    .executeTakeFirst();
}

/** Gives the play its token if the code is right, unused and fresh; the row's lock makes two attempts take turns. */
export async function swapCodeForToken(
  tx: ForceTransaction,
  id: PlayId,
  swap: { readonly codeHash: Uint8Array; readonly tokenHash: Uint8Array; readonly now: Date },
): Promise<boolean> {
  const changed = await tx
    .updateTable("play")
    .set({ token_hash: swap.tokenHash, last_used_at: swap.now })
    .where("id", "=", id)
    .where("code_hash", "=", swap.codeHash)
    .where("code_expires_at", ">", swap.now)
    .where("token_hash", "is", null)
    .returning("id")
    .execute();
  return changed.length === 1;
}

export async function touchPlay(tx: ForceTransaction, id: PlayId, now: Date): Promise<void> {
  await tx.updateTable("play").set({ last_used_at: now }).where("id", "=", id).execute();
}

/** Forgets the plays of a person that have ended; the ledger keeps what was viewed. */
export async function deleteEndedPlays(tx: ForceTransaction, person: PersonId, before: Date): Promise<void> {
  await tx.deleteFrom("play").where("person_id", "=", person).where("expires_at", "<", before).execute();
}

export async function findPoster(
  tx: ForceTransaction,
  recording: RecordingId,
): Promise<StoredDerivative | undefined> {
  return tx
    .selectFrom("derivative")
    .selectAll()
    .where("recording_id", "=", recording)
    .where("kind", "=", "poster")
    .orderBy("created_at")
    .limit(1)
    .executeTakeFirst();
}

export async function insertDerivative(tx: ForceTransaction, row: StoredDerivative): Promise<void> {
  await tx.insertInto("derivative").values(row).execute();
}

/** Notes that a person sees a poster in this hour. True the first time. */
export async function notePosterView(
  tx: ForceTransaction,
  view: { forceId: ForceId; personId: PersonId; recordingId: RecordingId; hour: number },
): Promise<boolean> {
  const { forceId, personId, recordingId, hour } = view;
  await tx
    .deleteFrom("poster_view")
    .where("person_id", "=", personId)
    .where("hour", "<", hour - 24)
    .execute();
  const inserted = await tx
    .insertInto("poster_view")
    .values({ force_id: forceId, person_id: personId, recording_id: recordingId, hour })
    .onConflict((conflict) => conflict.doNothing())
    .returning("hour")
    .execute();
  return inserted.length === 1;
}
