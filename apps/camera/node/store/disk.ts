// The few things the camera does to a disk, and when they are durable. Tests put a failing disk in its place.
// A sync that failed is never tried again: the kernel may have dropped the pages, so whoever syncs must give up.
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readFile, readdir, rename, rm, statfs } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { systemCode } from "../camera-error.ts";

/** A file that only grows at its end, or is cut back to what is known to be whole. */
export interface AppendFile {
  readonly sizeBytes: number;
  /** Writes at the end. After a throw the file may hold any part of `bytes`: cut it back. */
  append(bytes: Uint8Array): Promise<void>;
  cutTo(sizeBytes: number): Promise<void>;
  /** On return all that was appended or cut is durable. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface Disk {
  openAppend(path: string): Promise<AppendFile>;
  /** Replaces a whole file; a crash leaves the old one or the new one. Durable on return. */
  writeWhole(path: string, bytes: Uint8Array): Promise<void>;
  /** Null if there is no such file. */
  readWhole(path: string): Promise<Uint8Array | null>;
  /** Makes the folder if it is missing, and its name durable. */
  makeFolder(path: string): Promise<void>;
  /** Names in a folder; none if it is not there. */
  list(path: string): Promise<string[]>;
  /** Removes a file or a folder with all that is in it, durably. */
  remove(path: string): Promise<void>;
  syncFolder(path: string): Promise<void>;
  freeBytes(path: string): Promise<number>;
}

class AppendHandle implements AppendFile {
  readonly #handle: FileHandle;
  sizeBytes: number;

  constructor(handle: FileHandle, sizeBytes: number) {
    this.#handle = handle;
    this.sizeBytes = sizeBytes;
  }

  async append(bytes: Uint8Array): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const { bytesWritten } = await this.#handle.write(
        bytes,
        written,
        bytes.length - written,
        this.sizeBytes,
      );
      written += bytesWritten;
      this.sizeBytes += bytesWritten;
    }
  }

  async cutTo(sizeBytes: number): Promise<void> {
    await this.#handle.truncate(sizeBytes);
    this.sizeBytes = sizeBytes;
  }

  async sync(): Promise<void> {
    await this.#handle.datasync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export const realDisk: Disk = {
  syncFolder,
  async openAppend(path) {
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    return new AppendHandle(handle, (await handle.stat()).size);
  },
  async writeWhole(path, bytes) {
    const temporary = join(dirname(path), `.${basename(path)}.part`);
    const handle = await open(temporary, "w", 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  },
  async readWhole(path) {
    try {
      return new Uint8Array(await readFile(path));
    } catch (error) {
      if (systemCode(error) === "ENOENT") return null;
      throw error;
    }
  },
  async makeFolder(path) {
    const first = await mkdir(path, { recursive: true, mode: 0o700 });
    // Also where it is there already: whoever made it may have been cut off before its name was durable.
    await syncFolder(dirname(path));
    for (let made = path; first !== undefined && made !== first && made !== dirname(made);) {
      made = dirname(made);
      await syncFolder(dirname(made));
    }
  },
  async list(path) {
    try {
      return (await readdir(path)).sort();
    } catch (error) {
      if (systemCode(error) === "ENOENT") return [];
      throw error;
    }
  },
  async remove(path) {
    await rm(path, { recursive: true, force: true });
    await syncFolder(dirname(path));
  },
  async freeBytes(path) {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  },
};
