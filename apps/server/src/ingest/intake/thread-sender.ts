// The bytes of one session on their way to its thread. A chunk is copied into shared memory as it comes and its own memory
// given back at once: the next one is received into it, and nothing is left for the collector.
import { releaseBytes } from "@sworn/vault";
import type { OpenSlot, Slots } from "./slots.ts";
import type { ToWorker } from "./worker-messages.ts";

/** Whole buffers are given away; pieces of a larger one must be copied first. */
function transferable(chunk: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = chunk;
  const standsAlone = buffer instanceof ArrayBuffer && buffer.byteLength === chunk.byteLength;
  return standsAlone ? new Uint8Array(buffer) : new Uint8Array(chunk);
}

export class ThreadSender {
  readonly #slots: Slots;
  readonly #session: number;
  readonly #post: (message: ToWorker, transfer?: ArrayBuffer[]) => void;
  #open: OpenSlot | null = null;

  constructor(slots: Slots, session: number, post: (message: ToWorker, transfer?: ArrayBuffer[]) => void) {
    this.#slots = slots;
    this.#session = session;
    this.#post = post;
  }

  write(chunk: Uint8Array): void {
    if (!this.#copy(chunk)) {
      this.flush();
      if (!this.#copy(chunk)) {
        const whole = transferable(chunk);
        this.#post({ kind: "bytes", session: this.#session, chunks: [whole] }, [whole.buffer]);
        return;
      }
    }
    releaseBytes(chunk);
  }

  flush(): void {
    const open = this.#open;
    this.#open = null;
    if (open === null) return;
    // A slot may have been taken for a chunk that it had no room for.
    if (open.lengthBytes === 0) this.#slots.free(open.slot);
    else this.#post({ kind: "slot", session: this.#session, ...open });
  }

  #copy(chunk: Uint8Array): boolean {
    this.#open ??= this.#slots.take();
    return this.#open !== null && this.#slots.append(this.#open, chunk);
  }
}
