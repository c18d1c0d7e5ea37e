// One frame of the change log: row images, and the ledger entries that were not published yet, as one FLOE ciphertext
// bound to its force, file and place, so that frames cannot be moved, dropped from the middle or taken from elsewhere.
import { CustodyError, decodeCbor, encodeCbor, type CborValue } from "@sworn/custody";
import { VaultError, decryptFloe, encryptFloe } from "@sworn/vault";
import { RecoveryFault } from "./recovery-fault.ts";

/** [change id, table, what, row image as JSON text]; id 0 where it is no change but a row of a base. */
export type ChangeRow = readonly [id: number, table: string, op: "put" | "drop", image: string];
/** [id, leaf, opening key, sealed opening] of a ledger entry that was staged and not published. */
export type UnpublishedEntry = readonly [
  id: number,
  leaf: Uint8Array,
  openingKey: string,
  sealedOpening: Uint8Array,
];

/** What a base is of: the place where the database stood, 0 and 0 at first, and the newest migration. */
export interface BaseOrigin {
  readonly epoch: number;
  readonly frame: number;
  readonly migration: number;
  readonly writtenAtMs: number;
}

export interface ChangeFrame {
  /** A base holds the whole of a force's rows as they were when it was written; then `covers` are change ids within it. */
  readonly kind: "base" | "changes";
  /** False: more frames belong to the same step, and count only with its last one. */
  readonly isLast: boolean;
  /** Of the first frame of a base; else null. */
  readonly from: BaseOrigin | null;
  readonly covers: readonly number[];
  readonly changes: readonly ChangeRow[];
  readonly entries: readonly UnpublishedEntry[];
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

function isChange(row: unknown): row is ChangeRow {
  if (!Array.isArray(row) || row.length !== 4) return false;
  const [id, table, op, image] = row as unknown[];
  return (
    isCount(id) && typeof table === "string" && (op === "put" || op === "drop") && typeof image === "string"
  );
}

function isEntry(row: unknown): row is UnpublishedEntry {
  if (!Array.isArray(row) || row.length !== 4) return false;
  const [id, leaf, key, sealed] = row as unknown[];
  return isCount(id) && leaf instanceof Uint8Array && typeof key === "string" && sealed instanceof Uint8Array;
}

function isOrigin(value: unknown): boolean {
  if (!isMap(value)) return false;
  const { epoch, frame, migration, writtenAtMs } = value;
  return [epoch, frame, migration, writtenAtMs].every(isCount);
}

function isFrame(value: unknown): boolean {
  if (!isMap(value)) return false;
  const { kind, isLast, from, covers, changes, entries } = value;
  return (
    (kind === "base" || kind === "changes") &&
    typeof isLast === "boolean" &&
    (from === null || isOrigin(from)) &&
    [covers, changes, entries].every(Array.isArray) &&
    (covers as unknown[]).every(isCount) &&
    (changes as unknown[]).every(isChange) &&
    (entries as unknown[]).every(isEntry)
  );
}

/** Where a frame is: it opens nowhere else. */
export interface FramePlace {
  /** 16 bytes. */
  readonly force: Uint8Array;
  readonly epoch: number;
  /** The first frame of a file is 1. */
  readonly frame: number;
}

const associated = ({ force, epoch, frame }: FramePlace): Uint8Array =>
  encodeCbor(["sworn/changes/v1", force, epoch, frame]);

/** Change ids that a frame says the database has given away. */
export const idsOf = (frame: ChangeFrame): number[] => [
  ...frame.covers,
  ...frame.changes.map(([id]) => id).filter((id) => id > 0),
];

const storableOf = (frame: ChangeFrame): CborValue => ({
  ...frame,
  from: frame.from === null ? null : { ...frame.from },
});

export function sealFrame(key: Uint8Array, place: FramePlace, frame: ChangeFrame): Uint8Array {
  return encryptFloe({ key, associatedData: associated(place), plaintext: encodeCbor(storableOf(frame)) });
}

/** Null: not a whole frame of this place. @throws RecoveryFault `changes-damaged` for one of another format */
export function openFrame(key: Uint8Array, place: FramePlace, sealed: Uint8Array): ChangeFrame | null {
  try {
    const plain = decryptFloe({ key, associatedData: associated(place), ciphertext: sealed });
    const frame = decodeCbor(plain, "A frame of the change log");
    if (isFrame(frame)) return frame as ChangeFrame;
  } catch (error) {
    if (error instanceof VaultError) return null;
    if (!(error instanceof CustodyError)) throw error;
  }
  throw new RecoveryFault(
    "changes-damaged",
    `Frame ${place.frame.toString()} of the change log is not of a format that this version knows.`,
  );
}
