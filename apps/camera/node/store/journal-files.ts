// The journal on disk: files of records, only appended to, each record durable before `append` returns.
// After a crash the last record may be cut: it is taken off; damage anywhere else is told and nothing is changed.
import { join } from "node:path";
import {
  CustodyError,
  type JournalEntry,
  type JournalRecord,
  encodeRecord,
  encodeSegment,
  entryHash,
  equalBytes,
  parseEntry,
  readSegment,
} from "@sworn/custody";
import { CameraError } from "../camera-error.ts";
import type { AppendFile, Disk } from "./disk.ts";
import { TAIL_MAXIMUM_BYTES, appendWhole, isZero, looksUnwritten, readLeniently } from "./journal-tail.ts";

/** A new file is begun above this; with the largest record behind it, a file is always one segment (4 MiB). */
const FILE_BYTES = 1024 * 1024;

export interface JournalHead {
  readonly sequence: number;
  readonly hash: Uint8Array;
}

export interface StoredRecord {
  readonly record: JournalRecord;
  readonly entry: JournalEntry;
}

interface JournalFile {
  readonly first: number;
  readonly path: string;
  sizeBytes: number;
}

export interface JournalSegment {
  readonly fromSequence: number;
  readonly toSequence: number;
  readonly bytes: Uint8Array;
}

const fileName = (first: number): string => `${String(first).padStart(12, "0")}.cborseq`;

export class JournalFiles {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #files: JournalFile[];
  #isUncertain = false;
  #head: JournalHead;
  #current: AppendFile | null = null;

  private constructor(disk: Disk, folder: string, files: JournalFile[], head: JournalHead) {
    this.#disk = disk;
    this.#folder = folder;
    this.#files = files;
    this.#head = head;
  }

  get head(): JournalHead {
    return this.#head;
  }

  get firstSequence(): number {
    return this.#files[0]?.first ?? this.#head.sequence + 1;
  }

  /**
   * Opens the journal that follows `base`, checks that each entry names the one before, and gives every record to `visit`.
   * @throws CameraError `folder-damaged`
   */
  static async open(
    disk: Disk,
    folder: string,
    base: JournalHead,
    options: { visit(stored: StoredRecord): void; isOwn(record: JournalRecord): Promise<boolean> },
  ): Promise<JournalFiles> {
    const journal = new JournalFiles(disk, folder, [], base);
    const firsts = (await disk.list(folder))
      .map((name) => Number.parseInt(name, 10))
      .filter((first) => Number.isSafeInteger(first));
    firsts.sort((a, b) => a - b);
    for (const [place, first] of firsts.entries()) {
      const path = join(folder, fileName(first));
      // A prune was cut short: what lies before the base, or overlaps, is a copy of what is kept or was accepted.
      if (first !== journal.#head.sequence + 1) {
        if (first > journal.#head.sequence + 1)
          throw damaged(path, `entry ${String(journal.#head.sequence + 1)} is missing before it`);
        await disk.remove(path);
        continue;
      }
      await journal.#load(path, first, place === firsts.length - 1, options);
    }
    return journal;
  }

  async #load(
    path: string,
    first: number,
    isLast: boolean,
    options: { visit(stored: StoredRecord): void; isOwn(record: JournalRecord): Promise<boolean> },
  ): Promise<void> {
    const bytes = (await this.#disk.readWhole(path)) ?? new Uint8Array(0);
    const { records, wholeBytes, problem } = readLeniently(bytes);
    const file: JournalFile = { first, path, sizeBytes: 0 };
    let broken = wholeBytes < bytes.length ? (problem ?? "its last record is cut") : null;
    for (const [place, record] of records.entries()) {
      const link = this.#link(record);
      const lastOfAll = isLast && place === records.length - 1;
      if (typeof link === "string" || (lastOfAll && !(await options.isOwn(record)))) {
        broken = typeof link === "string" ? link : "its last record is not signed by this camera";
        if (!lastOfAll || !looksUnwritten(record.entry)) throw damaged(path, broken);
        break;
      }
      options.visit(link);
      this.#head = { sequence: link.entry.sequence, hash: await entryHash(record.entry) };
      file.sizeBytes += encodeRecord(record).length;
    }
    if (broken !== null) {
      if (!isLast || (problem !== null && !isZero(bytes.subarray(wholeBytes)))) throw damaged(path, broken);
      await this.#cutTail(path, bytes, file.sizeBytes, broken);
    }
    if (file.sizeBytes > 0 || isLast) this.#files.push(file);
  }

  /** The record's place in the chain, or what is wrong with it. */
  #link(record: JournalRecord): StoredRecord | string {
    try {
      const { entry } = parseEntry(record.entry);
      const follows =
        entry.sequence === this.#head.sequence + 1 && equalBytes(entry.previous, this.#head.hash);
      return follows
        ? { record, entry }
        : `entry ${String(entry.sequence)} does not follow entry ${String(this.#head.sequence)}`;
    } catch (error) {
      if (error instanceof CustodyError) return error.message;
      throw error;
    }
  }

  /** Takes off what an append that did not finish left behind. */
  async #cutTail(path: string, bytes: Uint8Array, wholeBytes: number, broken: string): Promise<void> {
    const tail = bytes.subarray(wholeBytes);
    if (tail.length > TAIL_MAXIMUM_BYTES && !isZero(tail)) throw damaged(path, broken);
    const file = await this.#disk.openAppend(path);
    try {
      await file.cutTo(wholeBytes);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /**
   * Appends the next entry; durable on return. `beforeRetry` may make room once if there is none.
   * After a throw the journal is as it was, unless the code is `store-failed`: then only a new start helps.
   */
  async append(record: JournalRecord, beforeRetry: () => Promise<boolean>): Promise<void> {
    if (this.#isUncertain) {
      const message = "It is not known how far the journal was pruned. Start the camera again.";
      throw new CameraError("store-failed", message);
    }
    const bytes = encodeRecord(record);
    const { file, info } = await this.#fileFor(bytes.length, beforeRetry);
    await appendWhole(file, info.sizeBytes, bytes, beforeRetry);
    info.sizeBytes += bytes.length;
    this.#head = { sequence: this.#head.sequence + 1, hash: await entryHash(record.entry) };
  }

  async #fileFor(
    lengthBytes: number,
    beforeRetry: () => Promise<boolean>,
  ): Promise<{ file: AppendFile; info: JournalFile }> {
    const last = this.#files.at(-1);
    if (last && (last.sizeBytes === 0 || last.sizeBytes + lengthBytes <= FILE_BYTES)) {
      this.#current ??= await this.#disk.openAppend(last.path);
      return { file: this.#current, info: last };
    }
    await this.#current?.close();
    this.#current = null;
    const first = this.#head.sequence + 1;
    const info = { first, path: join(this.#folder, fileName(first)), sizeBytes: 0 };
    const file = await this.#begin(info.path).catch(async (error: unknown) => {
      if (!(await beforeRetry())) throw error;
      return this.#begin(info.path);
    });
    this.#files.push(info);
    this.#current = file;
    return { file, info };
  }

  async #begin(path: string): Promise<AppendFile> {
    const file = await this.#disk.openAppend(path);
    try {
      await this.#disk.syncFolder(this.#folder);
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Records from `fromSequence` to the head, in segments that are bounded as they travel. */
  async *segments(fromSequence: number): AsyncGenerator<JournalSegment> {
    const known = this.#files.map((file) => ({ ...file }));
    for (const [place, file] of known.entries()) {
      const nextFirst = known[place + 1]?.first ?? Number.POSITIVE_INFINITY;
      if (nextFirst <= fromSequence || file.sizeBytes === 0) continue;
      const bytes = ((await this.#disk.readWhole(file.path)) ?? new Uint8Array(0)).subarray(
        0,
        file.sizeBytes,
      );
      const { records } = readSegment(bytes);
      const from = Math.max(fromSequence, file.first);
      yield* batches(records.slice(from - file.first), from);
    }
  }

  /** The entry with this sequence, or null if it is not on the camera any more. */
  async find(sequence: number): Promise<JournalRecord | null> {
    for await (const segment of this.segments(sequence)) {
      return segment.fromSequence === sequence ? (readSegment(segment.bytes).records[0] ?? null) : null;
    }
    return null;
  }

  /**
   * Leaves only what follows `through`. `commit` makes the new base durable: before it everything is still there,
   * after it a restart finishes the removal.
   */
  async dropThrough(through: number, commit: () => Promise<void>): Promise<void> {
    const kept: Uint8Array[] = [];
    for await (const segment of this.segments(through + 1)) kept.push(segment.bytes);
    const old = [...this.#files];
    await this.#current?.close();
    this.#current = null;
    const bytes = Buffer.concat(kept);
    const first = through + 1;
    const info: JournalFile = { first, path: join(this.#folder, fileName(first)), sizeBytes: bytes.length };
    try {
      await this.#disk.writeWhole(info.path, bytes);
      await commit();
    } catch (cause) {
      // It may have happened: what is appended to the old file now, the next start would take for pruned.
      this.#isUncertain = true;
      throw cause;
    }
    this.#files.splice(0, this.#files.length, info);
    for (const file of old) if (file.path !== info.path) await this.#disk.remove(file.path);
  }

  async close(): Promise<void> {
    await this.#current?.close();
    this.#current = null;
  }
}

/** In pieces that stay well below the bound on a segment, whatever a file has grown to. */
function* batches(records: readonly JournalRecord[], fromSequence: number): Generator<JournalSegment> {
  let batch: JournalRecord[] = [];
  let sizeBytes = 0;
  let from = fromSequence;
  for (const record of records) {
    batch.push(record);
    sizeBytes += record.entry.length + (record.opening?.length ?? 0);
    if (sizeBytes < 2 * FILE_BYTES) continue;
    yield { fromSequence: from, toSequence: from + batch.length - 1, bytes: encodeSegment(batch) };
    from += batch.length;
    batch = [];
    sizeBytes = 0;
  }
  if (batch.length > 0)
    yield { fromSequence: from, toSequence: from + batch.length - 1, bytes: encodeSegment(batch) };
}

function damaged(path: string, reason: string): CameraError {
  return new CameraError(
    "folder-damaged",
    `The journal file ${path} is damaged: ${reason}. Nothing was changed. Hand the camera in with its folder as it is.`,
  );
}
