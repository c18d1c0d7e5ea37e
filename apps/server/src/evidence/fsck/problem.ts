// What a check of stored data found, named so that a person knows what to look at.
import type { CameraId, ForceId, RecordingId } from "@sworn/contract";

/**
 * From cheap to costly. 1 `presence`: rows against objects and keys. 2 `ciphertext`: every stored byte against its hash,
 * without keys. 3 `plaintext`: every byte decrypted against its hash. 4 `custody`: journals, ledger and signatures.
 */
export const fsckLevels = ["presence", "ciphertext", "plaintext", "custody"] as const;
export type FsckLevel = (typeof fsckLevels)[number];

export type FsckProblemKind =
  | "object-missing"
  | "object-length"
  | "object-altered"
  | "object-orphan"
  | "object-undead"
  | "key-missing"
  | "key-undead"
  | "key-ring"
  | "part-altered"
  | "receipt-missing"
  | "row-damaged"
  | "journal-missing"
  | "journal-altered"
  | "journal-differs"
  | "ledger-altered"
  | "ledger-behind"
  | "entry-missing"
  | "entry-differs"
  | "statement-altered";

export interface FsckProblem {
  readonly kind: FsckProblemKind;
  readonly level: FsckLevel;
  readonly forceId: ForceId | null;
  readonly recording?: RecordingId;
  readonly camera?: CameraId;
  /** An object's key, a key's id, a file of the log. */
  readonly subject: string;
  /** The part of the recording, from 0, and its place on media time. */
  readonly part?: { readonly index: number; readonly fromMs: number; readonly toMs: number };
  readonly detail: string;
}

/** Takes one problem. */
export type Tell = (problem: FsckProblem) => void;
