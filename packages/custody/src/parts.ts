// Parts of a recording, and the master identity that their plaintext lengths and hashes make (invariant 3).
import * as v from "valibot";
import type { Bytes } from "./bytes.ts";
import { encodeCbor } from "./cbor.ts";
import { sha256 } from "./digest.ts";
import { hashShape, uintShape } from "./shape.ts";

/** A part as it is promised: plaintext length and hash, FLOE ciphertext length and hash. */
export interface Part {
  readonly lengthBytes: number;
  readonly hash: Uint8Array;
  readonly storedBytes: number;
  readonly storedHash: Uint8Array;
}

/** A part with its place on the recording's media time; the init segment has 0 and 0. */
export interface TimedPart extends Part {
  readonly startMs: number;
  readonly durationMs: number;
}

export const partFields = {
  lengthBytes: uintShape,
  hash: hashShape,
  storedBytes: uintShape,
  storedHash: hashShape,
};

export const partRowShape = v.strictTuple([uintShape, hashShape, uintShape, hashShape, uintShape, uintShape]);
export type PartRow = v.InferOutput<typeof partRowShape>;

export function partToRow(part: TimedPart): PartRow {
  return [part.lengthBytes, part.hash, part.storedBytes, part.storedHash, part.startMs, part.durationMs];
}

export function partFromRow(row: PartRow): TimedPart {
  const [lengthBytes, hash, storedBytes, storedHash, startMs, durationMs] = row;
  return { lengthBytes, hash, storedBytes, storedHash, startMs, durationMs };
}

/** SHA-256 of the deterministic list of `[lengthBytes, hash]`, init segment first. */
export async function masterIdentity(parts: readonly Pick<Part, "lengthBytes" | "hash">[]): Promise<Bytes> {
  return sha256(encodeCbor(parts.map((part) => [part.lengthBytes, part.hash])));
}

export function totalBytes(parts: readonly Part[]): { lengthBytes: number; storedBytes: number } {
  let lengthBytes = 0;
  let storedBytes = 0;
  for (const part of parts) {
    lengthBytes += part.lengthBytes;
    storedBytes += part.storedBytes;
  }
  return { lengthBytes, storedBytes };
}
