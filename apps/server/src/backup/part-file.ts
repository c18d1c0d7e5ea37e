// One part of a backup: named members in one file, encrypted under a key of its own that only the operator's key opens.
// Guarantees: a part has its name when it is whole and on the disk; an altered or cut one is refused before its end is used.
//   "SWBP1\n", name of the part (16 bits of length), envelope (113 bytes), then one FLOE ciphertext of: each member's CBOR
//   header and chunks behind 32-bit lengths, a length of 0 ending the member
import { open, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { CustodyError, decodeCbor, encodeCbor } from "@sworn/custody";
import { startFloe, startFloeDecryption, VaultError, type IngestKeyPair } from "@sworn/vault";
import { makeFolderDurably, syncFolder } from "../platform/durable-file.ts";
import { BackupFault } from "./backup-fault.ts";
import { openPartKey, sealPartKey } from "./backup-key.ts";

const magic = new TextEncoder().encode("SWBP1\n");
const envelopeBytes = 65 + 48;
const chunkMaximumBytes = 8 * 1024 * 1024;
const readBytes = 256 * 1024;

export interface Member {
  readonly name: string;
  /** What whoever wrote it needs to read it. */
  readonly about: Readonly<Record<string, string | number>>;
  readonly chunks: AsyncIterable<Uint8Array>;
}

function lengthOf(bytes: number): Uint8Array {
  const prefix = new Uint8Array(4);
  new DataView(prefix.buffer).setUint32(0, bytes);
  return prefix;
}

async function* plainOf(members: AsyncIterable<Member>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const { name, about, chunks } of members) {
    const header = encodeCbor([name, { ...about }]);
    yield lengthOf(header.length);
    yield header;
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += chunkMaximumBytes) {
        const piece = chunk.subarray(at, at + chunkMaximumBytes);
        yield lengthOf(piece.length);
        yield piece;
      }
    }
    yield lengthOf(0);
  }
}

/** Writes a part; durable on return. */
export async function writePart(
  path: string,
  publicKey: Uint8Array,
  members: AsyncIterable<Member>,
): Promise<void> {
  const name = basename(path);
  const key = crypto.getRandomValues(new Uint8Array(32));
  const envelope = await sealPartKey(publicKey, name, key);
  await makeFolderDurably(dirname(path));
  const temporary = join(dirname(path), `.${name}.part`);
  const file = await open(temporary, "w", 0o600);
  try {
    const floe = startFloe({ key, associatedData: encodeCbor(["sworn/backup-part/v1", name]) });
    const nameBytes = new TextEncoder().encode(name);
    await file.write(
      Buffer.concat([magic, lengthOf(nameBytes.length).subarray(2), nameBytes, envelope, floe.header]),
    );
    for await (const plain of plainOf(members)) {
      for (const piece of floe.update(plain)) await file.writeFile(piece);
    }
    for (const piece of floe.finish()) await file.writeFile(piece);
    await file.datasync();
  } finally {
    key.fill(0);
    await file.close();
  }
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

/** The decrypted bytes of a part. */
async function* decrypted(path: string, pair: IngestKeyPair): AsyncGenerator<Uint8Array, void, undefined> {
  const name = basename(path);
  const file = await open(path, "r");
  try {
    const head = Buffer.alloc(magic.length + 2 + Buffer.byteLength(name) + envelopeBytes);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    const isPart =
      bytesRead === head.length &&
      head.subarray(0, magic.length).equals(magic) &&
      head.subarray(magic.length + 2, -envelopeBytes).toString("utf8") === name;
    if (!isPart) throw damaged(path);
    const key = await openPartKey(pair, name, new Uint8Array(head.subarray(-envelopeBytes)));
    const floe = startFloeDecryption({ key, associatedData: encodeCbor(["sworn/backup-part/v1", name]) });
    for (let position = head.length; ;) {
      const chunk = Buffer.alloc(readBytes);
      const read = await file.read(chunk, 0, chunk.length, position);
      if (read.bytesRead === 0) break;
      position += read.bytesRead;
      yield* floe.update(chunk.subarray(0, read.bytesRead));
    }
    floe.finish();
  } catch (cause) {
    if (cause instanceof VaultError) throw damaged(path, cause);
    throw cause;
  } finally {
    await file.close();
  }
}

const damaged = (path: string, cause?: unknown): BackupFault =>
  new BackupFault(
    "backup-damaged",
    `${path} is damaged or no part of a backup. Take an older backup.`,
    cause,
  );

/** Reads a part to its end. `take` gets each member; what it took counts only when this returns. */
export async function readPart(
  path: string,
  pair: IngestKeyPair,
  take: (member: Member) => Promise<void>,
): Promise<void> {
  const bytes = new ByteReader(decrypted(path, pair));
  for (;;) {
    const header = await block(bytes, path);
    if (header === null) return;
    const [name, about] = headerOf(header, path);
    const chunks = (async function* () {
      for (;;) {
        const chunk = await block(bytes, path);
        if (chunk === null) throw damaged(path);
        if (chunk.length === 0) return;
        yield chunk;
      }
    })();
    await take({ name, about, chunks });
    // Whatever was left of it is passed over, so that the next member begins where it should.
    for await (const _rest of chunks);
  }
}

/** Null at the end. */
async function block(bytes: ByteReader, path: string): Promise<Uint8Array | null> {
  const prefix = await bytes.take(4);
  if (prefix === null) return null;
  const length = new DataView(prefix.buffer, prefix.byteOffset).getUint32(0);
  if (length > chunkMaximumBytes) throw damaged(path);
  const content = await bytes.take(length);
  if (content === null) throw damaged(path);
  return content;
}

function headerOf(bytes: Uint8Array, path: string): [name: string, about: Record<string, string | number>] {
  try {
    const value = decodeCbor(bytes, "A member of a backup");
    if (Array.isArray(value) && typeof value[0] === "string" && typeof value[1] === "object")
      return [value[0], value[1] as Record<string, string | number>];
  } catch (cause) {
    if (cause instanceof CustodyError) throw damaged(path, cause);
    throw cause;
  }
  throw damaged(path);
}

class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Exactly so many bytes; null at the end. */
  async take(count: number): Promise<Uint8Array | null> {
    while (this.#held.length < count) {
      const next = await this.#source.next();
      if (next.done === true) return null;
      this.#held = Buffer.concat([this.#held, next.value]);
    }
    const taken = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    return new Uint8Array(taken);
  }
}
