// Hashes a recording part by part as it streams past: memory stays at two buffers, speed at that of the hash.
import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { VerifierError } from "./errors.ts";

export interface PartLength {
  readonly lengthBytes: number;
}

export interface HashedPart {
  readonly atBytes: number;
  /** SHA-256 of the bytes that stand where the part must stand; null if the file ends before its end. */
  readonly hash: Uint8Array | null;
}

export interface Progress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

const BUFFER_BYTES = 1024 * 1024;

/** A file that is read forward in large pieces, the next one while the last is being worked on. */
class ForwardReader {
  readonly #handle: FileHandle;
  readonly #buffers = [new Uint8Array(BUFFER_BYTES), new Uint8Array(BUFFER_BYTES)] as const;
  #turn = 0;
  #position: number;
  #pending: Promise<Uint8Array>;

  constructor(handle: FileHandle, fromBytes: number) {
    this.#handle = handle;
    this.#position = fromBytes;
    this.#pending = this.#fill();
  }

  #fill(): Promise<Uint8Array> {
    const buffer = this.#buffers[this.#turn === 0 ? 0 : 1];
    this.#turn = 1 - this.#turn;
    const filled = this.#handle.read(buffer, 0, BUFFER_BYTES, this.#position).then(
      ({ bytesRead }) => buffer.subarray(0, bytesRead),
      (cause: unknown) => {
        const message = "The recording could not be read to its end. Check the disk it lies on.";
        throw new VerifierError("unreadable", message, { cause });
      },
    );
    // A fault is met when the piece is asked for; until then it must not end the process.
    filled.catch(() => undefined);
    return filled;
  }

  /** The next piece; empty at the end of the file. */
  async next(): Promise<Uint8Array> {
    const piece = await this.#pending;
    this.#position += piece.length;
    if (piece.length > 0) this.#pending = this.#fill();
    return piece;
  }
}

/** Hashes `parts`, laid end to end from the file's beginning. */
export async function hashParts(
  handle: FileHandle,
  parts: readonly PartLength[],
  onProgress?: (progress: Progress) => void,
): Promise<HashedPart[]> {
  const totalBytes = parts.reduce((total, part) => total + part.lengthBytes, 0);
  const hashed: HashedPart[] = [];
  const reader = new ForwardReader(handle, 0);
  let piece = new Uint8Array(0) as Uint8Array;
  let atBytes = 0;
  for (const { lengthBytes } of parts) {
    const hash = createHash("sha256");
    let wanted = lengthBytes;
    while (wanted > 0) {
      if (piece.length === 0) {
        piece = await reader.next();
        onProgress?.({ doneBytes: atBytes + lengthBytes - wanted, totalBytes });
        if (piece.length === 0) break;
      }
      const taken = piece.subarray(0, wanted);
      hash.update(taken);
      wanted -= taken.length;
      piece = piece.subarray(taken.length);
    }
    hashed.push({ atBytes, hash: wanted === 0 ? new Uint8Array(hash.digest()) : null });
    atBytes += lengthBytes;
  }
  onProgress?.({ doneBytes: Math.min(atBytes, totalBytes), totalBytes });
  return hashed;
}

/** SHA-256 of one range, which must lie within the file; null if the file ends before it. */
export async function hashRange(
  handle: FileHandle,
  atBytes: number,
  lengthBytes: number,
): Promise<Uint8Array | null> {
  const hash = createHash("sha256");
  const buffer = new Uint8Array(Math.min(BUFFER_BYTES, Math.max(1, lengthBytes)));
  let done = 0;
  while (done < lengthBytes) {
    const { bytesRead } = await handle.read(
      buffer,
      0,
      Math.min(buffer.length, lengthBytes - done),
      atBytes + done,
    );
    if (bytesRead === 0) return null;
    hash.update(buffer.subarray(0, bytesRead));
    done += bytesRead;
  }
  return new Uint8Array(hash.digest());
}
