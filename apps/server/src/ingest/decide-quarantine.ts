// A named person decides about what was kept apart: accept it as altered or untrusted, which gives the receipt that
// frees the camera, or reject it, which drops the bytes while the camera keeps its own.
import type { ForceId, PersonId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { collectRecording, findRecording, issueReceipt, partsOf } from "../evidence/index.ts";
import { recordFinding } from "../findings/index.ts";
import { withForce, type ForceTransaction } from "../platform/database/database.ts";
import type { IngestPorts } from "./ports.ts";
import type { PartVerdict } from "./quarantine-upload.ts";
import { decideRow, findQuarantine, lockQuarantine, type QuarantineRow } from "./quarantine-store.ts";

export interface Decision {
  readonly decision: "altered" | "untrusted" | "rejected";
  readonly reason: string;
}

export type Decided =
  | { readonly outcome: "decided"; readonly row: QuarantineRow }
  | { readonly outcome: "not-found" }
  | { readonly outcome: "decided-before" }
  /** The recording was collected from other bytes, or destroyed: these can only be rejected. */
  | { readonly outcome: "superseded" }
  /** Parts are missing: it is not what the journal promised, whoever brought it. */
  | { readonly outcome: "incomplete" };

export async function decideQuarantine(
  ports: IngestPorts,
  actor: { readonly forceId: ForceId; readonly personId: PersonId },
  id: string,
  order: Decision,
): Promise<Decided> {
  const { database } = ports.evidence;
  const row = await withForce(database, actor, (tx) => findQuarantine(tx, id));
  if (row === undefined || row.recording_id === null) return { outcome: "not-found" };
  const { recording_id: recording } = row;
  if (row.decided_at !== null) {
    // A crash may have come between a rejection and the end of its bytes.
    if (row.decision === "rejected") await ports.evidence.store.delete(row.object_key);
    return { outcome: "decided-before" };
  }
  if (order.decision === "rejected") {
    const decided = await withForce(database, actor, async (tx) => {
      if ((await lockQuarantine(tx, id))?.decided_at !== null) return false;
      await decide(tx, ports, actor.personId, row, order);
      return true;
    });
    if (!decided) return { outcome: "decided-before" };
    await ports.evidence.store.delete(row.object_key);
    return readDecided(ports, actor, id);
  }
  const promised = await withForce(database, actor, (tx) => findRecording(tx, recording));
  if (promised?.state !== "expected") return { outcome: "superseded" };
  const missing = (row.verdicts as unknown as readonly PartVerdict[]).filter(
    ({ verdict }) => verdict === "missing",
  );
  if (missing.length > 0 && order.decision !== "altered") return { outcome: "incomplete" };
  const collected = await collectRecording(ports.evidence, {
    forceId: actor.forceId,
    recording,
    verdict: order.decision,
    objectKey: row.object_key,
    parts: partsOf(promised),
    actor: { person: actor.personId },
    settle: async (tx) => {
      await lockQuarantine(tx, id);
      await decide(tx, ports, actor.personId, row, order);
      await tellMissingParts(tx, ports, row, missing);
    },
  });
  if (collected.outcome === "superseded") return { outcome: "superseded" };
  await issueReceipt(ports.evidence, actor.forceId, recording);
  return readDecided(ports, actor, id);
}

/** The recording is here, and these parts of it are not: they stay named (invariant 2). */
async function tellMissingParts(
  tx: ForceTransaction,
  ports: IngestPorts,
  row: QuarantineRow,
  missing: readonly PartVerdict[],
): Promise<void> {
  const [first, last] = [missing[0], missing.at(-1)];
  const { recording_id: recordingId, camera_id: cameraId, number } = row;
  if (first === undefined || last === undefined || recordingId === null || cameraId === null) return;
  const parts = { fromPart: first.index, toPart: last.index, fromMs: first.fromMs, toMs: last.toMs };
  const { id } = await recordFinding(
    tx,
    {
      ...{ kind: "missing", cameraId, recordingId },
      subject: `parts:${first.index.toString()}-${last.index.toString()}`,
      detail: { number, cause: "parts-missing", quarantine: row.id, ...parts },
    },
    ports.evidence.clock.nowMs(),
  );
  await ports.evidence.ledger.stage(tx, {
    event: "recording-missing",
    actor: { system: "ingest" },
    camera: parseId(cameraId),
    recording: parseId(recordingId),
    data: { finding: parseId(id), number, cause: "parts-missing", ...parts },
  });
}

async function decide(
  tx: ForceTransaction,
  ports: IngestPorts,
  person: PersonId,
  row: QuarantineRow,
  { decision, reason }: Decision,
): Promise<void> {
  const at = new Date(ports.evidence.clock.nowMs());
  await decideRow(tx, row.id, { decision, reason, by: person, at });
  await ports.evidence.ledger.stage(tx, {
    event: "quarantine-decided",
    actor: { person: parseId(person) },
    ...(row.recording_id === null ? {} : { recording: parseId(row.recording_id) }),
    ...(row.camera_id === null ? {} : { camera: parseId(row.camera_id) }),
    data: { quarantine: parseId(row.id), hash: row.hash, decision, reason },
  });
}

async function readDecided(
  ports: IngestPorts,
  actor: { readonly forceId: ForceId; readonly personId: PersonId },
  id: string,
): Promise<Decided> {
  const row = await withForce(ports.evidence.database, actor, (tx) => findQuarantine(tx, id));
  return row === undefined ? { outcome: "not-found" } : { outcome: "decided", row };
}
