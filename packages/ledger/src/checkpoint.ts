/**
 * The text of a checkpoint (c2sp.org/tlog-checkpoint, "Note text").
 *
 * Guarantees: strict both ways; one checkpoint has one text. The text is not signed here: see `signNote`.
 */
import { decodeBase64, encodeBase64, parseDecimal } from "./bytes.ts";
import { isCount, LedgerError, refuse } from "./error.ts";
import type { Parsed, Refusal } from "./error.ts";
import { HASH_BYTES } from "./merkle-hash.ts";

export interface Checkpoint {
  /** Which log: for example `sworn.example.police.uk/force-1`. */
  readonly origin: string;
  /** Number of leaves. */
  readonly size: number;
  /** RFC 6962 root hash of that many leaves, 32 bytes. */
  readonly root: Uint8Array;
  /** Opaque lines; the standard recommends none. */
  readonly extensions: readonly string[];
}

const MAX_LINES = 64;
const MAX_LINE_CHARACTERS = 1024;

const LINE = /^[^\u0000-\u001f]+$/;

/** Three lines and the extension lines, each with a newline. @throws LedgerError `invalid-argument`. */
export function encodeCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, root, extensions } = checkpoint;
  if (![origin, ...extensions].every(isLine) || extensions.length > MAX_LINES - 3) {
    throw new LedgerError(
      "invalid-argument",
      "the origin and extensions of a checkpoint are non-empty single lines",
    );
  }
  if (!isCount(size) || root.length !== HASH_BYTES) {
    throw new LedgerError("invalid-argument", "a checkpoint needs a tree size and a root hash of 32 bytes");
  }
  return `${[origin, size, encodeBase64(root), ...extensions].join("\n")}\n`;
}

/** Parses untrusted text: the text of a note, without its signatures. Sizes above 2^53 - 1 are refused. */
export function parseCheckpoint(text: string): Parsed<Checkpoint> {
  if (text.length > MAX_LINES * MAX_LINE_CHARACTERS) return malformed("the checkpoint is too long");
  const lines = text.split("\n");
  if (lines.pop() !== "") return malformed("the checkpoint does not end with a newline");
  const [origin, sizeText, rootText, ...extensions] = lines;
  if (origin === undefined || sizeText === undefined || rootText === undefined) {
    return malformed("the checkpoint has fewer than three lines");
  }
  if (lines.length > MAX_LINES) return malformed(`the checkpoint has more than ${MAX_LINES} lines`);
  if (!lines.every(isLine))
    return malformed("a line of the checkpoint is empty, too long, or not plain text");
  const size = parseDecimal(sizeText);
  if (size === undefined) return malformed("the tree size is not a plain decimal number up to 2^53 - 1");
  const root = decodeBase64(rootText);
  if (root?.length !== HASH_BYTES) return malformed("the root hash is not base64 of 32 bytes");
  return { ok: true, value: { origin, size, root, extensions } };
}

function isLine(line: string): boolean {
  return line.length <= MAX_LINE_CHARACTERS && line.isWellFormed() && LINE.test(line);
}

function malformed(message: string): Refusal {
  return refuse("malformed-checkpoint", message);
}
