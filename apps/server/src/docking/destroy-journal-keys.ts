// Destroys the keys of details whose period is over, under the rule that each was made with. As with recordings: an order
// in the ledger, its checkpoint, then the key, then the entry that it is gone. A crash between goes on from there.
import type { ForceId } from "@sworn/contract";
import { parseId } from "@sworn/custody";
import { withForce } from "../platform/database/database.ts";
import { journalKeyId } from "./journal-keys.ts";
import {
  isRecordingKept,
  listEndingKeys,
  lockJournalKey,
  updateJournalKey,
  type JournalKey,
} from "./journal-keys-store.ts";
import type { DockingPorts } from "./ports.ts";

const PAGE = 100;

export interface EndedKeys {
  /** Ids in the key ring. */
  readonly destroyed: readonly string[];
  /** Due, but a recording is kept that the details speak of. */
  readonly kept: number;
}

/** One that fails does not keep the others: the first fault is thrown at the end. @throws LedgerFault, VaultError */
export async function destroyDueJournalKeys(ports: DockingPorts, forceId: ForceId): Promise<EndedKeys> {
  const actor = { forceId, personId: null };
  const at = new Date(ports.clock.nowMs());
  const destroyed: string[] = [];
  const faults: unknown[] = [];
  let kept = 0;
  let after: JournalKey | undefined;
  for (;;) {
    const page = await withForce(ports.database, actor, (tx) =>
      listEndingKeys(tx, at, { after, limit: PAGE }),
    );
    for (const key of page) {
      try {
        if (await destroyOne(ports, forceId, key)) destroyed.push(journalKeyId(key.camera_id, key.month));
        else kept += 1;
      } catch (error) {
        faults.push(error);
      }
    }
    after = page.at(-1);
    if (page.length < PAGE) break;
  }
  if (faults.length > 0) throw faults[0];
  return { destroyed, kept };
}

async function destroyOne(ports: DockingPorts, forceId: ForceId, listed: JournalKey): Promise<boolean> {
  const order = await orderEnd(ports, forceId, listed);
  if (order === null) return false;
  await ports.ledger.covered(forceId, { id: order });
  const id = journalKeyId(listed.camera_id, listed.month);
  const { destroyedAtMs = ports.clock.nowMs() } = await ports.keys.delete(id);
  const staged = await withForce(ports.database, { forceId, personId: null }, async (tx) => {
    const row = await lockJournalKey(tx, listed.camera_id, listed.month);
    if (row === undefined || row.destroyed_at !== null) return null;
    await updateJournalKey(tx, listed, { destroyed_at: new Date(destroyedAtMs) });
    return ports.ledger.stage(tx, {
      event: "journal-key-destroyed",
      actor: { system: "docking" },
      camera: parseId(listed.camera_id),
      data: { key: id, keyDestroyedAtMs: destroyedAtMs },
    });
  });
  if (staged !== null) await ports.ledger.covered(forceId, staged);
  return true;
}

/** The id of the entry that orders it; null: a recording is kept that the details speak of. */
async function orderEnd(
  ports: DockingPorts,
  forceId: ForceId,
  { camera_id: camera, month }: JournalKey,
): Promise<number | null> {
  return withForce(ports.database, { forceId, personId: null }, async (tx) => {
    const row = await lockJournalKey(tx, camera, month);
    if (row === undefined) return null;
    if (row.order_entry_id !== null) return row.order_entry_id;
    if (await isRecordingKept(tx, camera, month)) return null;
    const { rule_version: version, period_days: periodDays, citation, due_at: dueAt } = row;
    const staged = await ports.ledger.stage(tx, {
      event: "journal-key-destroy-ordered",
      actor: { system: "docking" },
      camera: parseId(camera),
      data: {
        key: journalKeyId(camera, month),
        rule: { version, periodDays, citation },
        dueAtMs: dueAt.getTime(),
      },
    });
    const ordered = { ordered_at: new Date(ports.clock.nowMs()), order_entry_id: staged.id };
    await updateJournalKey(tx, row, ordered);
    return staged.id;
  });
}
