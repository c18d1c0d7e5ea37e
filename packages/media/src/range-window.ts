/**
 * Reads a file through the caller's range reader, in windows, so that many small reads cost few calls.
 * Guarantees: never asks for more than it needs or one window; the reader's failure becomes "read-failed"; a reader
 * that returns more than was asked for is cut.
 */
import { MediaError } from "./media-error.ts";

/** Reads up to `lengthBytes` bytes at `offsetBytes`; fewer, or none, only at the end of the file. */
export type ReadRange = (offsetBytes: number, lengthBytes: number) => Promise<Uint8Array>;

const WINDOW_BYTES = 16 * 1024;

export class RangeWindow {
  readonly #readRange: ReadRange;
  #window: Uint8Array = new Uint8Array(0);
  #windowOffsetBytes = 0;

  constructor(readRange: ReadRange) {
    this.#readRange = readRange;
  }

  /** Up to `lengthBytes` bytes, fewer only at the end of the file; a view that the next read leaves intact. */
  async read(offsetBytes: number, lengthBytes: number): Promise<Uint8Array> {
    const at = offsetBytes - this.#windowOffsetBytes;
    const held = at >= 0 && at + lengthBytes <= this.#window.length;
    if (!held) await this.#fill(offsetBytes, Math.max(lengthBytes, WINDOW_BYTES));
    const from = offsetBytes - this.#windowOffsetBytes;
    return this.#window.subarray(from, from + lengthBytes);
  }

  async #fill(offsetBytes: number, lengthBytes: number): Promise<void> {
    try {
      const bytes = await this.#readRange(offsetBytes, lengthBytes);
      this.#window = bytes.subarray(0, lengthBytes);
      this.#windowOffsetBytes = offsetBytes;
    } catch (cause) {
      throw new MediaError(
        "read-failed",
        offsetBytes,
        `The file could not be read (${String(lengthBytes)} bytes)`,
        "See the cause; check the medium and try again",
        cause,
      );
    }
  }
}
