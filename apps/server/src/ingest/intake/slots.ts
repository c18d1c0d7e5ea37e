// Memory that the main thread and one intake thread share, cut into slots: bytes are copied into it once, and nothing is
// allocated, transferred or collected for them on the other side.

export const SLOT_BYTES = 320 * 1024;
const SLOTS = 48;

export interface Slots {
  readonly memory: SharedArrayBuffer;
  /** Copies chunks into a free slot, one behind the other; null where none is free or they are longer than one. */
  fill(chunks: readonly Uint8Array[]): { readonly slot: number; readonly lengthBytes: number } | null;
  /** The other side is done with it. */
  free(slot: number): void;
}

export function makeSlots(): Slots {
  // Pages that were never touched cost nothing.
  const memory = new SharedArrayBuffer(SLOTS * SLOT_BYTES);
  const all = new Uint8Array(memory);
  // The last one freed is taken first: it is still in the processor's cache.
  const unused = Array.from({ length: SLOTS }, (_, place) => SLOTS - 1 - place);
  return {
    memory,
    fill(chunks) {
      const lengthBytes = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
      const slot = lengthBytes <= SLOT_BYTES ? unused.pop() : undefined;
      if (slot === undefined) return null;
      let at = slot * SLOT_BYTES;
      for (const chunk of chunks) {
        all.set(chunk, at);
        at += chunk.byteLength;
      }
      return { slot, lengthBytes };
    },
    free(slot) {
      unused.push(slot);
    },
  };
}

/** What lies in a slot, as the thread sees it. Nothing may hold on to it after the slot was freed. */
export function bytesInSlot(memory: SharedArrayBuffer, slot: number, lengthBytes: number): Uint8Array {
  return new Uint8Array(memory, slot * SLOT_BYTES, lengthBytes);
}
