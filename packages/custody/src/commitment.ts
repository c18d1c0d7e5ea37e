// Salted commitments: what is personal stands as a hash that a destroyed salt makes meaningless, and the chain stays whole.
import * as v from "valibot";
import { type Bytes, equalBytes } from "./bytes.ts";
import { type CborValue, decodeCbor, encodeCbor } from "./cbor.ts";
import { sha256 } from "./digest.ts";
import { checkShape, hashShape, textMapShape } from "./shape.ts";

/** One label for each use, so that no opening of one fits the other. */
export const COMMITMENT_LABELS = { journal: "sworn/journal/v1", ledger: "sworn/ledger/v1" } as const;
export type CommitmentLabel = (typeof COMMITMENT_LABELS)[keyof typeof COMMITMENT_LABELS];

export type Details = Readonly<Record<string, CborValue>>;

/** What reveals a commitment. */
export interface Opening {
  /** 32 random bytes. */
  readonly salt: Uint8Array;
  readonly details: Details;
}

const openingShape = v.strictObject({ salt: hashShape, details: textMapShape });

/** An opening with a fresh random salt. */
export function newOpening(details: Details): Opening {
  return { salt: crypto.getRandomValues(new Uint8Array(32)), details };
}

/** SHA-256 of the deterministic encoding of `[label, salt, details]`. */
export async function commit(label: CommitmentLabel, opening: Opening): Promise<Bytes> {
  return sha256(encodeCbor([label, opening.salt, opening.details]));
}

/** {@link commit} where the platform has a hash that is not awaited. */
export function commitWith(
  digest: (data: Uint8Array) => Uint8Array,
  label: CommitmentLabel,
  opening: Opening,
): Uint8Array {
  return digest(encodeCbor([label, opening.salt, opening.details]));
}

export async function opensCommitment(
  label: CommitmentLabel,
  opening: Opening,
  commitment: Uint8Array,
): Promise<boolean> {
  return equalBytes(await commit(label, opening), commitment);
}

export function encodeOpening(opening: Opening): Bytes {
  return encodeCbor({ salt: opening.salt, details: opening.details });
}

/** @throws CustodyError for anything that is not `{salt, details}` */
export function decodeOpening(bytes: Uint8Array): Opening {
  const { salt, details } = checkShape(openingShape, decodeCbor(bytes, "An opening"), "An opening");
  return { salt, details: details as Details };
}
