// Looks at a force's change log for `sworn fsck`: every frame opens at its place, and the database is not ahead of it.
// Changes nothing.
import type { ForceId } from "@sworn/contract";
import type { KeyRing } from "@sworn/vault";
import type { ForceTransaction } from "../platform/database/database.ts";
import { changesFolder } from "./change-file.ts";
import { readHead } from "./changes-store.ts";
import { openNewest } from "./compare-log.ts";
import { readFrame } from "./read-log.ts";
import { RecoveryFault } from "./recovery-fault.ts";

export interface ChangesCheck {
  readonly forceId: ForceId;
  readonly ledgerFolder: string;
  readonly keys: Pick<KeyRing, "get">;
  readonly query: <T>(work: (tx: ForceTransaction) => Promise<T>) => Promise<T>;
  readonly onFrame: (bytes: number) => void;
}

/** What is wrong with it, in a sentence each. A database that never gave anything away has none. */
export async function checkChanges(check: ChangesCheck): Promise<string[]> {
  const { forceId } = check;
  const head = await check.query(readHead);
  const about = `The change log of force ${forceId}`;
  try {
    const log = await openNewest(
      { folder: changesFolder(check.ledgerFolder, forceId), keys: check.keys },
      forceId,
      "read",
    );
    if (log === null) return head === null ? [] : [`${about} is not there.`];
    try {
      const { epoch, frames } = log.file;
      for (let frame = 1; frame <= frames; frame += 1) {
        check.onFrame((await log.file.read(frame)).length);
        // Behind the head a crash may have cut one off.
        const isCounted = head?.epoch === epoch && frame <= head.frame;
        if ((await readFrame(log, frame)) === null && isCounted) {
          return [`${about} is damaged in frame ${frame.toString()} of file ${epoch.toString()}.`];
        }
      }
      const isShort = head !== null && (head.epoch > epoch || (head.epoch === epoch && head.frame > frames));
      return isShort ? [`${about} ends before the place that the database stands at.`] : [];
    } finally {
      await log.file.close();
    }
  } catch (error) {
    if (error instanceof RecoveryFault) return [`${about}: ${error.message}`];
    throw error;
  }
}
