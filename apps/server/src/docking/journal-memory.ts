// What is remembered of a camera at its accepted head, so that its next segment is judged from there.
import { BEFORE_ENROLMENT, decodeCbor, encodeCbor, type CborValue, type JournalState } from "@sworn/custody";

export interface JournalMemory {
  readonly state: JournalState;
  /** The assignment that the camera was last told of; null: none. */
  readonly assignment: Uint8Array | null;
}

export const NOTHING_YET: JournalMemory = { state: BEFORE_ENROLMENT, assignment: null };

const FORMAT = 1;

export function encodeMemory({ state, assignment }: JournalMemory): Uint8Array {
  const { open, ...rest } = state;
  const held: CborValue = { ...rest, open: open === null ? null : { ...open } };
  return encodeCbor({ format: FORMAT, state: held, assignment });
}

/** Null: written by another version, so that the state must be found from the entries again. */
export function decodeMemory(bytes: Uint8Array): JournalMemory | null {
  const read = decodeCbor(bytes, "The state of a journal") as { format: number } & JournalMemory;
  return read.format === FORMAT ? { state: read.state, assignment: read.assignment } : null;
}
