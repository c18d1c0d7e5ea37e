/** Reads exact amounts from a stream, and lets the stream's own backpressure bound what is held. */

import type { Readable } from "node:stream";

export class ByteQueue {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(stream: Readable) {
    this.#chunks = (stream as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  }

  /** Fills `into` from its start; returns how many bytes there were before the stream ended. */
  async fill(into: Uint8Array): Promise<number> {
    let at = 0;
    while (at < into.length) {
      if (this.#rest.length === 0) {
        const next = await this.#chunks.next();
        if (next.done === true) return at;
        this.#rest = next.value;
      }
      const part = this.#rest.subarray(0, into.length - at);
      into.set(part, at);
      at += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return at;
  }
}
