// The custody history of a recording: its ledger entries, opened. A shredded one stays in the list, without its data.
import { toBase64url, type ForceId, type HistoryEntry, type RecordingId } from "@sworn/contract";
import { formatId, readPrivateEntry, type Opening } from "@sworn/custody";
import { LedgerFault, listRecordingEntries, type EntryRow } from "../ledger/index.ts";
import { withForce } from "../platform/database/database.ts";
import type { EvidencePorts } from "./ports.ts";
import { findRecording } from "./store.ts";

const MOST_ENTRIES = 5_000;

/** Null: there is no such recording in the force. */
export async function readHistory(
  ports: EvidencePorts,
  forceId: ForceId,
  recording: RecordingId,
): Promise<HistoryEntry[] | null> {
  const rows = await withForce(ports.database, { forceId, personId: null }, async (tx) =>
    (await findRecording(tx, recording)) === undefined
      ? null
      : listRecordingEntries(tx, recording, MOST_ENTRIES),
  );
  if (rows === null) return null;
  return Promise.all(rows.map(async (row) => present(row, await openEntry(ports, forceId, row))));
}

async function openEntry(ports: EvidencePorts, forceId: ForceId, row: EntryRow): Promise<Opening | null> {
  try {
    return await ports.ledger.open(forceId, row);
  } catch (error) {
    if (error instanceof LedgerFault && error.code === "ledger-entry-unknown") return null;
    throw error;
  }
}

function present(row: EntryRow, opening: Opening | null): HistoryEntry {
  const entry = opening === null ? null : readPrivateEntry(opening.details);
  return {
    event: row.event,
    at: row.at.toISOString(),
    index: row.index,
    person: row.person_id,
    device: entry?.actor.device === undefined ? row.device_id : formatId(entry.actor.device),
    system: entry?.actor.system ?? null,
    data: entry === null ? null : (toJson(entry.data) as Record<string, unknown>),
  };
}

/** Bytes become base64url: JSON has none. */
function toJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return toBase64url(value);
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toJson(item)]));
}
