// Memory that the main thread and one intake thread share, cut into slots: bytes are copied into it once, and nothing is
// allocated, transferred or collected for them on the other side.

const SLOT_BYTES = 320 * 1024;
const SLOTS = 48;

/** A slot that is being filled. */
export interface OpenSlot {
  readonly slot: number;
  lengthBytes: number;
}

export interface Slots {
  readonly memory: SharedArrayBuffer;
  /** An empty slot; null where none is free. */
  take(): OpenSlot | null;
  /** Copies a chunk behind what is in the slot; false, and nothing is copied, where it has no room for it. */
  append(open: OpenSlot, chunk: Uint8Array): boolean;
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
    take() {
      const slot = unused.pop();
      return slot === undefined ? null : { slot, lengthBytes: 0 };
    },
    append(open, chunk) {
      if (open.lengthBytes + chunk.byteLength > SLOT_BYTES) return false;
      all.set(chunk, open.slot * SLOT_BYTES + open.lengthBytes);
      open.lengthBytes += chunk.byteLength;
      return true;
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
