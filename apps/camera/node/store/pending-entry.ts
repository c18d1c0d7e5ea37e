// The entry in hand. It is signed and written here before its part is whole on the disk, so that a crash between the
// part and its journal entry loses neither: the next start finds the part and puts the entry in its place.
import {
  CustodyError,
  type JournalEntry,
  type JournalRecord,
  encodeRecord,
  equalBytes,
  parseEntry,
  readSegment,
  sha256,
} from "@sworn/custody";
import type { AppendFile, Disk } from "./disk.ts";
import type { JournalHead } from "./journal-files.ts";

export class PendingEntry {
  readonly #disk: Disk;
  readonly #path: string;
  #file: AppendFile | null = null;

  constructor(disk: Disk, path: string) {
    this.#disk = disk;
    this.#path = path;
  }

  /** Replaces what was pending; durable on return. A torn one fails its checks and counts as none. */
  async write(record: JournalRecord): Promise<void> {
    this.#file ??= await this.#disk.openAppend(this.#path);
    await this.#file.cutTo(0);
    await this.#file.append(encodeRecord(record));
    await this.#file.sync();
  }

  /** What is pending, or null if nothing whole is. */
  async read(): Promise<{ readonly record: JournalRecord; readonly entry: JournalEntry } | null> {
    const bytes = await this.#disk.readWhole(this.#path);
    if (!bytes) return null;
    try {
      const record = readSegment(bytes).records[0];
      return record ? { record, entry: parseEntry(record.entry).entry } : null;
    } catch (error) {
      if (error instanceof CustodyError) return null;
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
  }
}

/** True if `entry` follows `head` and its part stands whole behind what is journaled. */
export async function partIsWhole(
  entry: JournalEntry,
  head: JournalHead,
  behind: Uint8Array,
): Promise<boolean> {
  if (entry.sequence !== head.sequence + 1 || !equalBytes(entry.previous, head.hash)) return false;
  const part =
    entry.kind === "fragment" ? entry.body : entry.kind === "recording-started" ? entry.body.init : null;
  if (!part || behind.length < part.storedBytes) return false;
  return equalBytes(await sha256(behind.subarray(0, part.storedBytes)), part.storedHash);
}
