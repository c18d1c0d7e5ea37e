// Enrols a camera: the force certifies its key. Asked again with the same key, it gives the same certificate, so that
// a lost answer costs nothing.
import type { CameraEnrolment, CameraRequest } from "@sworn/contract";
import { equalBytes, parseId } from "@sworn/custody";
import { withForce, type Actor, type ForceTransaction } from "../platform/database/database.ts";
import { isForeignKeyViolation, isUniqueViolation } from "../platform/database/postgres-errors.ts";
import { readDeviceKey } from "./device-key.ts";
import { enrolmentOf } from "./enrolment.ts";
import type { DevicePorts } from "./ports.ts";
import { presentCamera } from "./present.ts";
import { boroughOf, insertCamera, openAssignments, readCamera, type StoredCamera } from "./store.ts";
import { actingPerson } from "./acting-person.ts";

export type EnrolCameraOutcome =
  | { readonly outcome: "enrolled" | "known"; readonly enrolment: CameraEnrolment }
  | { readonly outcome: "key-unusable" | "id-taken" | "name-taken" | "unit-not-found" };

export async function enrolCamera(
  ports: DevicePorts,
  actor: Actor,
  request: CameraRequest,
): Promise<EnrolCameraOutcome> {
  const spki = await readDeviceKey(request.spki);
  if (spki === null) return { outcome: "key-unusable" };
  const known = await withForce(ports.database, actor, (tx) => readCamera(tx, request.id));
  if (known !== undefined) return again(ports, actor, known, spki);
  try {
    return await certify(ports, actor, request, spki);
  } catch (error) {
    if (isUniqueViolation(error, "camera_force_id_name_key")) return { outcome: "name-taken" };
    if (isUniqueViolation(error)) return { outcome: "id-taken" };
    if (isForeignKeyViolation(error)) return { outcome: "unit-not-found" };
    throw error;
  }
}

async function again(
  ports: DevicePorts,
  actor: Actor,
  known: StoredCamera,
  spki: Uint8Array,
): Promise<EnrolCameraOutcome> {
  if (!equalBytes(known.spki, spki) || known.state !== "in-service") return { outcome: "id-taken" };
  const [assignment] = await withForce(ports.database, actor, (tx) => openAssignments(tx, [known.id]));
  const enrolment = await enrolmentOf(ports, actor.forceId, known.certificate);
  return { outcome: "known", enrolment: { camera: presentCamera(known, assignment), enrolment } };
}

async function certify(
  ports: DevicePorts,
  actor: Actor,
  request: CameraRequest,
  spki: Uint8Array,
): Promise<EnrolCameraOutcome> {
  const nowMs = ports.clock.nowMs();
  const authority = await ports.authorities.of(parseId(actor.forceId));
  const subjectId = parseId(request.id);
  const leaf = { role: "camera", subjectId, commonName: request.name, spki } as const;
  const certificate = await authority.certifyDevice(leaf, nowMs);
  const camera = await withForce(ports.database, actor, async (tx) => {
    const boroughId = await boroughFor(tx, request);
    if (boroughId === undefined) return null;
    const row = {
      id: request.id,
      force_id: actor.forceId,
      name: request.name,
      model: request.model,
      borough_id: boroughId,
      team_id: request.teamId ?? null,
      spki,
      certificate: certificate.der,
      certificate_hash: certificate.hash,
      serial: certificate.serial,
      state: "in-service" as const,
      enrolled_at: new Date(nowMs),
      enrolled_by: actor.personId,
      last_docked_at: null,
      head_sequence: null,
      head_hash: null,
      head_accepted_at: null,
    };
    await insertCamera(tx, row);
    await ports.ledger.stage(tx, {
      event: "camera-enrolled",
      actor: actingPerson(actor),
      camera: subjectId,
      data: { certificate: certificate.hash, name: request.name, model: request.model },
    });
    return row;
  });
  if (camera === null) return { outcome: "unit-not-found" };
  const enrolment = await enrolmentOf(ports, actor.forceId, certificate.der);
  return { outcome: "enrolled", enrolment: { camera: presentCamera(camera, undefined), enrolment } };
}

/** A team brings its borough along; undefined: the team is not there, or in another borough than was said. */
async function boroughFor(tx: ForceTransaction, { boroughId, teamId }: CameraRequest) {
  if (teamId === undefined) return boroughId ?? null;
  const ofTeam = await boroughOf(tx, teamId);
  return boroughId === undefined || boroughId === ofTeam ? ofTeam : undefined;
}
