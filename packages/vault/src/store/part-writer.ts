// Writes one part of an object to a temporary file, hashed as it passes unless the caller does that. Guarantees that the
// part is durable when `commit` returns, and that nothing is left of one that failed.

import { createHash } from "node:crypto";
import { VaultError } from "../errors.ts";
import type { PartWriter, StoredPart } from "./object-store.ts";
import { digestOfSpans, requireSpans } from "./part-digest.ts";
import type { HashedSpan } from "./part-digest.ts";
import type { StoreFile } from "./store-fs.ts";
import { publish, removeQuietly } from "./volume.ts";
import type { Volume } from "./volume.ts";

export interface PartPlace {
  readonly temporaryPath: string;
  readonly folder: string;
  readonly name: string;
  readonly number: number;
}

export class FilePartWriter implements PartWriter {
  readonly #volume: Volume;
  readonly #place: PartPlace;
  readonly #file: StoreFile;
  readonly #hash = createHash("sha256");
  // Asked just before the rename: the object must not have been completed meanwhile.
  readonly #requireOpen: () => Promise<void>;
  #writing: Promise<void> = Promise.resolve();
  #fault: VaultError | undefined;
  #closed = false;
  #sizeBytes = 0;
  /** Bytes that this writer hashed itself: all, or those before the caller took that over. */
  #hashedBytes = 0;
  #isHashing = true;

  constructor(volume: Volume, place: PartPlace, file: StoreFile, requireOpen: () => Promise<void>) {
    this.#volume = volume;
    this.#place = place;
    this.#file = file;
    this.#requireOpen = requireOpen;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** From now on the caller hashes. */
  leaveHashing(): void {
    this.#isHashing = false;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#requireUsable();
    this.#sizeBytes += chunk.byteLength;
    const before = this.#writing;
    this.#writing = this.#append(before, chunk);
    if (this.#isHashing) {
      this.#hash.update(chunk);
      this.#hashedBytes += chunk.byteLength;
    }
    await this.#writing;
    this.#requireUsable();
  }

  async commit(spans?: readonly HashedSpan[]): Promise<StoredPart> {
    this.#requireUsable();
    let part: StoredPart;
    try {
      await this.#writing;
      this.#requireUsable();
      this.#closed = true;
      part = this.#describe(spans);
      await this.#volume.settle(() => this.#file.datasync(), "syncing a part");
    } catch (error) {
      await this.#drop();
      throw error;
    }
    try {
      await this.#volume.settle(() => this.#file.close(), "closing a part");
      await this.#requireOpen();
    } catch (error) {
      await removeQuietly(this.#volume, this.#place.temporaryPath);
      throw error;
    }
    await publish(this.#volume, this.#place.temporaryPath, this.#place.folder, this.#place.name);
    return part;
  }

  async discard(): Promise<void> {
    if (this.#closed) return;
    await this.#writing;
    await this.#drop();
  }

  #requireUsable(): void {
    if (this.#fault !== undefined) throw this.#fault;
    if (this.#closed) throw new VaultError("part-closed", "this part was already committed or discarded");
  }

  #describe(spans: readonly HashedSpan[] | undefined): StoredPart {
    const part = { number: this.#place.number, sizeBytes: this.#sizeBytes };
    if (this.#isHashing) return { ...part, sha256: this.#hash.digest("hex") };
    const given = spans ?? [];
    requireSpans(given, this.#sizeBytes - this.#hashedBytes);
    const copied = { sizeBytes: this.#hashedBytes, hash: this.#hash.digest() };
    const all = copied.sizeBytes === 0 ? given : [copied, ...given];
    return { ...part, sha256: digestOfSpans(all), spans: all.map((span) => span.sizeBytes) };
  }

  async #append(before: Promise<void>, chunk: Uint8Array): Promise<void> {
    await before;
    if (this.#fault !== undefined) return;
    try {
      await this.#file.append([chunk]);
    } catch (error) {
      this.#fault = this.#volume.faultOf(error, "writing a part");
      await this.#drop();
    }
  }

  async #drop(): Promise<void> {
    this.#closed = true;
    await this.#file.close().catch(() => undefined);
    await removeQuietly(this.#volume, this.#place.temporaryPath);
  }
}
