// What a restored database does not know: a recording that it shows as collected, and whose key carries a tombstone. The
// row catches up with the key ring and the ledger; nothing is brought back, and no entry is made twice.
import type { ForceId, RecordingId } from "@sworn/contract";
import { readPrivateEntry } from "@sworn/custody";
import { listRecordingEntries, type EntryRow } from "../ledger/index.ts";
import { withForce } from "../platform/database/database.ts";
import { findCertificate } from "./certify-destruction.ts";
import { isKeyGone } from "./destroy-key.ts";
import { shareGate } from "./gate-store.ts";
import { keyIdOf, type RetentionPorts } from "./ports.ts";
import { RetentionFault } from "./retention-error.ts";
import { insertOrder, lockRecording, markDestroyed, markKeyDestroyed, type Order } from "./store.ts";

export type AdoptOutcome =
  /** The key is there, or the row knows already. */
  | "nothing-to-adopt"
  /** Ordered again by the entry that the ledger has; to be finished. */
  | "adopted"
  /** It was finished before, with the certificate that lies in the store. */
  | "destroyed"
  /** The key is gone and the ledger has no order for it. */
  | "unordered";

type Needs = Pick<RetentionPorts, "database" | "clock" | "ledger" | "keys" | "objects" | "serviceOf">;
const entriesMaximum = 10_000;

export async function adoptDestruction(
  ports: Needs,
  forceId: ForceId,
  recordingId: RecordingId,
): Promise<AdoptOutcome> {
  if (!(await isKeyGone(ports.keys, recordingId))) return "nothing-to-adopt";
  return withForce(ports.database, { forceId, personId: null }, async (tx) => {
    await shareGate(tx);
    const recording = await lockRecording(tx, recordingId);
    if (recording?.state !== "collected") return "nothing-to-adopt";
    const entries = await listRecordingEntries(tx, recordingId, entriesMaximum);
    const ordered = entries.findLast(
      ({ event }) => event === "destroy-ordered" || event === "destroy-cancelled",
    );
    if (ordered?.event !== "destroy-ordered") return "unordered";
    const { destroyedAtMs } = await ports.keys.delete(keyIdOf(recordingId));
    await insertOrder(tx, recording, await orderOf(ports, forceId, ordered));
    await markKeyDestroyed(tx, recordingId, new Date(destroyedAtMs ?? ports.clock.nowMs()));
    const wasFinished = entries.some(({ event }) => event === "recording-destroyed");
    const stored = wasFinished ? await findCertificate(ports, forceId, recording) : null;
    if (stored === null) return "adopted";
    const at = new Date(stored.certificate.objectsDestroyedAtMs);
    await markDestroyed(tx, recordingId, { at, objectsDestroyedAt: at, certificate: stored.bytes });
    return "destroyed";
  });
}

/** The order as the ledger's private entry tells it. */
async function orderOf(
  ports: Pick<RetentionPorts, "ledger">,
  forceId: ForceId,
  row: EntryRow,
): Promise<Order> {
  const { details } = await ports.ledger.open(forceId, row);
  const entry = readPrivateEntry(details);
  const { rule, dueAtMs } = entry.data as { rule?: Record<string, unknown>; dueAtMs?: unknown };
  const { class: key, version, periodDays, citation } = rule ?? {};
  if (
    typeof key !== "string" ||
    typeof version !== "number" ||
    typeof periodDays !== "number" ||
    typeof citation !== "string" ||
    typeof dueAtMs !== "number"
  ) {
    throw new RetentionFault("destroyed-without-order", "The ledger's order to destroy names no rule.");
  }
  const orderedAt = new Date(entry.atMs);
  return { entryId: row.id, orderedAt, class: key, version, periodDays, citation, dueAt: new Date(dueAtMs) };
}
