// What a segment is judged against: the camera's certificate, its accepted head, and its state there.
import type { CameraId, ForceId } from "@sworn/contract";
import {
  nextState,
  parseId,
  type ChainHead,
  type JournalState,
  type ParsedCertificate,
} from "@sworn/custody";
import { findCamera } from "../devices/index.ts";
import { withForce } from "../platform/database/database.ts";
import { DockingFault } from "./docking-fault.ts";
import { NOTHING_YET, decodeMemory, type JournalMemory } from "./journal-memory.ts";
import { readJournal, type JournalPorts } from "./read-journal.ts";
import { readJournalState } from "./store.ts";

export interface Preparation {
  readonly camera: Uint8Array;
  readonly certificate: ParsedCertificate;
  readonly head: ChainHead | null;
  readonly memory: JournalMemory;
}

export async function prepareAcceptance(
  ports: JournalPorts,
  forceId: ForceId,
  cameraId: CameraId,
): Promise<Preparation> {
  const read = await withForce(ports.database, { forceId, personId: null }, async (tx) => ({
    found: await findCamera(tx, cameraId),
    memory: await readJournalState(tx, cameraId),
  }));
  // The session that led here has a foreign key to the camera, and cameras are never removed.
  if (read.found === undefined) throw new DockingFault("camera-gone", `Camera ${cameraId} is gone.`);
  const { row, certificate } = read.found;
  const { head_sequence: sequence, head_hash: hash } = row;
  const head = sequence === null || hash === null ? null : { sequence, hash };
  const memory = head === null ? NOTHING_YET : read.memory === undefined ? null : decodeMemory(read.memory);
  return {
    camera: parseId(cameraId),
    certificate,
    head,
    memory: memory ?? (await rememberAnew(ports, { forceId, camera: cameraId }, head?.sequence ?? -1)),
  };
}

/** From the whole journal: after a change of what is remembered, or a lost row. */
async function rememberAnew(
  ports: JournalPorts,
  place: { readonly forceId: ForceId; readonly camera: CameraId },
  headSequence: number,
): Promise<JournalMemory> {
  let state: JournalState = NOTHING_YET.state;
  let assignment: Uint8Array | null = null;
  for (const { entry } of await readJournal(ports, place, { from: 0, to: headSequence })) {
    state = nextState(state, entry).state;
    if (entry.kind === "assigned") assignment = entry.body.assignment;
    if (entry.kind === "unassigned") assignment = null;
  }
  return { state, assignment };
}
