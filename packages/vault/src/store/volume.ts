// A folder tree on one volume, and whether it can still be trusted. Guarantees: what `writeDurably` and
// `makeFolderDurably` return from is on the disk, name and bytes; after a failed sync nothing more is written.
//
// What it cannot fix: a disk that says it synced and did not, and a file system that reorders a rename before
// the data it was given (none of ext4, XFS and Btrfs does so after fdatasync).

import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { VaultError } from "../errors.ts";
import { isAbsent, systemCodeOf } from "./store-fs.ts";
import type { StoreFile, StoreFs } from "./store-fs.ts";

const NO_SPACE = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** The health of one volume, shared by all that write to it. */
export class Volume {
  readonly fs: StoreFs;
  readonly #readOnly: boolean;
  #failure: VaultError | undefined;

  constructor(fs: StoreFs, options: { readonly readOnly?: boolean } = {}) {
    this.fs = fs;
    this.#readOnly = options.readOnly ?? false;
  }

  /** Throws `volume-failed` once a sync failed, and `read-only` where it was opened so. */
  requireWritable(): void {
    if (this.#readOnly) throw new VaultError("read-only", "this store was opened to be read only");
    if (this.#failure !== undefined) {
      throw new VaultError(
        "volume-failed",
        "a sync failed on this volume; check the disk, then restart to use it again",
        { cause: this.#failure },
      );
    }
  }

  /** The fault that a failed call means. */
  faultOf(error: unknown, doing: string): VaultError {
    if (error instanceof VaultError) return error;
    const code = systemCodeOf(error);
    if (code !== undefined && NO_SPACE.has(code)) {
      return new VaultError("no-space", `no space left while ${doing}; nothing was kept of it`, {
        cause: error,
      });
    }
    return new VaultError("store-io", `${doing} failed (${code ?? "unknown error"})`, { cause: error });
  }

  /** Runs a sync or close. If it fails the volume is failed for good: after a failed fsync the kernel may
   * have dropped the pages, and asking again would answer that all is well. */
  async settle(act: () => Promise<void>, doing: string): Promise<void> {
    try {
      await act();
    } catch (error) {
      const fault = new VaultError("sync-failed", `${doing} failed: the bytes may not be on the disk`, {
        cause: error,
      });
      this.#failure ??= fault;
      throw fault;
    }
  }

  syncFolder(path: string): Promise<void> {
    return this.settle(() => this.fs.syncFolder(path), "syncing a folder");
  }

  /** Names in a folder; none where the folder is absent. */
  async names(path: string): Promise<string[]> {
    try {
      return await this.fs.names(path);
    } catch (error) {
      if (isAbsent(error)) return [];
      throw this.faultOf(error, "reading a folder");
    }
  }

  /** Removes a file; false where there was none. Not durable until its folder is synced. */
  async unlink(path: string): Promise<boolean> {
    try {
      await this.fs.unlink(path);
      return true;
    } catch (error) {
      if (isAbsent(error)) return false;
      throw this.faultOf(error, "removing a file");
    }
  }

  /** The length of a file in bytes, undefined where it is absent. */
  async sizeOf(path: string): Promise<number | undefined> {
    try {
      return await this.fs.sizeOf(path);
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw this.faultOf(error, "looking for a file");
    }
  }

  /** Reads a small file whole, undefined where it is absent. Throws `store-io` past `atMostBytes`. */
  async readSmall(path: string, atMostBytes: number): Promise<Buffer | undefined> {
    let file: StoreFile;
    try {
      file = await this.fs.openRead(path);
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw this.faultOf(error, "opening a file");
    }
    try {
      const target = Buffer.alloc(Math.min(atMostBytes, await this.fs.sizeOf(path)) + 1);
      const sizeBytes = await file.read(target, 0);
      if (sizeBytes > atMostBytes) throw new VaultError("store-io", "a small file is larger than it may be");
      return target.subarray(0, sizeBytes);
    } catch (error) {
      throw this.faultOf(error, "reading a file");
    } finally {
      // Nothing was written: a close that fails here loses nothing.
      await file.close().catch(() => undefined);
    }
  }
}

/** A name for a temporary file that nothing else has. */
export function temporaryName(): string {
  return `${randomBytes(12).toString("hex")}.tmp`;
}

/** Makes a folder, present or not, and syncs its parent, so that neither can vanish in a power cut. */
export async function makeFolderDurably(volume: Volume, path: string): Promise<void> {
  try {
    await volume.fs.makeFolder(path);
  } catch (error) {
    if (systemCodeOf(error) !== "EEXIST") throw volume.faultOf(error, "making a folder");
  }
  await volume.syncFolder(dirname(path));
}

/** Makes a folder and every missing one above it. One that is there already may have been made by a process that died
 * before its sync, so it is synced again; those above it were synced before it was made. */
export async function makeFoldersDurably(volume: Volume, path: string): Promise<void> {
  const parent = dirname(path);
  if (parent === path) return;
  if ((await volume.sizeOf(path)) !== undefined) {
    await volume.settle(() => syncUnlessForeign(volume, parent), "syncing a folder");
    return;
  }
  await makeFoldersDurably(volume, parent);
  await makeFolderDurably(volume, path);
}

/** A folder that this account may not read is another's, and so is what was made in it. */
async function syncUnlessForeign(volume: Volume, path: string): Promise<void> {
  try {
    await volume.fs.syncFolder(path);
  } catch (error) {
    if (!["EACCES", "EPERM"].includes(systemCodeOf(error) ?? "")) throw error;
  }
}

/** Moves a written, closed and synced temporary file to its name and syncs the folder. On a fault before the
 * rename the temporary file is removed; after it nothing is undone, as an older file may have been replaced. */
export async function publish(
  volume: Volume,
  temporaryPath: string,
  folder: string,
  name: string,
): Promise<void> {
  try {
    volume.requireWritable();
    await volume.fs.rename(temporaryPath, join(folder, name));
  } catch (error) {
    await removeQuietly(volume, temporaryPath);
    throw volume.faultOf(error, "renaming a file into place");
  }
  await volume.syncFolder(folder);
}

/** Removes a temporary file where that is still possible; what stays, the next start sweeps away. */
export async function removeQuietly(volume: Volume, path: string): Promise<void> {
  await volume.fs.unlink(path).catch(() => undefined);
}

/** Writes `bytes` as `folder/name`: temporary file, write, fdatasync, close, rename, sync of the folder. Replaces
 * what was there in one step. Throws `no-space`, `sync-failed`, `volume-failed` or `store-io`. */
export async function writeDurably(
  volume: Volume,
  place: { readonly temporaryFolder: string; readonly folder: string; readonly name: string },
  bytes: Uint8Array,
): Promise<void> {
  volume.requireWritable();
  const temporaryPath = join(place.temporaryFolder, temporaryName());
  let file: StoreFile;
  try {
    file = await volume.fs.create(temporaryPath, 0o600);
  } catch (error) {
    await removeQuietly(volume, temporaryPath);
    throw volume.faultOf(error, "creating a file");
  }
  try {
    await file.append([bytes]);
    await volume.settle(() => file.datasync(), "syncing a file");
  } catch (error) {
    await file.close().catch(() => undefined);
    await removeQuietly(volume, temporaryPath);
    throw volume.faultOf(error, "writing a file");
  }
  try {
    await volume.settle(() => file.close(), "closing a file");
  } catch (error) {
    await removeQuietly(volume, temporaryPath);
    throw error;
  }
  await publish(volume, temporaryPath, place.folder, place.name);
}
