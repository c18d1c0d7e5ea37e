// A camera is reported lost: in one transaction its certificate is revoked, the ledger told, and the record of a
// possible breach begun, whose 72 hours run from now (DPA 2018 s.67). Reporting it again gives the same record.
import { randomUUID } from "node:crypto";
import type { BreachId, CameraId, Loss } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { withForce, type Actor } from "../platform/database/database.ts";
import { actingPerson } from "./acting-person.ts";
import { listMayHold } from "./list-may-hold.ts";
import type { DevicePorts } from "./ports.ts";
import { presentBreach, presentCamera } from "./present.ts";
import {
  breachOf,
  insertBreach,
  insertRevocation,
  lockCamera,
  markCamera,
  openAssignments,
} from "./store.ts";

const BREACH_NOTICE_MS = 72 * 3_600_000;

/** Null: there is no such camera. */
export async function loseCamera(
  ports: Pick<DevicePorts, "database" | "clock" | "ledger">,
  actor: Actor,
  id: CameraId,
  circumstances: string,
): Promise<Loss | null> {
  return withForce(ports.database, actor, async (tx) => {
    const camera = await lockCamera(tx, id);
    if (camera === undefined) return null;
    const [assignment] = await openAssignments(tx, [id]);
    const known = camera.state === "lost" ? await breachOf(tx, id) : undefined;
    if (known !== undefined)
      return { camera: presentCamera(camera, assignment), breach: presentBreach(known) };
    const nowMs = ports.clock.nowMs();
    const at = new Date(nowMs);
    const mayHold = await listMayHold(tx, camera);
    const breach = {
      id: randomUUID() as BreachId,
      force_id: actor.forceId,
      camera_id: id,
      opened_at: at,
      notify_by: new Date(nowMs + BREACH_NOTICE_MS),
      opened_by: actor.personId,
      circumstances,
      may_hold: mayHold,
      closed_at: null,
    };
    await markCamera(tx, id, "lost");
    await insertRevocation(tx, {
      force_id: actor.forceId,
      serial: camera.serial,
      revoked_at: at,
      camera_id: id,
      dock_id: null,
      revoked_by: actor.personId,
    });
    await insertBreach(tx, breach);
    await ports.ledger.stage(tx, {
      event: "camera-lost",
      actor: actingPerson(actor),
      camera: parseId(id),
      data: {
        breach: parseId(breach.id),
        serial: camera.serial,
        promised: mayHold.length - 1,
        afterSequence: camera.head_sequence,
      },
    });
    return { camera: presentCamera({ ...camera, state: "lost" }, assignment), breach: presentBreach(breach) };
  });
}
