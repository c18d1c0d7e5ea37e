// Removes what a crash left unfinished in a folder store: temporary files and half-deleted objects. Touches no
// object, complete or in progress; running it twice changes nothing more.

import { join } from "node:path";
import type { Volume } from "./volume.ts";

export interface RecoveryReport {
  readonly temporaryFiles: number;
  readonly deletedObjects: number;
}

async function emptyAndRemove(volume: Volume, folder: string): Promise<void> {
  for (const name of await volume.names(folder)) await volume.unlink(join(folder, name));
  try {
    await volume.fs.removeFolder(folder);
  } catch (error) {
    throw volume.faultOf(error, "removing an object's folder");
  }
}

/** Sweeps `tmp/` and `trash/`. With `isWanted`, only those entries of `trash/`. Durable on return. */
export async function recoverStore(
  volume: Volume,
  root: string,
  isWanted?: (name: string) => boolean,
): Promise<RecoveryReport> {
  let temporaryFiles = 0;
  if (isWanted === undefined) {
    for (const name of await volume.names(join(root, "tmp"))) {
      if (await volume.unlink(join(root, "tmp", name))) temporaryFiles += 1;
    }
  }
  const trash = join(root, "trash");
  const doomed = (await volume.names(trash)).filter((name) => isWanted?.(name) ?? true);
  for (const name of doomed) await emptyAndRemove(volume, join(trash, name));
  if (doomed.length > 0) await volume.syncFolder(trash);
  return { temporaryFiles, deletedObjects: doomed.length };
}

/** Removes what was kept aside of an object that is being deleted. Durable on return. */
export async function removeSetAside(volume: Volume, folder: string, prefix: string): Promise<void> {
  const doomed = (await volume.names(folder)).filter((name) => name.startsWith(prefix));
  for (const name of doomed) await emptyAndRemove(volume, join(folder, name));
  if (doomed.length > 0) await volume.syncFolder(folder);
}
