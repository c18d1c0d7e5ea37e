// The files of the change log: frames with a length before each, appended and synced. Guarantees: a frame that `append`
// returned for is on the disk; what a crash cut off at the end is not a frame; after a failed sync a file takes no more.
import { constants } from "node:fs";
import { open, readdir, rename, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { makeFolderDurably, removeDurably, syncFolder } from "../platform/durable-file.ts";
import { RecoveryFault } from "./recovery-fault.ts";

const prefixBytes = 4;
/** Far more than a frame is made to hold. */
const frameMaximumBytes = 512 * 1024 * 1024;

export const changesFolder = (ledgerFolder: string, forceId: string): string =>
  join(ledgerFolder, forceId, "private", "changes");

const unwritable = (why: string): RecoveryFault =>
  new RecoveryFault("changes-unwritable", `A file of the change log ${why}. Look at its disk.`);

const nameOf = (epoch: number): string => `${epoch.toString().padStart(8, "0")}.changes`;
const partOf = (epoch: number): string => `${nameOf(epoch)}.part`;

/** The epochs of the files that are there, rising. */
export async function listEpochs(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  });
  return names
    .map((name) => Number(/^(\d{8})\.changes$/.exec(name)?.[1] ?? NaN))
    .filter((epoch) => epoch > 0)
    .sort((a, b) => a - b);
}

export async function removeEpoch(folder: string, epoch: number): Promise<void> {
  await removeDurably(join(folder, nameOf(epoch)));
}

/** Where each frame begins, and where the last whole one ends, by the lengths alone. */
interface Layout {
  readonly starts: number[];
  end: number;
}

export class ChangeFile {
  readonly epoch: number;
  readonly #folder: string;
  readonly #file: FileHandle;
  readonly #layout: Layout;
  #isBroken = false;
  #isPart: boolean;

  private constructor(folder: string, epoch: number, file: FileHandle, layout: Layout, isPart: boolean) {
    this.#folder = folder;
    this.epoch = epoch;
    this.#file = file;
    this.#layout = layout;
    this.#isPart = isPart;
  }

  /** Begins a file under another name; `publish` gives it its own. */
  static async begin(folder: string, epoch: number): Promise<ChangeFile> {
    await makeFolderDurably(folder);
    const file = await open(join(folder, partOf(epoch)), "w+", 0o600);
    return new ChangeFile(folder, epoch, file, { starts: [], end: 0 }, true);
  }

  static async open(folder: string, epoch: number, access: "read" | "append"): Promise<ChangeFile> {
    const flags = access === "read" ? constants.O_RDONLY : constants.O_RDWR;
    const file = await open(join(folder, nameOf(epoch)), flags);
    try {
      return new ChangeFile(folder, epoch, file, await layoutOf(file), false);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** How many frames there are. */
  get frames(): number {
    return this.#layout.starts.length;
  }

  get sizeBytes(): number {
    return this.#layout.end;
  }

  /** The sealed bytes of a frame; the first is 1. */
  async read(frame: number): Promise<Uint8Array> {
    const start = this.#layout.starts[frame - 1];
    if (start === undefined) throw unwritable("has no such frame");
    const end = this.#layout.starts[frame] ?? this.#layout.end;
    const bytes = new Uint8Array(end - start - prefixBytes);
    await readWhole(this.#file, bytes, start + prefixBytes);
    return bytes;
  }

  /** Forgets the frames after `frames`: the next ones are written over them. */
  forgetAfter(frames: number): void {
    const end = this.#layout.starts[frames];
    if (end === undefined) return;
    this.#layout.starts.length = frames;
    this.#layout.end = end;
  }

  /** Writes frames behind the last; durable on return. */
  async append(frames: readonly Uint8Array[]): Promise<void> {
    if (this.#isBroken) throw unwritable("could not be synced");
    const pieces = frames.flatMap((frame) => {
      const prefix = new Uint8Array(prefixBytes);
      new DataView(prefix.buffer).setUint32(0, frame.length);
      return [prefix, frame];
    });
    const bytes = Buffer.concat(pieces);
    // A failed sync is never retried: the pages may be gone while the kernel says that they are clean.
    this.#isBroken = true;
    await writeWhole(this.#file, bytes, this.#layout.end);
    // What a crash left behind the end may look like a frame once this one is shorter.
    if (!this.#isPart) await this.#file.truncate(this.#layout.end + bytes.length);
    await this.#file.datasync();
    this.#isBroken = false;
    for (const frame of frames) {
      this.#layout.starts.push(this.#layout.end);
      this.#layout.end += prefixBytes + frame.length;
    }
  }

  /** Gives a begun file its name, durably. */
  async publish(): Promise<void> {
    await this.#file.sync();
    await rename(join(this.#folder, partOf(this.epoch)), join(this.#folder, nameOf(this.epoch)));
    await syncFolder(this.#folder);
    this.#isPart = false;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

async function layoutOf(file: FileHandle): Promise<Layout> {
  const { size } = await file.stat();
  const starts: number[] = [];
  const prefix = new Uint8Array(prefixBytes);
  let at = 0;
  while (at + prefixBytes < size) {
    await readWhole(file, prefix, at);
    const length = new DataView(prefix.buffer).getUint32(0);
    if (length === 0 || length > frameMaximumBytes || at + prefixBytes + length > size) break;
    starts.push(at);
    at += prefixBytes + length;
  }
  return { starts, end: at };
}

async function readWhole(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0) throw unwritable("became shorter while it was read");
    done += bytesRead;
  }
}

async function writeWhole(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
