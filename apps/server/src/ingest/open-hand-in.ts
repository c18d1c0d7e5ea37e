// A named person begins to hand in what is on a camera that is no longer trusted. The ledger names the person and the
// reason before anything of it is taken. The same journal again, told by its last entry, is the same hand-in.
import { randomUUID } from "node:crypto";
import { fromBase64url, type CameraId, type HandInId, type HandInRequest } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { lockCamera } from "../devices/index.ts";
import { withForce, type Actor } from "../platform/database/database.ts";
import { findHandInByHead, insertHandIn, type HandInRow } from "./hand-in-store.ts";
import type { IngestPorts } from "./ports.ts";

/** Somebody with a name: `personId` is there. */
export type Person = Actor & { readonly personId: NonNullable<Actor["personId"]> };

export type Opened =
  | { readonly outcome: "opened" | "known"; readonly row: HandInRow }
  | { readonly outcome: "camera-not-found" | "camera-trusted" | "malformed" };

export async function openHandIn(
  ports: IngestPorts,
  person: Person,
  camera: CameraId,
  order: HandInRequest,
): Promise<Opened> {
  const { database, clock, ledger } = ports.evidence;
  const head = fromBase64url(order.head.hash);
  if (head === null) return { outcome: "malformed" };
  const opened = await withForce(database, person, async (tx): Promise<Opened> => {
    const found = await lockCamera(tx, camera);
    if (found === undefined) return { outcome: "camera-not-found" };
    if (found.state === "in-service") return { outcome: "camera-trusted" };
    const known = await findHandInByHead(tx, camera, head);
    if (known !== undefined) return { outcome: "known", row: known };
    const id = randomUUID() as HandInId;
    const staged = await ledger.stage(tx, {
      event: "camera-handed-in",
      actor: { person: parseId(person.personId) },
      camera: parseId(camera),
      data: { handIn: parseId(id), reason: order.reason, headSequence: order.head.sequence, head },
    });
    const row: HandInRow = {
      id,
      force_id: person.forceId,
      camera_id: camera,
      handed_in_by: person.personId,
      reason: order.reason,
      head_sequence: order.head.sequence,
      head_hash: head,
      first_sequence: null,
      last_sequence: null,
      last_hash: null,
      open_sequence: null,
      fork_sequence: null,
      completed_at: null,
      entry_id: staged.id,
      created_at: new Date(clock.nowMs()),
    };
    await insertHandIn(tx, row);
    return { outcome: "opened", row };
  });
  if ("row" in opened) await ledger.covered(person.forceId, { id: opened.row.entry_id });
  return opened;
}
