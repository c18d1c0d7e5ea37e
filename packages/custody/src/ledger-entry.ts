// Private ledger entries and the public leaf that commits to one (evidence format §10).
import * as v from "valibot";
import type { Bytes } from "./bytes.ts";
import { type CborValue, decodeCbor, encodeCbor } from "./cbor.ts";
import { COMMITMENT_LABELS, type Opening, commit, commitWith } from "./commitment.ts";
import { checkShape, hashShape, idShape, textMapShape, textShape, uintShape } from "./shape.ts";

const leafShape = v.strictObject({
  kind: v.picklist(["collected", "destroyed", "other"]),
  hour: uintShape,
  commitment: hashShape,
});
/** All that the public log shows of an entry. `hour`: whole hours since 1970, UTC. */
export type LedgerLeaf = v.InferOutput<typeof leafShape>;

const privateEntryShape = v.strictObject({
  force: idShape,
  event: textShape(80),
  atMs: uintShape,
  // All its fields are optional, so that only the check for a map keeps out an empty array or byte string.
  actor: v.pipe(
    textMapShape,
    v.strictObject({
      person: v.optional(idShape),
      device: v.optional(idShape),
      system: v.optional(textShape(80)),
    }),
  ),
  recording: v.optional(idShape),
  camera: v.optional(idShape),
  data: textMapShape,
});

/** The full entry of which the log shows only a commitment. */
export interface PrivateEntry {
  readonly force: Uint8Array;
  readonly event: string;
  readonly atMs: number;
  readonly actor: { readonly person?: Uint8Array; readonly device?: Uint8Array; readonly system?: string };
  readonly recording?: Uint8Array;
  readonly camera?: Uint8Array;
  readonly data: Readonly<Record<string, CborValue>>;
}

/** Only these two events are told apart in public: any further kind could tip off the subject of an inquiry. */
export function leafKind(event: string): LedgerLeaf["kind"] {
  if (event === "recording-collected") return "collected";
  if (event === "recording-destroyed") return "destroyed";
  return "other";
}

/** The entry as the details of a commitment, without absent fields. */
export function entryDetails(entry: PrivateEntry): Opening["details"] {
  const present = Object.entries(entry).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present);
}

/** @throws CustodyError `shape-mismatch` */
export function readPrivateEntry(details: unknown): PrivateEntry {
  return checkShape(privateEntryShape, details, "A ledger entry") as PrivateEntry;
}

/** The leaf bytes for the entry that `opening` holds. */
export async function encodeLeaf(opening: Opening): Promise<Bytes> {
  return leafOf(opening, await commit(COMMITMENT_LABELS.ledger, opening));
}

/** {@link encodeLeaf} where the platform has a SHA-256 that is not awaited. */
export function encodeLeafWith(sha256: (data: Uint8Array) => Uint8Array, opening: Opening): Bytes {
  return leafOf(opening, commitWith(sha256, COMMITMENT_LABELS.ledger, opening));
}

function leafOf(opening: Opening, commitment: Uint8Array): Bytes {
  const entry = readPrivateEntry(opening.details);
  const hour = Math.floor(entry.atMs / 3_600_000);
  return encodeCbor({ kind: leafKind(entry.event), hour, commitment });
}

/** @throws CustodyError for bytes that are no leaf */
export function decodeLeaf(bytes: Uint8Array): LedgerLeaf {
  return checkShape(leafShape, decodeCbor(bytes, "A ledger leaf"), "A ledger leaf");
}
