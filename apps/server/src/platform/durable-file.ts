// Files that survive a power cut. When `writeDurably` returns, the bytes and the name are on the disk, and a
// reader at any instant before that sees the old file whole or the new file whole, never a mixture.
// A sync that fails is never retried: the kernel may have dropped the pages, so the caller must write again.
// Not covered: a disk that lies about its cache.
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { link, mkdir, open, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { PlatformError } from "./platform-error.ts";

/** The five steps that can fail, in order; tests replace one to see what a failure leaves behind. */
export interface DurableSteps {
  write(file: FileHandle, bytes: Uint8Array): Promise<void>;
  syncFile(file: FileHandle): Promise<void>;
  closeFile(file: FileHandle): Promise<void>;
  place(from: string, to: string): Promise<void>;
  syncFolder(folder: string): Promise<void>;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Makes the names in a folder durable: what was renamed into it or removed from it stays so. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The steps of a real disk. */
export const diskSteps: DurableSteps = {
  write: (file, bytes) => file.writeFile(bytes),
  syncFile: (file) => file.datasync(),
  closeFile: (file) => file.close(),
  place: rename,
  syncFolder,
};

export interface DurableOptions {
  /** Permission bits of the file; 0o600 unless given. */
  mode?: number;
  steps?: DurableSteps;
}

async function replace(path: string, bytes: Uint8Array, options: DurableOptions): Promise<void> {
  const steps = options.steps ?? diskSteps;
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString("hex")}.part`);
  let file: FileHandle | undefined;
  try {
    file = await open(temporary, "wx", options.mode ?? 0o600);
    await steps.write(file, bytes);
    await steps.syncFile(file);
    const written = file;
    file = undefined;
    await steps.closeFile(written);
    await steps.place(temporary, path);
    await steps.syncFolder(folder);
  } catch (cause) {
    await file?.close().catch(() => undefined);
    await rm(temporary, { force: true }).catch(() => undefined);
    throw cause;
  }
}

/**
 * Writes a whole file, replacing what is there. Durable on return. On a throw (`durable-write-failed`) the
 * file is the old one, or the new one not known to be durable: treat it as not written.
 */
export async function writeDurably(
  path: string,
  bytes: Uint8Array | string,
  options: DurableOptions = {},
): Promise<void> {
  const whole = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  try {
    await replace(path, whole, options);
  } catch (cause) {
    throw new PlatformError("durable-write-failed", `${path} could not be written durably.`, cause);
  }
}

/** Like `writeDurably`, but for a name that must be new: says `exists` and changes nothing when it is taken. */
export async function writeNewDurably(
  path: string,
  bytes: Uint8Array | string,
  options: DurableOptions = {},
): Promise<"written" | "exists"> {
  const steps = options.steps ?? diskSteps;
  // link(2) fails when the name exists, where rename(2) would replace it.
  const place = async (from: string, to: string): Promise<void> => {
    await link(from, to);
    await rm(from);
  };
  const whole = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  try {
    await replace(path, whole, { ...options, steps: { ...steps, place } });
    return "written";
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") {
      // Another writer's name may not be durable yet; whoever relies on it needs it to be.
      await steps.syncFolder(dirname(path));
      return "exists";
    }
    throw new PlatformError("durable-write-failed", `${path} could not be written durably.`, cause);
  }
}

/** Removes a file if it is there, durably: after a power cut it does not come back. */
export async function removeDurably(path: string, steps: DurableSteps = diskSteps): Promise<void> {
  try {
    await rm(path, { force: true });
    await steps.syncFolder(dirname(path));
  } catch (cause) {
    throw new PlatformError("durable-write-failed", `${path} could not be removed durably.`, cause);
  }
}

// Folders that this process knows to be durable, so that a tile written into one costs no sync of its parents.
const durableFolders = new Set<string>();

/**
 * Makes a folder and those above it that are missing, each durable. Returns when all are. One that is there already may
 * have been made by a process that died before its sync: it is synced once more.
 */
export async function makeFolderDurably(
  folder: string,
  mode = 0o700,
  steps: Pick<DurableSteps, "syncFolder"> = diskSteps,
): Promise<void> {
  try {
    await settleFolder(folder, mode, steps);
  } catch (cause) {
    throw new PlatformError("durable-write-failed", `The folder ${folder} could not be made.`, cause);
  }
}

// From the top down, each synced before the next is made: only the lowest one there is can lack its sync.
async function settleFolder(
  folder: string,
  mode: number,
  steps: Pick<DurableSteps, "syncFolder">,
): Promise<void> {
  const parent = dirname(folder);
  if (parent === folder) return;
  const isThere = (await stat(folder).catch(() => null)) !== null;
  if (isThere && durableFolders.has(folder)) return;
  if (!isThere) {
    await settleFolder(parent, mode, steps);
    await mkdir(folder, { mode }).catch((cause: unknown) => {
      if (codeOf(cause) !== "EEXIST") throw cause;
    });
  }
  await steps.syncFolder(parent).catch((cause: unknown) => {
    // A folder that this account may not read is another's, and so is what was made in it.
    if (!isThere || !["EACCES", "EPERM"].includes(codeOf(cause) ?? "")) throw cause;
  });
  durableFolders.add(folder);
}
