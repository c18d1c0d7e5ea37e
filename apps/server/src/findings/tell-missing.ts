// Names a recording that a journal promised and that is not here: once, with a ledger entry (invariant 2). What is
// collected at the same moment is not named: its row lock decides.
import type { CameraId, RecordingId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import type { Ledger } from "../ledger/index.ts";
import type { Clock } from "../platform/clock.ts";
import type { ForceTransaction } from "../platform/database/database.ts";
import { recordFinding } from "./record-finding.ts";
import { lockExpected } from "./missing-store.ts";

export interface MissingRecording {
  readonly cameraId: CameraId;
  readonly recordingId: RecordingId;
  /** Of the recording at its camera. */
  readonly number: number;
  /** `not-held`: its camera docked without it; `overdue`: promised too long ago; `camera-lost`: nobody can send it. */
  readonly cause: "not-held" | "overdue" | "camera-lost";
  /** More facts for the person who explains it. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** `known`: it was told before. `collected`: it is not missing any more. */
export async function tellMissing(
  ports: { readonly clock: Clock; readonly ledger: Pick<Ledger, "stage"> },
  tx: ForceTransaction,
  { cameraId, recordingId, number, cause, detail }: MissingRecording,
): Promise<"told" | "known" | "collected"> {
  if (!(await lockExpected(tx, recordingId))) return "collected";
  const finding = {
    ...({ kind: "missing", cameraId, recordingId } as const),
    subject: `number:${number.toString()}`,
    detail: { number, cause, ...detail },
  };
  const { outcome, id } = await recordFinding(tx, finding, ports.clock.nowMs());
  if (outcome === "known") return "known";
  await ports.ledger.stage(tx, {
    event: "recording-missing",
    actor: { system: "findings" },
    camera: parseId(cameraId),
    recording: parseId(recordingId),
    data: { finding: parseId(id), number, cause },
  });
  return "told";
}
