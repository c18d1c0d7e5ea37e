/**
 * A proof that a leaf is in a log, in one text that is checked offline (c2sp.org/tlog-proof).
 *
 * Guarantees: strict both ways; bounded. What `extra` says is not authenticated by anything.
 */
import { decodeBase64, decodeText, encodeBase64, parseDecimal } from "./bytes.ts";
import { isCount, LedgerError, refuse } from "./error.ts";
import type { Parsed, Refusal } from "./error.ts";
import { HASH_BYTES } from "./merkle-hash.ts";
import { MAX_NOTE_BYTES, parseNote } from "./note.ts";
import { verifyCheckpoint } from "./verify-checkpoint.ts";
import type { CheckpointFault, CheckpointPolicy, CheckpointVerdict } from "./verify-checkpoint.ts";
import { verifyInclusion } from "./verify-merkle-proof.ts";
import type { ProofFault } from "./verify-merkle-proof.ts";

export interface TlogProof {
  /** Zero-based index of the leaf. */
  readonly index: number;
  /** Opaque to the log, and not authenticated. */
  readonly extra?: Uint8Array;
  /** Inclusion proof, from the leaf's sibling up. */
  readonly hashes: readonly Uint8Array[];
  /** The signed note, verbatim. */
  readonly checkpoint: string;
}

export const MAX_EXTRA_BYTES = 65_536;

const FIRST_LINE = "c2sp.org/tlog-proof@v1";
/** A tree of 2^53 leaves is 53 deep. */
const MAX_HASHES = 53;
const MAX_PROOF_BYTES = MAX_NOTE_BYTES + 2 * MAX_EXTRA_BYTES;

export type TlogProofVerdict =
  | (Extract<CheckpointVerdict, { ok: true }> & {
      readonly index: number;
      readonly extra: Uint8Array | undefined;
    })
  | {
      readonly ok: false;
      readonly reason: "malformed-proof" | CheckpointFault | ProofFault;
      readonly message: string;
    };

/** @throws LedgerError `invalid-argument`. */
export function encodeTlogProof(proof: TlogProof): string {
  const { index, extra, hashes, checkpoint } = proof;
  const wrongHash = hashes.length > MAX_HASHES || hashes.some((hash) => hash.length !== HASH_BYTES);
  if (!isCount(index) || wrongHash || (extra?.length ?? 0) > MAX_EXTRA_BYTES) {
    throw new LedgerError(
      "invalid-argument",
      "a proof needs an index, hashes of 32 bytes, and at most 64 KiB extra",
    );
  }
  const note = parseNote(checkpoint);
  if (!note.ok)
    throw new LedgerError("invalid-argument", `the checkpoint of a proof is a note: ${note.message}`);
  const lines = [FIRST_LINE];
  if (extra !== undefined) lines.push(`extra ${encodeBase64(extra)}`);
  lines.push(`index ${index}`, ...hashes.map(encodeBase64), "");
  return `${lines.join("\n")}\n${checkpoint}`;
}

/** Parses an untrusted proof. Nothing in it is verified: see {@link verifyTlogProof}. */
export function parseTlogProof(input: Uint8Array | string): Parsed<TlogProof> {
  if (input.length > MAX_PROOF_BYTES) return malformed(`the proof is longer than ${MAX_PROOF_BYTES} bytes`);
  const text = typeof input === "string" ? input : decodeText(input);
  if (text?.isWellFormed() !== true) return malformed("the proof is not valid UTF-8");
  const divide = text.indexOf("\n\n");
  if (divide < 0) return malformed("the proof has no empty line before its checkpoint");
  const [first, ...rest] = text.slice(0, divide).split("\n");
  if (first !== FIRST_LINE) return malformed(`the proof does not begin with ${FIRST_LINE}`);
  const extraText = rest[0]?.startsWith("extra ") === true ? rest.shift()?.slice("extra ".length) : undefined;
  const extra = extraText === undefined ? undefined : decodeBase64(extraText);
  if (extraText !== undefined && (extra === undefined || extra.length > MAX_EXTRA_BYTES)) {
    return malformed("the extra data is not base64 of at most 64 KiB");
  }
  const indexLine = rest.shift();
  const index =
    indexLine?.startsWith("index ") === true ? parseDecimal(indexLine.slice("index ".length)) : undefined;
  if (index === undefined) return malformed("the proof has no line like: index 123");
  if (rest.length > MAX_HASHES) return malformed(`the proof has more than ${MAX_HASHES} hashes`);
  const hashes = rest.map(decodeBase64).filter((hash) => hash?.length === HASH_BYTES);
  if (hashes.length !== rest.length) return malformed("a hash of the proof is not base64 of 32 bytes");
  const checkpoint = text.slice(divide + 2);
  const note = parseNote(checkpoint);
  if (!note.ok) return malformed(`the checkpoint of the proof: ${note.message}`);
  return {
    ok: true,
    value: {
      index,
      ...(extra && { extra }),
      hashes: hashes.filter((hash) => hash !== undefined),
      checkpoint,
    },
  };
}

/**
 * Whether the leaf with this hash is in the log that the policy trusts, at the index that the proof states.
 * Never throws on what it is given to check.
 */
export async function verifyTlogProof(
  input: Uint8Array | string,
  leafHash: Uint8Array,
  policy: CheckpointPolicy,
): Promise<TlogProofVerdict> {
  const proof = parseTlogProof(input);
  if (!proof.ok) return { ok: false, reason: "malformed-proof", message: proof.message };
  const { index, extra, hashes } = proof.value;
  const signed = await verifyCheckpoint(proof.value.checkpoint, policy);
  if (!signed.ok) return signed;
  const { size, root } = signed.checkpoint;
  const included = await verifyInclusion({ index, size, leafHash, proof: hashes, root });
  return included.ok ? { ...signed, index, extra } : included;
}

function malformed(message: string): Refusal {
  return refuse("malformed-proof", message);
}
