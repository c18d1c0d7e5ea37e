// Compares a handed-in journal with the camera's accepted one: where they differ, or do not meet, is a finding. Neither
// is changed by it.
import { entryHash, equalBytes, toHex, type ChainHead } from "@sworn/custody";
import { readJournal, segmentsIn, type CheckedSegment } from "../docking/index.ts";
import type { NewFinding } from "../findings/index.ts";
import type { HandInRow } from "./hand-in-store.ts";
import type { Person } from "./open-hand-in.ts";
import type { IngestPorts } from "./ports.ts";

/** Where the camera's accepted journal and this one tell different things, or do not meet. */
export async function compareHandedIn(
  ports: IngestPorts,
  person: Person,
  given: { readonly row: HandInRow; readonly checked: CheckedSegment; readonly trusted: ChainHead | null },
): Promise<{ forkSequence: number | null; findings: NewFinding[] }> {
  const { row, checked, trusted } = given;
  const [first] = checked.accepted;
  if (first === undefined) return { forkSequence: null, findings: [] };
  const start = first.entry.sequence;
  const about = { cameraId: row.camera_id } as const;
  const isFirst = row.last_sequence === null;
  const head = trusted?.sequence ?? -1;
  if (isFirst && start > head + 1) {
    const detail = { handIn: row.id, problem: "entries-missing", from: head + 1, to: start - 1 };
    const subject = `handed-in:${(head + 1).toString()}`;
    return { forkSequence: null, findings: [{ ...about, kind: "journal-gap", subject, detail }] };
  }
  if (trusted === null || row.fork_sequence !== null) return { forkSequence: null, findings: [] };
  // The entry before the first one is named by its hash, so that a fork right there shows too.
  const hashes = new Map<number, Uint8Array>();
  if (start > 0) hashes.set(start - 1, first.entry.previous);
  for (const { entry, hash } of checked.accepted) hashes.set(entry.sequence, hash);
  const { database, store } = ports.evidence;
  const place = { forceId: person.forceId, camera: row.camera_id };
  const range = { from: Math.max(0, start - 1), to: Math.min(head, start + checked.accepted.length - 1) };
  for (const { record, entry } of await readJournal(
    { database, segments: segmentsIn(store) },
    place,
    range,
  )) {
    const said = hashes.get(entry.sequence);
    if (said === undefined || equalBytes(said, await entryHash(record.entry))) continue;
    const reason = `Entry ${entry.sequence.toString()} is in the accepted journal with another content.`;
    const finding = {
      ...about,
      kind: "journal-fork",
      subject: `handed-in:${entry.sequence.toString()}:${toHex(row.head_hash).slice(0, 32)}`,
      detail: { handIn: row.id, sequence: entry.sequence, reason },
    } as const;
    return { forkSequence: entry.sequence, findings: [finding] };
  }
  return { forkSequence: null, findings: [] };
}
