// What a camera that is lost may hold: all that its journal promised and that it has not said to have freed, and,
// because nobody knows, whatever it recorded after the last entry that was accepted.
import type { MayHold } from "@sworn/contract";
import type { ForceTransaction } from "../platform/database/database.ts";
import { listUnfreed, type PromisedRecording, type StoredCamera } from "./store.ts";

/** More than a camera's memory holds; the breach record says what is known and stays readable. */
const MOST_RECORDINGS = 2_000;

export async function listMayHold(tx: ForceTransaction, camera: StoredCamera): Promise<MayHold[]> {
  const promised = await listUnfreed(tx, camera.id, MOST_RECORDINGS);
  const unknown: MayHold = {
    kind: "unknown-since",
    recording: null,
    number: null,
    startedAt: null,
    durationMs: null,
    storedBytes: null,
    receivedBytes: 0,
    afterSequence: camera.head_sequence,
    lastDockedAt: camera.last_docked_at?.toISOString() ?? null,
  };
  return [...promised.map(describe), unknown];
}

function describe(recording: PromisedRecording): MayHold {
  const isExpected = recording.state === "expected";
  return {
    kind: isExpected ? (recording.isSealed ? "sealed" : "unsealed") : "not-freed",
    recording: recording.id,
    number: recording.number,
    startedAt: recording.recordedStartAt?.toISOString() ?? null,
    durationMs: recording.durationMs,
    storedBytes: recording.storedBytes,
    receivedBytes: recording.receivedBytes,
    afterSequence: null,
    lastDockedAt: null,
  };
}
