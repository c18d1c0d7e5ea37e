// What is personal in a recording's own entries (positions, notes, reasons), opened with the recording's key and no other:
// what an export may hand over. Who wore the camera is sealed elsewhere, and stays closed.
import { equalBytes, parseId, type SequencedOpening } from "@sworn/custody";
import { readJournal, type CameraPlace, type JournalPorts } from "./read-journal.ts";
import { openSealed, type OpeningKeys } from "./sealed-opening.ts";

export interface OpenableRecording {
  readonly id: Uint8Array;
  readonly key: Uint8Array;
  /** The sequences of its first and last entry, both included. */
  readonly from: number;
  readonly to: number;
}

export function onlyRecording({ id, key }: Pick<OpenableRecording, "id" | "key">): OpeningKeys {
  const none = (): Promise<null> => Promise.resolve(null);
  return {
    recordingKey: (wanted) => Promise.resolve(equalBytes(wanted, id) ? key : null),
    journalKey: none,
    openEnvelope: none,
  };
}

/** Those that open and fit what the camera committed to, in order. @throws DockingFault `segment-damaged` */
export async function openRecordingOpenings(
  ports: JournalPorts,
  place: CameraPlace,
  recording: OpenableRecording,
): Promise<SequencedOpening[]> {
  const force = parseId(place.forceId);
  const keys = onlyRecording(recording);
  const found: SequencedOpening[] = [];
  for (const record of await readJournal(ports, place, recording)) {
    const opened = await openSealed(force, record, keys);
    if (opened.kind === "opened") found.push({ sequence: record.entry.sequence, opening: opened.opening });
  }
  return found;
}
