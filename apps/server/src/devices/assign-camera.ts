// Issues a camera to an officer for a shift and takes it back. A camera has at most one open assignment: its row lock
// and a unique index see to it.
import { randomUUID } from "node:crypto";
import type { Assignment, AssignmentId, AssignmentRequest, CameraId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { withForce, type Actor, type ForceTransaction } from "../platform/database/database.ts";
import { actingPerson } from "./acting-person.ts";
import type { DevicePorts } from "./ports.ts";
import { presentAssignment } from "./present.ts";
import {
  boroughOf,
  endAssignmentRow,
  hasBorough,
  insertAssignment,
  lockCamera,
  openAssignments,
  readAssignment,
  unitOfPerson,
  type StoredCamera,
  type Unit,
} from "./store.ts";

export type AssignOutcome =
  | { readonly outcome: "assigned"; readonly assignment: Assignment }
  | { readonly outcome: "camera-not-found" | "person-not-found" | "unit-not-found" }
  | { readonly outcome: "not-in-service"; readonly state: StoredCamera["state"] }
  | { readonly outcome: "already-assigned"; readonly open: AssignmentId };

type Ports = Pick<DevicePorts, "database" | "clock" | "ledger">;

export async function assignCamera(
  ports: Ports,
  actor: Actor,
  camera: CameraId,
  request: AssignmentRequest,
): Promise<AssignOutcome> {
  return withForce(ports.database, actor, (tx) => assign(ports, tx, actor, camera, request));
}

async function assign(
  ports: Ports,
  tx: ForceTransaction,
  actor: Actor,
  camera: CameraId,
  request: AssignmentRequest,
): Promise<AssignOutcome> {
  const row = await lockCamera(tx, camera);
  if (row === undefined) return { outcome: "camera-not-found" };
  if (row.state !== "in-service") return { outcome: "not-in-service", state: row.state };
  const [open] = await openAssignments(tx, [camera]);
  if (open !== undefined) return { outcome: "already-assigned", open: open.id as AssignmentId };
  const person = await unitOfPerson(tx, request.personId);
  if (person === undefined) return { outcome: "person-not-found" };
  const unit = await unitFor(tx, request, person, row);
  if (unit === null) return { outcome: "unit-not-found" };
  const id = randomUUID() as AssignmentId;
  await insertAssignment(tx, {
    id,
    force_id: actor.forceId,
    camera_id: camera,
    person_id: request.personId,
    borough_id: unit.boroughId,
    team_id: unit.teamId,
    started_at: new Date(ports.clock.nowMs()),
    ended_at: null,
    issued_by: actor.personId,
  });
  await ports.ledger.stage(tx, {
    event: "camera-assigned",
    actor: actingPerson(actor),
    camera: parseId(camera),
    data: { assignment: parseId(id), person: parseId(request.personId) },
  });
  const made = await readAssignment(tx, camera, id);
  return made === undefined
    ? { outcome: "person-not-found" }
    : { outcome: "assigned", assignment: presentAssignment(made) };
}

/** As asked, else the officer's own unit, else the camera's. Null: no such unit, or a team of another borough. */
async function unitFor(
  tx: ForceTransaction,
  request: AssignmentRequest,
  person: Unit,
  camera: StoredCamera,
): Promise<Unit | null> {
  if (request.teamId !== undefined) {
    const boroughId = await boroughOf(tx, request.teamId);
    if (boroughId === undefined) return null;
    if (request.boroughId !== undefined && request.boroughId !== boroughId) return null;
    return { boroughId, teamId: request.teamId };
  }
  if (request.boroughId !== undefined) {
    const isHere = await hasBorough(tx, request.boroughId);
    return isHere ? { boroughId: request.boroughId, teamId: null } : null;
  }
  if (person.boroughId !== null) return person;
  return { boroughId: camera.borough_id, teamId: camera.team_id };
}

/** Null: there is no such assignment of that camera. Ending again changes nothing. */
export async function endAssignment(
  ports: Ports,
  actor: Actor,
  camera: CameraId,
  id: AssignmentId,
): Promise<Assignment | null> {
  return withForce(ports.database, actor, async (tx) => {
    await lockCamera(tx, camera);
    const found = await readAssignment(tx, camera, id);
    if (found === undefined) return null;
    if (found.ended_at !== null) return presentAssignment(found);
    await endAssignmentRow(tx, id, new Date(ports.clock.nowMs()));
    await ports.ledger.stage(tx, {
      event: "camera-unassigned",
      actor: actingPerson(actor),
      camera: parseId(camera),
      data: { assignment: parseId(id) },
    });
    const ended = await readAssignment(tx, camera, id);
    return presentAssignment(ended ?? found);
  });
}
