// Level 4: no act without an entry; nothing destroyed while a hold stood; nothing kept past its day; nothing that a journal
// promised gone without a trace.
import type { RecordingId } from "@sworn/contract";
import { listDestroyedWhileHeld, planRetention, type DestroyedWhileHeld } from "../retention/index.ts";
import { listFreedOtherwise, listMissing, listUnentered, listUnenteredSegments } from "./ledger-store.ts";
import type { ForceCheck } from "./ports.ts";
import { rowOf } from "./subjects.ts";

/** Of one kind so many are named. */
const most = 1_000;
/** A hold states when it was asked for, which may be a little before it stood. */
const marginMs = 10_000;
/** The daily run comes once a day; a second one missed is worth telling. */
const graceDays = 2;

export async function checkActs(check: ForceCheck): Promise<void> {
  for (const { recordingId, event } of await check.query((tx) => listUnentered(tx, most))) {
    const message = `Recording ${recordingId} lacks its entry “${event}” in the ledger.`;
    check.tell({
      kind: "entry-missing",
      subject: rowOf("recording", recordingId, { recording: recordingId }),
      message,
    });
  }
  for (const { cameraId, firstSequence } of await check.query((tx) => listUnenteredSegments(tx, most))) {
    const subject = rowOf("journal_segment", `${cameraId} ${firstSequence.toString()}`, { camera: cameraId });
    const message = `The journal of camera ${cameraId} from entry ${firstSequence.toString()} on lacks its entry in the ledger.`;
    check.tell({ kind: "entry-missing", subject, message });
  }
  for (const { id, cameraId, number, wasFreed } of await check.query((tx) => listMissing(tx, most))) {
    const how = wasFreed ? "the camera says that it freed it" : "the camera holds it no more";
    const message = `Recording ${id}, number ${number.toString()} of camera ${cameraId}, is not here, and ${how}.`;
    check.tell({
      kind: "recording-missing",
      subject: { type: "recording", id, recording: id, camera: cameraId },
      message,
    });
  }
  for (const { id, cameraId, sequence } of await check.query((tx) => listFreedOtherwise(tx, most))) {
    const message = `Entry ${sequence.toString()} of the journal of camera ${cameraId} frees recording ${id} against a receipt that is not the one in its row.`;
    check.tell({
      kind: "freed-without-receipt",
      subject: { type: "recording", id, recording: id, camera: cameraId },
      message,
    });
  }
  await checkHolds(check);
  await checkOverdue(check);
}

async function checkHolds(check: ForceCheck): Promise<void> {
  let after: RecordingId | null = null;
  for (;;) {
    const from: RecordingId | null = after;
    const page: DestroyedWhileHeld[] = await check.query((tx) =>
      listDestroyedWhileHeld(tx, from, { limit: most, marginMs }),
    );
    for (const { recordingId, holdId, keyDestroyedAt } of page) {
      const message = `The key of recording ${recordingId} was destroyed at ${keyDestroyedAt.toISOString()}, while hold ${holdId} stood.`;
      check.tell({
        kind: "destroyed-while-held",
        subject: { type: "recording", id: recordingId, recording: recordingId },
        message,
      });
    }
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.recordingId;
  }
}

async function checkOverdue(check: ForceCheck): Promise<void> {
  const { database, clock, settings } = check.ports;
  const plan = await planRetention(
    { database, clock, settings },
    { forceId: check.forceId, personId: null },
    -graceDays,
  );
  for (const { recordingId, destroyAt } of plan.due) {
    const message = `Recording ${recordingId} was due on ${destroyAt?.slice(0, 10) ?? "?"}, no hold keeps it, and it is still there.`;
    check.tell({
      kind: "overdue",
      subject: { type: "recording", id: recordingId, recording: recordingId },
      message,
    });
  }
  if (plan.falling > plan.due.length) {
    const message = `${(plan.falling - plan.due.length).toString()} more recordings are overdue.`;
    check.tell({ kind: "overdue", subject: { type: "recording", id: "…" }, message });
  }
}
