// Writes one part of an object: batches of 256 KiB to a temporary file, hashed as they pass. Guarantees
// that the part is durable when `commit` returns, and that nothing is left of one that failed.

import { createHash } from "node:crypto";
import { VaultError } from "../errors.ts";
import type { PartWriter, StoredPart } from "./object-store.ts";
import type { StoreFile } from "./store-fs.ts";
import { publish, removeQuietly } from "./volume.ts";
import type { Volume } from "./volume.ts";

const BATCH_BYTES = 256 * 1024;

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
  #batch: Uint8Array[] = [];
  #batchBytes = 0;
  #writing: Promise<void> = Promise.resolve();
  #fault: VaultError | undefined;
  #closed = false;
  #sizeBytes = 0;

  constructor(volume: Volume, place: PartPlace, file: StoreFile, requireOpen: () => Promise<void>) {
    this.#volume = volume;
    this.#place = place;
    this.#file = file;
    this.#requireOpen = requireOpen;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#requireUsable();
    this.#batch.push(chunk);
    this.#batchBytes += chunk.byteLength;
    this.#sizeBytes += chunk.byteLength;
    if (this.#batchBytes >= BATCH_BYTES) await this.#flush();
  }

  async commit(): Promise<StoredPart> {
    this.#requireUsable();
    try {
      await this.#flush();
      await this.#writing;
      this.#requireUsable();
      this.#closed = true;
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
    return { number: this.#place.number, sizeBytes: this.#sizeBytes, sha256: this.#hash.digest("hex") };
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

  // One batch is written while the next one fills; the batch after that waits.
  async #flush(): Promise<void> {
    await this.#writing;
    this.#requireUsable();
    const batch = this.#batch;
    this.#batch = [];
    this.#batchBytes = 0;
    if (batch.length === 0) return;
    this.#writing = this.#file.append(batch).catch(async (error: unknown) => {
      this.#fault = this.#volume.faultOf(error, "writing a part");
      await this.#drop();
    });
    for (const chunk of batch) this.#hash.update(chunk);
  }

  async #drop(): Promise<void> {
    this.#closed = true;
    await this.#file.close().catch(() => undefined);
    await removeQuietly(this.#volume, this.#place.temporaryPath);
  }
}
