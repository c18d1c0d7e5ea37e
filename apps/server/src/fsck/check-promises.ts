// Level 1: what was promised and did not come is named in a finding (invariant 2), and each key of details in journals is
// where its row says: in the ring while it is kept, and nowhere once it was destroyed.
import type { ForceCheck } from "./ports.ts";
import { eachJournalKey, eachUnnamed } from "./promises-store.ts";
import { keyOf, rowOf } from "./subjects.ts";

const dayMs = 86_400_000;
/** The sweep that names them is daily; a server that was off for a day has not yet failed. */
const graceDays = 2;
/** As the configuration's default. */
const defaultMissingAfterDays = 3;

export async function checkMissing(check: ForceCheck): Promise<void> {
  const { clock, missingAfterDays = defaultMissingAfterDays } = check.ports;
  const before = new Date(clock.nowMs() - (missingAfterDays + graceDays) * dayMs);
  for await (const { id, number, promisedAt } of eachUnnamed(check.query, before)) {
    const day = promisedAt.toISOString().slice(0, 10);
    const message = `Recording ${id}, number ${number.toString()}, was promised on ${day}, did not come, and no finding says so.`;
    check.tell({ kind: "missing-untold", subject: rowOf("recording", id, { recording: id }), message });
  }
}

export async function checkJournalKeys(check: ForceCheck): Promise<void> {
  if (check.keys === null) return;
  for await (const { camera, month, isOrdered, isDestroyed } of eachJournalKey(check.query)) {
    check.looked("keys of details");
    const id = `journal/${camera}/${month}`;
    const { keys, tombstones } = await check.keys.locate(id);
    const isKilled = tombstones.includes(true);
    const what = `The key of the details of camera ${camera} in ${month}`;
    if (isDestroyed && !isKilled) {
      const message = `${what} was destroyed, and no tombstone says so.`;
      check.tell({ kind: "not-destroyed", subject: keyOf(id), message });
    } else if (!isDestroyed && !isOrdered && (isKilled || !keys.includes(true))) {
      // Between the order and its end the key may be there or not.
      const message = isKilled
        ? `${what} was destroyed, and no row says that it was ordered.`
        : `${what} is in neither place.`;
      check.tell({ kind: "key-missing", subject: keyOf(id), message });
    }
  }
}
