// Gives a force the classes that it begins with. Idempotent: what is there stays as it is.
import type { ForceId } from "@sworn/contract";
import type { ForceTransaction } from "../platform/database/database.ts";
import { insertClass, insertVersion } from "./classes-store.ts";
import { defaultClasses } from "./default-classes.ts";

/** In the transaction that founds the force, and again at any start. Gives how many classes were added. */
export async function seedRetention(tx: ForceTransaction, forceId: ForceId, nowMs: number): Promise<number> {
  let added = 0;
  for (const { class: key, title, periodDays, reviewDays, citation } of defaultClasses) {
    const isNew = await insertClass(tx, {
      force_id: forceId,
      class: key,
      title,
      created_at: new Date(nowMs),
    });
    if (!isNew) continue;
    added += 1;
    await insertVersion(tx, {
      force_id: forceId,
      class: key,
      version: 1,
      period_days: periodDays,
      review_days: reviewDays,
      citation,
      // Also for what was recorded before the force began here.
      effective_at: new Date(0),
      existing_before: null,
      change_id: null,
    });
  }
  return added;
}
