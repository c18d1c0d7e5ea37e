// Copies a folder into another, what is there already left alone: objects and full tiles never change, so that a second
// copy moves only what is new. Each file is whole and on the disk before it has its name.
import { createHash } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { copyFile, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { makeFolderDurably, syncFolder } from "../platform/durable-file.ts";
import { BackupFault } from "./backup-fault.ts";

export interface Copied {
  readonly files: number;
  readonly bytes: number;
}

/** Paths of the files below a folder; none where it is not there. */
export async function* filesBelow(root: string, folder = ""): AsyncGenerator<string, void, undefined> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  });
  for (const entry of entries) {
    const path = folder === "" ? entry.name : join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(root, path);
    else if (entry.isFile()) yield path;
  }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** Copies one file durably; false where it went away meanwhile. With `isChecked` both are read and compared before the
 * copy has its name: `backup-damaged` where they differ. */
export async function copyDurably(from: string, to: string, isChecked = false): Promise<boolean> {
  await makeFolderDurably(dirname(to));
  const temporary = `${to}.copying`;
  try {
    await copyFile(from, temporary, constants.COPYFILE_FICLONE);
    if (isChecked && (await digestOf(from)) !== (await digestOf(temporary)))
      throw new BackupFault("backup-damaged", `The copy of ${from} is not the same. Check both disks.`);
  } catch (error) {
    await rm(temporary, { force: true });
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
  const file = await open(temporary, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, to);
  return true;
}

/** `isFixed`: a file of this path never changes, so that one of the same length is the same. */
export async function copyFolder(
  from: string,
  to: string,
  options: {
    readonly isFixed: (path: string) => boolean;
    /** Each copy is read again and compared. */
    readonly isChecked?: boolean;
    readonly skips?: (path: string) => boolean;
    readonly onFile?: (copied: Copied) => void;
  },
): Promise<Copied> {
  let files = 0;
  let bytes = 0;
  const touched = new Set<string>();
  for await (const path of filesBelow(from)) {
    if (options.skips?.(path) === true) continue;
    const source = await stat(join(from, path)).catch(() => null);
    if (source === null) continue;
    if (options.isFixed(path)) {
      const present = await stat(join(to, path)).catch(() => null);
      if (present?.size === source.size) continue;
    }
    if (!(await copyDurably(join(from, path), join(to, path), options.isChecked))) continue;
    touched.add(dirname(join(to, path)));
    files += 1;
    bytes += source.size;
    options.onFile?.({ files, bytes });
  }
  for (const folder of touched) await syncFolder(folder);
  return { files, bytes };
}
