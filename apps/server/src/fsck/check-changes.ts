// Level 4: the change log beside the ledger, from which `sworn recover` would rebuild the rows, opens frame by frame.
import { VaultError } from "@sworn/vault";
import { checkChanges } from "../recovery/index.ts";
import type { ForceCheck } from "./ports.ts";
import { messageOf } from "./subjects.ts";

export async function checkChangeLog(check: ForceCheck): Promise<void> {
  const { forceId, keys } = check;
  if (keys === null) return;
  const tell = (message: string): void => {
    const subject = { type: "file", id: `ledger/${forceId}/private/changes` } as const;
    check.tell({ kind: "change-log-damaged", subject, message });
  };
  try {
    const found = await checkChanges({
      ...{ forceId, keys, query: check.query, ledgerFolder: check.ports.ledgerFolder },
      onFrame(bytes) {
        check.looked("change frames");
        check.read(bytes);
      },
    });
    for (const message of found) tell(message);
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    tell(`The key of the change log of force ${forceId}: ${messageOf(error)}`);
  }
}
