// SQL of cameras, docks, assignments, revocations and breaches.
import type {
  AssignmentId,
  BoroughId,
  CameraId,
  DockId,
  ForceId,
  MayHold,
  PersonId,
  RecordingId,
  TeamId,
} from "@sworn/contract";
import { sql, type Insertable, type Selectable } from "kysely";
import type { ForceTransaction } from "../platform/database/database.ts";
import type {
  AssignmentRow,
  BreachRow,
  CameraRow,
  DockRow,
  RevocationRow,
} from "../platform/database/tables/evidence.ts";

export type StoredCamera = Selectable<CameraRow>;
export type StoredDock = Selectable<DockRow>;
export type StoredAssignment = Selectable<AssignmentRow>;
export type StoredBreach = Selectable<BreachRow>;

export async function insertCamera(tx: ForceTransaction, row: Insertable<CameraRow>): Promise<void> {
  await tx.insertInto("camera").values(row).execute();
}

export async function readCamera(tx: ForceTransaction, id: CameraId): Promise<StoredCamera | undefined> {
  return tx.selectFrom("camera").selectAll().where("id", "=", id).executeTakeFirst();
}

/** The row lock under which the accepted head, the state and the open assignment of a camera change. */
export async function lockCamera(tx: ForceTransaction, id: CameraId): Promise<StoredCamera | undefined> {
  return tx.selectFrom("camera").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
}

/** In the order of their ids, after the one given. */
export async function listCameras(
  tx: ForceTransaction,
  limit: number,
  after?: CameraId,
): Promise<StoredCamera[]> {
  let query = tx.selectFrom("camera").selectAll().orderBy("id").limit(limit);
  if (after !== undefined) query = query.where("id", ">", after);
  return query.execute();
}

export async function markCamera(
  tx: ForceTransaction,
  id: CameraId,
  state: "lost" | "retired",
): Promise<void> {
  await tx.updateTable("camera").set({ state }).where("id", "=", id).execute();
}

export async function insertDock(tx: ForceTransaction, row: Insertable<DockRow>): Promise<void> {
  await tx.insertInto("dock").values(row).execute();
}

export async function lockDock(tx: ForceTransaction, id: DockId): Promise<StoredDock | undefined> {
  return tx.selectFrom("dock").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
}

export async function listDocks(tx: ForceTransaction): Promise<StoredDock[]> {
  return tx.selectFrom("dock").selectAll().orderBy("name").limit(10_000).execute();
}

export async function retireDockRow(tx: ForceTransaction, id: DockId): Promise<void> {
  await tx.updateTable("dock").set({ state: "retired" }).where("id", "=", id).execute();
}

export async function insertAssignment(tx: ForceTransaction, row: Insertable<AssignmentRow>): Promise<void> {
  await tx.insertInto("assignment").values(row).execute();
}

export async function endAssignmentRow(tx: ForceTransaction, id: AssignmentId, at: Date): Promise<void> {
  await tx
    .updateTable("assignment")
    .set((set) => ({ ended_at: sql<Date>`greatest(${at}::timestamptz, ${set.ref("started_at")})` }))
    .where("id", "=", id)
    .where("ended_at", "is", null)
    .execute();
}

/** Open assignments of the cameras given. */
export async function openAssignments(
  tx: ForceTransaction,
  cameras: readonly CameraId[],
): Promise<StoredAssignment[]> {
  if (cameras.length === 0) return [];
  return tx
    .selectFrom("assignment")
    .selectAll()
    .where("camera_id", "in", [...cameras])
    .where("ended_at", "is", null)
    .execute();
}

export type NamedAssignment = StoredAssignment & {
  readonly officer: string;
  readonly collar_number: string | null;
  readonly borough: string | null;
  readonly team: string | null;
};

function namedAssignments(tx: ForceTransaction) {
  return tx
    .selectFrom("assignment as a")
    .innerJoin("person as p", "p.id", "a.person_id")
    .leftJoin("borough as b", "b.id", "a.borough_id")
    .leftJoin("team as t", "t.id", "a.team_id")
    .selectAll("a")
    .select(["p.name as officer", "p.collar_number", "b.name as borough", "t.name as team"]);
}

/** Newest first. */
export async function listAssignments(
  tx: ForceTransaction,
  camera: CameraId,
  limit: number,
): Promise<NamedAssignment[]> {
  return namedAssignments(tx)
    .where("a.camera_id", "=", camera)
    .orderBy("a.started_at", "desc")
    .limit(limit)
    .execute();
}

export async function readAssignment(
  tx: ForceTransaction,
  camera: CameraId,
  id: AssignmentId,
): Promise<NamedAssignment | undefined> {
  return namedAssignments(tx).where("a.camera_id", "=", camera).where("a.id", "=", id).executeTakeFirst();
}

export interface Unit {
  readonly boroughId: BoroughId | null;
  readonly teamId: TeamId | null;
}

/** A person's own unit; undefined: there is no such person in the force. */
export async function unitOfPerson(tx: ForceTransaction, id: PersonId): Promise<Unit | undefined> {
  return tx
    .selectFrom("person")
    .select(["borough_id as boroughId", "team_id as teamId"])
    .where("id", "=", id)
    .executeTakeFirst();
}

/** The borough of a team; undefined: there is no such team in the force. */
export async function boroughOf(tx: ForceTransaction, team: TeamId): Promise<BoroughId | undefined> {
  const row = await tx.selectFrom("team").select("borough_id").where("id", "=", team).executeTakeFirst();
  return row?.borough_id;
}

export async function hasBorough(tx: ForceTransaction, id: BoroughId): Promise<boolean> {
  const row = await tx.selectFrom("borough").select("id").where("id", "=", id).executeTakeFirst();
  return row !== undefined;
}

/** The first revocation of a certificate stays: a second does not move its time. */
export async function insertRevocation(tx: ForceTransaction, row: Insertable<RevocationRow>): Promise<void> {
  await tx
    .insertInto("revocation")
    .values(row)
    .onConflict((conflict) => conflict.columns(["force_id", "serial"]).doNothing())
    .execute();
}

export async function listRevocations(tx: ForceTransaction): Promise<{ serial: string; revoked_at: Date }[]> {
  return tx.selectFrom("revocation").select(["serial", "revoked_at"]).orderBy("serial").execute();
}

/** A number for a revocation list that was never given before (RFC 5280 §5.2.3). */
export async function nextListNumber(tx: ForceTransaction, forceId: ForceId): Promise<number> {
  const row = await tx
    .insertInto("revocation_list")
    .values({ force_id: forceId, number: 1 })
    .onConflict((conflict) =>
      conflict.column("force_id").doUpdateSet((set) => ({
        number: sql<number>`${set.ref("revocation_list.number")} + 1`,
      })),
    )
    .returning("number")
    .executeTakeFirstOrThrow();
  return row.number;
}

export async function insertBreach(
  tx: ForceTransaction,
  breach: Omit<StoredBreach, "may_hold"> & { readonly may_hold: readonly MayHold[] },
): Promise<void> {
  const { may_hold, ...rest } = breach;
  await tx
    .insertInto("breach")
    .values({ ...rest, may_hold: JSON.stringify(may_hold) })
    .execute();
}

export async function breachOf(tx: ForceTransaction, camera: CameraId): Promise<StoredBreach | undefined> {
  return tx
    .selectFrom("breach")
    .selectAll()
    .where("camera_id", "=", camera)
    .orderBy("opened_at", "desc")
    .executeTakeFirst();
}

export async function listBreaches(tx: ForceTransaction, limit: number): Promise<StoredBreach[]> {
  return tx.selectFrom("breach").selectAll().orderBy("opened_at", "desc").limit(limit).execute();
}

export interface PromisedRecording {
  readonly id: RecordingId;
  readonly number: number | null;
  readonly state: string;
  readonly isSealed: boolean;
  readonly recordedStartAt: Date | null;
  readonly durationMs: number | null;
  readonly storedBytes: number | null;
  readonly receivedBytes: number;
}

/** What the camera's journal promised and the camera has not said to have freed, oldest first. */
export async function listUnfreed(
  tx: ForceTransaction,
  camera: CameraId,
  limit: number,
): Promise<PromisedRecording[]> {
  const found = await sql<PromisedRecording>`
    select r.id, r.number, r.state, r.seal_hash is not null as "isSealed",
      r.recorded_start_at as "recordedStartAt", r.duration_ms as "durationMs", r.stored_bytes as "storedBytes",
      case when r.state = 'expected' then coalesce((select max(u.offset_bytes) from sworn.upload u
        where u.recording_id = r.id and u.state in ('open', 'verifying')), 0)
        else coalesce(r.stored_bytes, 0) end as "receivedBytes"
    from sworn.recording r
    where r.camera_id = ${camera} and not exists (select from sworn.freed_recording f
      where f.camera_id = r.camera_id and f.recording_id = r.id)
    order by r.number limit ${limit}`.execute(tx);
  return found.rows;
}
