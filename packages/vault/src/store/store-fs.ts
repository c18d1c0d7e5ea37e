// The few file system calls that the vault makes, as an interface, so that a test can make each of them
// fail, or forget what was not synced. `nodeStoreFs` is the real one.

import { writevSync } from "node:fs";
import { open, mkdir, readdir, rename, rmdir, stat, unlink } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";

/** An open file. */
export interface StoreFile {
  /** Appends all bytes of all buffers. */
  append(buffers: readonly Uint8Array[]): Promise<void>;
  /** Fills `target` from `positionBytes`; returns the bytes read, fewer only at the end of the file. */
  read(target: Uint8Array, positionBytes: number): Promise<number>;
  /** Returns once the file's data and length are on the disk. */
  datasync(): Promise<void>;
  close(): Promise<void>;
}

/** Calls reject with Node's system errors (`code` "ENOENT", "ENOSPC", …). */
export interface StoreFs {
  /** Creates a file that must not exist yet. */
  create(path: string, mode: number): Promise<StoreFile>;
  openRead(path: string): Promise<StoreFile>;
  /** The length of a file in bytes. */
  sizeOf(path: string): Promise<number>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  makeFolder(path: string): Promise<void>;
  removeFolder(path: string): Promise<void>;
  /** The names in a folder, in no order. */
  names(path: string): Promise<string[]>;
  /** Returns once the folder's entries are on the disk. */
  syncFolder(path: string): Promise<void>;
}

class NodeFile implements StoreFile {
  readonly #handle: FileHandle;
  readonly #blocking: boolean;

  constructor(handle: FileHandle, blocking: boolean) {
    this.#handle = handle;
    this.#blocking = blocking;
  }

  async append(buffers: readonly Uint8Array[]): Promise<void> {
    let rest = buffers.filter((buffer) => buffer.byteLength > 0);
    while (rest.length > 0) {
      let bytesWritten = this.#blocking
        ? writevSync(this.#handle.fd, rest)
        : (await this.#handle.writev(rest)).bytesWritten;
      // A short write is legal, above all on a nearly full disk: go on from where it stopped.
      while (rest[0] !== undefined && bytesWritten >= rest[0].byteLength) {
        bytesWritten -= rest[0].byteLength;
        rest = rest.slice(1);
      }
      if (rest[0] !== undefined) rest = [rest[0].subarray(bytesWritten), ...rest.slice(1)];
    }
  }

  async read(target: Uint8Array, positionBytes: number): Promise<number> {
    let filled = 0;
    while (filled < target.byteLength) {
      const { bytesRead } = await this.#handle.read(
        target,
        filled,
        target.byteLength - filled,
        positionBytes + filled,
      );
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled;
  }

  datasync(): Promise<void> {
    return this.#handle.datasync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The machine's own file system. */
export const nodeStoreFs: StoreFs = {
  create: async (path, mode) => new NodeFile(await open(path, "wx", mode), false),
  openRead: async (path) => new NodeFile(await open(path, "r"), false),
  sizeOf: async (path) => (await stat(path)).size,
  rename,
  unlink,
  makeFolder: async (path) => {
    await mkdir(path, { mode: 0o700 });
  },
  removeFolder: (path) => rmdir(path),
  names: (path) => readdir(path),
  syncFolder,
};

/** The same for a thread of its own: it appends itself and so blocks while it does. A copy into the page cache costs less
 * than handing it to the pool of threads and back. Syncs do not block. */
export const blockingStoreFs: StoreFs = {
  ...nodeStoreFs,
  create: async (path, mode) => new NodeFile(await open(path, "wx", mode), true),
};

/** The system's code of an error ("ENOENT"), or undefined for an error that has none. */
export function systemCodeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

export function isAbsent(error: unknown): boolean {
  return systemCodeOf(error) === "ENOENT";
}
