// The acts of the vault's power cuts, and what each acknowledgement promises. Content follows from names, so that the one
// who checks can make it again and needs nothing from the disk that lost its power.
import { createHash } from "node:crypto";

/** The bytes that belong to a name. */
export function bytesOf(name: string, lengthBytes: number): Buffer {
  return createHash("shake128", { outputLength: lengthBytes }).update(name).digest();
}

export const FIRST_PART_BYTES = 70_000;
export const SECOND_PART_BYTES = 3_000;
export const MIN_PART_BYTES = 1_024;

/** A life, in this order; a round takes it up to one of them and then the power goes. */
export const acts = [
  "key-put",
  "part-one",
  "part-two",
  "object-complete",
  "file-written",
  "log-grown",
  "object-put",
  "key-destroyed",
  "object-deleted",
  "file-removed",
  "root-rotated",
] as const;
export type Act = (typeof acts)[number];

export function isAct(word: string): word is Act {
  return acts.some((act) => act === word);
}
