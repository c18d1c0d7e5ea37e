// Records a finding in the transaction of what found it. The same finding again changes nothing.
import { randomUUID } from "node:crypto";
import type { CameraId, FindingId, FindingKind, RecordingId } from "@sworn/contract";
import type { ForceTransaction } from "../platform/database/database.ts";
import { insertFinding } from "./store.ts";

export interface NewFinding {
  readonly kind: FindingKind;
  readonly cameraId?: CameraId | null;
  readonly recordingId?: RecordingId | null;
  /** What makes it the same finding: with kind, camera and recording it is unique in the force. */
  readonly subject: string;
  /** Facts for the person who explains it. Plain JSON, no names of people. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** `known`: it was told before, resolved or not. */
export interface Recorded {
  readonly outcome: "recorded" | "known";
  readonly id: FindingId;
}

/** The database's texts hold neither NUL nor half a character, and what a finding quotes may hold both. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}

/** `foundAtMs`: the server's clock. */
export async function recordFinding(
  tx: ForceTransaction,
  finding: NewFinding,
  foundAtMs: number,
): Promise<Recorded> {
  return insertFinding(tx, {
    id: randomUUID() as FindingId,
    kind: finding.kind,
    cameraId: finding.cameraId ?? null,
    recordingId: finding.recordingId ?? null,
    subject: storable(finding.subject),
    detail: JSON.parse(
      JSON.stringify(finding.detail, (_key, value: unknown) =>
        typeof value === "string" ? storable(value) : value,
      ),
    ) as object,
    foundAt: new Date(foundAtMs),
  });
}
