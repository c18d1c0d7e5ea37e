// Begins an export: who gets it and what for stands in the ledger, covered by a checkpoint, before the first byte goes.
import { randomUUID } from "node:crypto";
import type { ExportRequest, PersonId, RecordingId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { withForce, type Actor } from "../platform/database/database.ts";
import type { EvidencePorts } from "./ports.ts";
import {
  findRecording,
  insertExport,
  lockRecording,
  readExport,
  type ExportRow,
  type RecordingRow,
} from "./store.ts";

/** An export's address works for so long; then it is asked for anew, with a purpose. */
const EXPORT_MS = 24 * 3_600_000;

export type Started =
  | { readonly outcome: "started"; readonly row: ExportRow; readonly recording: RecordingRow }
  | { readonly outcome: "not-found" | "not-collected" }
  | { readonly outcome: "destroyed" };

/** @throws LedgerFault when the ledger cannot cover the entry: then nothing is exported */
export async function startExport(
  ports: EvidencePorts,
  actor: Actor & { readonly personId: PersonId },
  recording: RecordingId,
  order: ExportRequest,
): Promise<Started> {
  const nowMs = ports.clock.nowMs();
  // Notes, reasons and positions of a recording are relevant material (CPIA Code), and the film shows more: they go with
  // it unless whoever exports says otherwise. Who wore the camera is no part of it.
  const { recipient, purpose, details = "recording" } = order;
  const done = await withForce<Started>(ports.database, actor, async (tx) => {
    const row = await lockRecording(tx, recording);
    if (row === undefined) return { outcome: "not-found" };
    if (row.state === "expected") return { outcome: "not-collected" };
    if (row.state !== "collected") return { outcome: "destroyed" };
    const id = randomUUID();
    const staged = await ports.ledger.stage(tx, {
      event: "recording-exported",
      actor: { person: parseId(actor.personId) },
      recording: parseId(recording),
      atMs: nowMs,
      data: {
        export: parseId(id),
        recipient,
        purpose,
        details,
        identity: row.identity,
      },
    });
    const started: ExportRow = {
      id,
      force_id: actor.forceId,
      recording_id: recording,
      person_id: actor.personId,
      recipient,
      purpose,
      details,
      entry_id: staged.id,
      created_at: new Date(nowMs),
      expires_at: new Date(nowMs + EXPORT_MS),
    };
    await insertExport(tx, started);
    return { outcome: "started", row: started, recording: row };
  });
  if (done.outcome === "started") await ports.ledger.covered(actor.forceId, { id: done.row.entry_id });
  return done;
}

export type OpenedExport =
  | { readonly outcome: "open"; readonly row: ExportRow; readonly recording: RecordingRow }
  | { readonly outcome: "not-found" | "expired" }
  | { readonly outcome: "destroyed"; readonly recording: RecordingRow };

/** An export that the same person began and whose entry is covered. */
export async function openExport(
  ports: EvidencePorts,
  actor: Actor & { readonly personId: PersonId },
  recording: RecordingId,
  id: string,
): Promise<OpenedExport> {
  const opened = await withForce<OpenedExport>(ports.database, actor, async (tx) => {
    const row = await readExport(tx, id);
    const found = await findRecording(tx, recording);
    if (row?.recording_id !== recording || row.person_id !== actor.personId || found === undefined) {
      return { outcome: "not-found" };
    }
    if (found.state === "destroyed" || found.state === "destroy-ordered")
      return { outcome: "destroyed", recording: found };
    if (row.expires_at.getTime() <= ports.clock.nowMs()) return { outcome: "expired" };
    return { outcome: "open", row, recording: found };
  });
  // A crash may have come between the commit and its checkpoint.
  if (opened.outcome === "open") await ports.ledger.covered(actor.forceId, { id: opened.row.entry_id });
  return opened;
}
