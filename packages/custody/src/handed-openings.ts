// `openings.cbor` of an export (evidence format §11): what was personal in entries, handed over in the open. Each fits
// the commitment of its entry or it does not; that is for a verifier to say.
import { type Bytes, concatBytes } from "./bytes.ts";
import { decodeCbor, encodeCbor } from "./cbor.ts";
import { type Opening, decodeOpening } from "./commitment.ts";
import { CustodyError } from "./errors.ts";

export interface SequencedOpening {
  /** Of the entry that it opens. */
  readonly sequence: number;
  readonly opening: Opening;
}

/** A CBOR sequence (RFC 8742) of `[sequence, {salt, details}]`. */
export function encodeOpenings(openings: readonly SequencedOpening[]): Bytes {
  return concatBytes(
    openings.map(({ sequence, opening: { salt, details } }) => encodeCbor([sequence, { salt, details }])),
  );
}

/** One item of the sequence. @throws CustodyError for anything else */
export function decodeSequencedOpening(item: Uint8Array): SequencedOpening {
  const value = decodeCbor(item, "An opening");
  const [sequence, opening, more] = Array.isArray(value) ? (value as unknown[]) : [];
  const isPair =
    typeof sequence === "number" && sequence >= 0 && typeof opening === "object" && opening !== null;
  if (!isPair || more !== undefined) {
    throw new CustodyError("shape-mismatch", "An opening is not a pair of sequence and opening.");
  }
  return { sequence, opening: decodeOpening(encodeCbor(opening as Opening["details"])) };
}
