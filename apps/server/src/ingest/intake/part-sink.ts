// Writes an object's store parts one after the other. While one part is synced the next one fills; parts become durable
// in order, and each is told with the mark that was given when it was closed.
import {
  VaultError,
  type HashedSpan,
  type ObjectStore,
  type PartWriter,
  type StoredPart,
} from "@sworn/vault";
import { IntakeFault, KEPT_TAIL_BYTES, type EndOf } from "./intake-job.ts";

/** So much longer than asked for a store part may grow, to end where a part of the recording ends. */
const OVERFULL_BYTES = 4 * 1024 * 1024;

export interface SinkOrder<Mark> {
  readonly store: ObjectStore;
  readonly objectKey: string;
  readonly storeParts: readonly number[];
  readonly storePartBytes: number;
  /** Told once the part is durable. */
  readonly stored: (part: StoredPart, mark: Mark) => void;
}

export class PartSink<Mark> {
  readonly #order: SinkOrder<Mark>;
  #writer: PartWriter | null = null;
  #number: number;
  /** The length of a tail that is there already and must grow, else 0. */
  #tailBytes: number;
  #freshBytes = 0;
  #committing: Promise<void> = Promise.resolve();

  constructor(order: SinkOrder<Mark>) {
    this.#order = order;
    const last = order.storeParts.at(-1) ?? 0;
    const isShort = last > 0 && last < order.store.minPartBytes;
    this.#tailBytes = isShort ? last : 0;
    this.#number = order.storeParts.length + (isShort ? 0 : 1);
  }

  get isFull(): boolean {
    return this.wouldBeFull(0);
  }

  /** Whether it is long enough with so many bytes more. */
  wouldBeFull(moreBytes: number): boolean {
    return (this.#writer?.sizeBytes ?? 0) + moreBytes >= this.#order.storePartBytes;
  }

  /** Whether it can wait no longer for the end of a part of the recording. */
  get isOverfull(): boolean {
    return (this.#writer?.sizeBytes ?? 0) >= this.#order.storePartBytes + OVERFULL_BYTES;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#writer ??= await this.#begin();
    await this.#writer.write(chunk);
    this.#freshBytes += chunk.byteLength;
  }

  /** Closes the part; it is told when it is durable. Waits for the part before. `spans` are the hashes of all that was
   * written since the last one. */
  async close(mark: Mark, spans: readonly HashedSpan[]): Promise<void> {
    const writer = this.#writer;
    if (writer === null) return;
    this.#writer = null;
    this.#freshBytes = 0;
    try {
      await this.#committing;
    } catch (error) {
      await writer.discard();
      throw error;
    }
    this.#committing = writer.commit(spans).then((part) => {
      this.#order.stored(part, mark);
    });
    // Whoever waits next hears of it; until then it must not count as unhandled.
    this.#committing.catch(() => undefined);
  }

  /** Ends the connection's part of the upload: all is durable or dropped on return. */
  async end(how: EndOf, mark: Mark, spans: readonly HashedSpan[]): Promise<void> {
    const isWorthKeeping = how === "end" ? this.#freshBytes > 0 : this.#freshBytes >= KEPT_TAIL_BYTES;
    if (isWorthKeeping) await this.close(mark, spans);
    else await this.drop();
    await this.#committing;
  }

  /** Drops the open part; what is being made durable is waited for, and told if it worked. */
  async drop(): Promise<void> {
    const writer = this.#writer;
    this.#writer = null;
    await writer?.discard();
    await this.#committing.catch(() => undefined);
  }

  async #begin(): Promise<PartWriter> {
    const { store, objectKey } = this.#order;
    const extend = this.#tailBytes > 0;
    const expected = this.#tailBytes;
    this.#tailBytes = 0;
    const writer = await store.beginPart(objectKey, this.#number, { extend, hashedByCaller: true });
    this.#number += 1;
    if (writer.sizeBytes === expected) return writer;
    await writer.discard();
    throw new IntakeFault(
      "tail-mismatch",
      "The last part in the store is not the one that was acknowledged.",
    );
  }
}

/** A fault of the store as one of ours. */
export function faultOf(error: unknown): IntakeFault {
  if (error instanceof IntakeFault) return error;
  if (error instanceof VaultError) {
    if (error.code === "no-space") return new IntakeFault("no-space", error.message, error);
    if (error.code === "sync-failed" || error.code === "volume-failed") {
      return new IntakeFault("volume-failed", error.message, error);
    }
  }
  return new IntakeFault("fault", error instanceof Error ? error.message : "an unknown fault", error);
}
