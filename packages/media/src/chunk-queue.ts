/**
 * Bytes that arrived in chunks and wait to be cut. Guarantees: each byte is copied once, natively, when it is taken;
 * work is linear in the number of chunks however small they are.
 */
export class ChunkQueue {
  #chunks: Uint8Array[] = [];
  #lengthBytes = 0;

  get lengthBytes(): number {
    return this.#lengthBytes;
  }

  /** Keeps the chunk by reference: its owner must not write to it any more. */
  append(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#lengthBytes += chunk.length;
  }

  /** Up to `lengthBytes` bytes from position `at`, copied; for headers. */
  peek(at: number, lengthBytes: number): Uint8Array {
    const result = new Uint8Array(Math.max(0, Math.min(lengthBytes, this.#lengthBytes - at)));
    this.#copyInto(result, at);
    return result;
  }

  /** Removes the first `lengthBytes` bytes and returns them in memory of their own. */
  take(lengthBytes: number): Uint8Array {
    const result = new Uint8Array(lengthBytes);
    this.#copyInto(result, 0);
    this.drop(lengthBytes);
    return result;
  }

  drop(lengthBytes: number): void {
    let left = lengthBytes;
    let index = 0;
    for (
      let chunk = this.#chunks[0];
      chunk !== undefined && left >= chunk.length;
      chunk = this.#chunks[index]
    ) {
      left -= chunk.length;
      index += 1;
    }
    this.#chunks.splice(0, index);
    const first = this.#chunks[0];
    if (left > 0 && first !== undefined) this.#chunks[0] = first.subarray(left);
    this.#lengthBytes -= lengthBytes;
  }

  #copyInto(target: Uint8Array, from: number): void {
    let chunkStart = 0;
    let written = 0;
    for (const chunk of this.#chunks) {
      if (written === target.length) return;
      const chunkEnd = chunkStart + chunk.length;
      if (chunkEnd > from + written) {
        const slice = chunk.subarray(from + written - chunkStart, from + target.length - chunkStart);
        target.set(slice, written);
        written += slice.length;
      }
      chunkStart = chunkEnd;
    }
  }
}
