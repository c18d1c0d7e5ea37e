// What the checks are given. They change nothing: store and key ring may be opened read-only.
import type { ForceId } from "@sworn/contract";
import type { SegmentStore } from "../../docking/index.ts";
import { withForce, type ForceTransaction } from "../../platform/database/database.ts";
import type { EvidencePorts } from "../ports.ts";
import type { RecordingRow } from "../store.ts";
import { pageOfRecordings } from "../fsck-store.ts";
import type { FsckLevel, Tell } from "./problem.ts";

export interface FsckPorts extends EvidencePorts {
  readonly segments: SegmentStore;
}

/** One force's check at one level. */
export interface ForceCheck {
  readonly ports: FsckPorts;
  readonly forceId: ForceId;
  readonly level: FsckLevel;
  readonly tell: Tell;
  /** Called for each thing that was looked at. */
  readonly looked: () => void;
}

export function read<T>(
  { ports, forceId }: ForceCheck,
  work: (tx: ForceTransaction) => Promise<T>,
): Promise<T> {
  return withForce(ports.database, { forceId, personId: null }, work);
}

/** All that was ever collected, a page in memory at a time. */
export async function* eachRecording(check: ForceCheck): AsyncGenerator<RecordingRow, void, undefined> {
  let last: RecordingRow | undefined;
  do {
    const after = last?.id ?? null;
    const page = await read(check, (tx) => pageOfRecordings(tx, after));
    yield* page;
    last = page.at(-1);
  } while (last !== undefined);
}
