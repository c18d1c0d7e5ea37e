// Writes what a handed-in journal promises, in the transaction that keeps it. The accepted journal's word stands: it is
// added to, never changed; where the two differ a finding says so.
import { equalBytes } from "@sworn/custody";
import { putPromised, unitAt } from "../docking/index.ts";
import { findRecording } from "../evidence/index.ts";
import type { NewFinding } from "../findings/index.ts";
import type { ForceTransaction } from "../platform/database/database.ts";
import type { HandedInRecording } from "./describe-handed-in.ts";
import { markHandedIn, type HandInRow } from "./hand-in-store.ts";
import { findUploadOf } from "./store.ts";

/** PostgreSQL's int. */
const MOST_NUMBER = 2_147_483_647;
const MOST_PROBLEMS = 20;

export async function promiseHandedIn(
  tx: ForceTransaction,
  handIn: HandInRow,
  recordings: readonly HandedInRecording[],
  createdAt: Date,
): Promise<NewFinding[]> {
  const findings: NewFinding[] = [];
  for (const one of recordings) findings.push(...(await promiseOne(tx, handIn, one, createdAt)));
  return findings;
}

async function promiseOne(
  tx: ForceTransaction,
  handIn: HandInRow,
  one: HandedInRecording,
  createdAt: Date,
): Promise<NewFinding[]> {
  const { camera_id: cameraId, id } = handIn;
  const subject = `number:${one.number.toString()}`;
  const differs = (problem: string): NewFinding[] => [
    {
      kind: "journal-fork",
      cameraId,
      subject: `handed-in:recording:${one.id}`,
      detail: { handIn: id, problem, recording: one.id, number: one.number },
    },
  ];
  const row = await findRecording(tx, one.id);
  if (row !== undefined) {
    if (row.camera_id !== cameraId || row.number !== one.number) return differs("id-taken");
    const isSettled = row.state !== "expected" || row.seal_hash !== null;
    const isKnown = row.identity !== null && one.fields.identity !== null;
    if (isSettled) {
      if (!one.isSealed || !isKnown || row.identity === null || one.fields.identity === null) return [];
      return equalBytes(row.identity, one.fields.identity) ? [] : differs("recording-differs");
    }
    // Its beginning stands in the accepted journal, and this one tells another story up to there.
    if (row.hand_in_id === null && handIn.fork_sequence !== null) return differs("recording-differs");
    if (row.hand_in_id !== null && (await findUploadOf(tx, row.id, ["open", "verifying"])) !== undefined)
      return [];
  }
  if (one.number > MOST_NUMBER) return differs("number-taken");
  const startMs = one.fields.camera_start_ms;
  const at = startMs !== null && startMs >= 0 && startMs < 253_402_300_800_000 ? new Date(startMs) : null;
  const unit = await unitAt(tx, cameraId, null, at);
  const outcome = await putPromised(tx, {
    id: one.id,
    forceId: handIn.force_id,
    cameraId,
    number: one.number,
    fields: {
      ...one.fields,
      borough_id: unit.boroughId,
      team_id: unit.teamId,
      officer_id: unit.officerId,
      assignment_id: unit.assignmentId,
    },
    createdAt,
  });
  if (outcome !== "put") return outcome === "kept" ? [] : differs(outcome);
  await markHandedIn(tx, one.id, id);
  const about = { cameraId, recordingId: one.id, subject };
  const findings: NewFinding[] = [
    { ...about, kind: "uncertain-clock", detail: { clock: one.fields.clock, handIn: id } },
  ];
  if (one.problems.length > 0) {
    const detail = { problems: one.problems.slice(0, MOST_PROBLEMS), handIn: id };
    findings.push({ ...about, kind: "journal-transition", detail });
  }
  if (!one.isSealed)
    findings.push({ ...about, kind: "unclean-stop", detail: { reason: "not-sealed", handIn: id } });
  return findings;
}
