// Room that is kept back, so that a full store can still be told and the recording in hand be sealed.
import type { Disk } from "./disk.ts";

/** A seal, a stop, a status and a power-off fit many times over. */
const RESERVE_BYTES = 1024 * 1024;

/** Blocks that a file of zeros does not have on some file systems: written full of bytes that do not compress. */
export class Reserve {
  readonly #disk: Disk;
  readonly #path: string;
  #held = false;

  constructor(disk: Disk, path: string) {
    this.#disk = disk;
    this.#path = path;
  }

  get held(): boolean {
    return this.#held;
  }

  /** Takes the reserve if it is not held; without room it goes on without. */
  async take(): Promise<void> {
    if (this.#held) return;
    try {
      const present = await this.#disk.readWhole(this.#path);
      if (present?.length !== RESERVE_BYTES) await this.#disk.writeWhole(this.#path, noise());
      this.#held = true;
    } catch {
      await this.#disk.remove(this.#path).catch(() => undefined);
    }
  }

  /** Gives the room back. True if there was any to give. */
  async release(): Promise<boolean> {
    if (!this.#held) return false;
    this.#held = false;
    await this.#disk.remove(this.#path);
    return true;
  }
}

function noise(): Uint8Array {
  const bytes = new Uint8Array(RESERVE_BYTES);
  for (let at = 0; at < bytes.length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}
