// Enrols and retires docks. A retired dock's certificate is revoked: nothing that it signs opens anything again.
import type { Dock, DockEnrolment, DockId, DockRequest } from "@sworn/contract";
import { equalBytes, parseId } from "@sworn/custody";
import { withForce, type Actor } from "../platform/database/database.ts";
import { isForeignKeyViolation, isUniqueViolation } from "../platform/database/postgres-errors.ts";
import { actingPerson } from "./acting-person.ts";
import { readDeviceKey } from "./device-key.ts";
import { enrolmentOf } from "./enrolment.ts";
import type { DevicePorts } from "./ports.ts";
import { presentDock } from "./present.ts";
import { insertDock, insertRevocation, lockDock, retireDockRow } from "./store.ts";

export type EnrolDockOutcome =
  | { readonly outcome: "enrolled" | "known"; readonly enrolment: DockEnrolment }
  | { readonly outcome: "key-unusable" | "id-taken" | "name-taken" | "unit-not-found" };

export async function enrolDock(
  ports: DevicePorts,
  actor: Actor,
  request: DockRequest,
): Promise<EnrolDockOutcome> {
  const spki = await readDeviceKey(request.spki);
  if (spki === null) return { outcome: "key-unusable" };
  const known = await withForce(ports.database, actor, (tx) => lockDock(tx, request.id));
  if (known !== undefined) {
    if (!equalBytes(known.spki, spki) || known.state !== "in-service") return { outcome: "id-taken" };
    const enrolment = await enrolmentOf(ports, actor.forceId, known.certificate);
    return { outcome: "known", enrolment: { dock: presentDock(known), enrolment } };
  }
  const nowMs = ports.clock.nowMs();
  const authority = await ports.authorities.of(parseId(actor.forceId));
  const leaf = { role: "dock", subjectId: parseId(request.id), commonName: request.name, spki } as const;
  const certificate = await authority.certifyDevice(leaf, nowMs);
  const row = {
    id: request.id,
    force_id: actor.forceId,
    name: request.name,
    borough_id: request.boroughId ?? null,
    spki,
    certificate: certificate.der,
    certificate_hash: certificate.hash,
    serial: certificate.serial,
    state: "in-service" as const,
    enrolled_at: new Date(nowMs),
  };
  try {
    await withForce(ports.database, actor, async (tx) => {
      await insertDock(tx, row);
      await ports.ledger.stage(tx, {
        event: "dock-enrolled",
        actor: actingPerson(actor),
        data: { dock: parseId(request.id), certificate: certificate.hash, name: request.name },
      });
    });
  } catch (error) {
    if (isUniqueViolation(error, "dock_force_id_name_key")) return { outcome: "name-taken" };
    if (isUniqueViolation(error)) return { outcome: "id-taken" };
    if (isForeignKeyViolation(error)) return { outcome: "unit-not-found" };
    throw error;
  }
  const enrolment = await enrolmentOf(ports, actor.forceId, certificate.der);
  return { outcome: "enrolled", enrolment: { dock: presentDock(row), enrolment } };
}

/** Null: there is no such dock. Retiring again changes nothing. */
export async function retireDock(ports: DevicePorts, actor: Actor, id: DockId): Promise<Dock | null> {
  return withForce(ports.database, actor, async (tx) => {
    const dock = await lockDock(tx, id);
    if (dock === undefined) return null;
    if (dock.state === "retired") return presentDock(dock);
    await retireDockRow(tx, id);
    await insertRevocation(tx, {
      force_id: actor.forceId,
      serial: dock.serial,
      revoked_at: new Date(ports.clock.nowMs()),
      camera_id: null,
      dock_id: id,
      revoked_by: actor.personId,
    });
    await ports.ledger.stage(tx, {
      event: "dock-retired",
      actor: actingPerson(actor),
      data: { dock: parseId(id), serial: dock.serial },
    });
    return presentDock({ ...dock, state: "retired" });
  });
}
