// Opens the personal side of a stretch of a camera's journal, for a person who may see it. Nothing of it is kept.
import { parseId, type JournalEntry } from "@sworn/custody";
import { readJournal, type CameraPlace, type JournalPorts } from "./read-journal.ts";
import { openSealed, type OpenedEntry, type OpeningKeys } from "./sealed-opening.ts";

export interface OpenedJournalEntry {
  readonly entry: JournalEntry;
  readonly opened: Exclude<OpenedEntry, { kind: "nothing" }>;
}

/** The entries from `from` to `to`, both included, in which something personal stands. @throws DockingFault */
export async function openOpenings(
  ports: JournalPorts,
  place: CameraPlace,
  range: { readonly from: number; readonly to: number },
  keys: OpeningKeys,
): Promise<OpenedJournalEntry[]> {
  const force = parseId(place.forceId);
  const found: OpenedJournalEntry[] = [];
  for (const record of await readJournal(ports, place, range)) {
    const opened = await openSealed(force, record, keys);
    if (opened.kind !== "nothing") found.push({ entry: record.entry, opened });
  }
  return found;
}
