// Reads ranges of a complete object across its parts. Guarantees exactly the bytes asked for, or a fault that
// names the part that lacks them.

import { join } from "node:path";
import { VaultError } from "../errors.ts";
import type { ObjectIndex } from "./object-index.ts";
import type { ObjectFinding, StoredObject, StoredPart } from "./object-store.ts";
import type { OpenParts } from "./open-parts.ts";
import { PartDigest } from "./part-digest.ts";
import { isAbsent } from "./store-fs.ts";
import type { StoreFile } from "./store-fs.ts";
import type { Volume } from "./volume.ts";

const CHUNK_BYTES = 256 * 1024;
const LARGEST_READ_BYTES = 64 * 1024 * 1024;

export function partFileName(partNumber: number): string {
  return `part-${String(partNumber).padStart(5, "0")}`;
}

function faultOfPart(volume: Volume, cause: unknown, key: string, partNumber: number): VaultError {
  if (!isAbsent(cause)) return volume.faultOf(cause, "reading a part");
  return new VaultError("object-damaged", `part ${String(partNumber)} of ${key} is missing`, { cause });
}

function cutShort(key: string, partNumber: number): VaultError {
  return new VaultError("object-damaged", `part ${String(partNumber)} of ${key} is cut short`);
}

async function openPart(volume: Volume, path: string, key: string, partNumber: number): Promise<StoreFile> {
  try {
    return await volume.fs.openRead(path);
  } catch (cause) {
    throw faultOfPart(volume, cause, key, partNumber);
  }
}

/** Yields a range of one part in chunks. Throws `object-damaged` where the file is shorter than that. */
async function* streamPart(
  volume: Volume,
  folder: string,
  key: string,
  part: StoredPart,
  range: { readonly offsetBytes: number; readonly lengthBytes: number },
  chunkBytes: number,
): AsyncGenerator<Buffer, void, undefined> {
  const file = await openPart(volume, join(folder, partFileName(part.number)), key, part.number);
  try {
    let position = range.offsetBytes;
    const end = range.offsetBytes + range.lengthBytes;
    while (position < end) {
      const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, end - position));
      const bytesRead = await file.read(chunk, position).catch((error: unknown) => {
        throw volume.faultOf(error, "reading a part");
      });
      if (bytesRead < chunk.byteLength) {
        throw cutShort(key, part.number);
      }
      position += bytesRead;
      yield chunk;
    }
  } finally {
    await file.close().catch(() => undefined);
  }
}

/** `open` keeps the files that `readInto` reads. */
export function openStoredObject(
  volume: Volume,
  folder: string,
  index: ObjectIndex,
  open: OpenParts,
): StoredObject {
  const { key, sizeBytes, parts } = index;
  const places = parts.map((part) => ({ part, path: join(folder, partFileName(part.number)) }));

  async function* pieces(offsetBytes: number, lengthBytes: number, chunkBytes: number) {
    let partStart = 0;
    const end = offsetBytes + lengthBytes;
    for (const part of parts) {
      const from = Math.max(offsetBytes, partStart);
      const to = Math.min(end, partStart + part.sizeBytes);
      if (from < to) {
        const range = { offsetBytes: from - partStart, lengthBytes: to - from };
        yield* streamPart(volume, folder, key, part, range, chunkBytes);
      }
      partStart += part.sizeBytes;
    }
  }

  function requireInside(offsetBytes: number, lengthBytes: number): void {
    const whole = Number.isSafeInteger(offsetBytes) && Number.isSafeInteger(lengthBytes);
    if (!whole || offsetBytes < 0 || lengthBytes < 0 || offsetBytes + lengthBytes > sizeBytes) {
      throw new VaultError("bad-argument", `the range lies outside the ${String(sizeBytes)} bytes of ${key}`);
    }
  }

  return {
    key,
    sizeBytes,
    parts,
    async read(offsetBytes, lengthBytes) {
      requireInside(offsetBytes, lengthBytes);
      if (lengthBytes > LARGEST_READ_BYTES) {
        throw new VaultError("bad-argument", "at most 64 MiB are read at once; stream a longer range");
      }
      const read: Buffer[] = [];
      for await (const piece of pieces(offsetBytes, lengthBytes, LARGEST_READ_BYTES)) read.push(piece);
      return read.length === 1 && read[0] !== undefined ? read[0] : Buffer.concat(read);
    },
    async readInto(target, offsetBytes) {
      requireInside(offsetBytes, target.byteLength);
      const end = offsetBytes + target.byteLength;
      let partStart = 0;
      for (const { part, path } of places) {
        const partEnd = partStart + part.sizeBytes;
        const from = Math.max(offsetBytes, partStart);
        const to = Math.min(end, partEnd);
        if (from < to) {
          const piece = target.subarray(from - offsetBytes, to - offsetBytes);
          const bytesRead = await open.read(path, piece, from - partStart).catch((cause: unknown) => {
            throw faultOfPart(volume, cause, key, part.number);
          });
          if (bytesRead < piece.byteLength) throw cutShort(key, part.number);
        }
        if (partEnd >= end) return;
        partStart = partEnd;
      }
    },
    async *stream(offsetBytes, lengthBytes) {
      requireInside(offsetBytes, lengthBytes);
      yield* pieces(offsetBytes, lengthBytes, CHUNK_BYTES);
    },
  };
}

/** Digest (in these spans, where there are any) and length of a part file as it is, undefined where it is absent. */
export async function hashPart(
  volume: Volume,
  folder: string,
  { number: partNumber, spans }: Pick<StoredPart, "number" | "spans">,
): Promise<{ sizeBytes: number; sha256: string } | undefined> {
  const path = join(folder, partFileName(partNumber));
  const sizeBytes = await volume.sizeOf(path);
  if (sizeBytes === undefined) return undefined;
  const digest = new PartDigest(spans === undefined ? {} : { spans });
  const part = { number: partNumber, sizeBytes, sha256: "" };
  const range = { offsetBytes: 0, lengthBytes: sizeBytes };
  for await (const chunk of streamPart(volume, folder, path, part, range, CHUNK_BYTES)) digest.update(chunk);
  return { sizeBytes, sha256: digest.digest() };
}

/** Compares each part with the index. */
export async function checkParts(
  volume: Volume,
  folder: string,
  index: ObjectIndex,
  withHashes: boolean,
): Promise<ObjectFinding[]> {
  const findings: ObjectFinding[] = [];
  for (const part of index.parts) {
    const partNumber = part.number;
    const sizeBytes = await volume.sizeOf(join(folder, partFileName(partNumber)));
    if (sizeBytes === undefined) {
      findings.push({ kind: "missing", partNumber, detail: "the part's file is gone" });
    } else if (sizeBytes !== part.sizeBytes) {
      const detail = `${String(sizeBytes)} bytes instead of ${String(part.sizeBytes)}`;
      findings.push({ kind: "length", partNumber, detail });
    } else if (withHashes && (await hashPart(volume, folder, part))?.sha256 !== part.sha256) {
      findings.push({ kind: "hash", partNumber, detail: "the bytes are not those that were stored" });
    }
  }
  return findings;
}
