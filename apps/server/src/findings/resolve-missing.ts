// A recording that was missing turned up: in the transaction that collects it, its finding is resolved, by nobody and
// with a ledger entry. One that a person resolved before stays as that person left it.
import type { RecordingId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import type { Ledger } from "../ledger/index.ts";
import type { Clock } from "../platform/clock.ts";
import type { ForceTransaction } from "../platform/database/database.ts";
import { closeMissing } from "./missing-store.ts";

/** `how`: how it turned up, for the ledger. The caller holds the recording's row lock. */
export async function resolveMissing(
  ports: { readonly clock: Clock; readonly ledger: Pick<Ledger, "stage"> },
  tx: ForceTransaction,
  recording: RecordingId,
  how: string,
): Promise<void> {
  for (const { id, cameraId } of await closeMissing(tx, recording, new Date(ports.clock.nowMs()))) {
    await ports.ledger.stage(tx, {
      event: "finding-resolved",
      actor: { system: "findings" },
      ...(cameraId === null ? {} : { camera: parseId(cameraId) }),
      recording: parseId(recording),
      data: { finding: parseId(id), kind: "missing", reason: how },
    });
  }
}
