// Looks at a data folder without changing anything, also while a server runs on it: is it one, is it closed to others,
// does somebody use it, has the key ring both its places and a root.
import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { systemClock } from "./platform/clock.ts";
import { lockFolder } from "./platform/folder-lock.ts";
import { openVault } from "./open-vault.ts";
import { PlatformError } from "./platform/platform-error.ts";

export interface DataFolderFacts {
  /** Absolute path. */
  readonly path: string;
  readonly exists: boolean;
  /** As its label says; null without a readable label. */
  readonly purpose: string | null;
  /** Whether only its owner may read or write in it. */
  readonly isPrivate: boolean;
  readonly isInUse: boolean;
  /** Why the key ring does not open; null where it does, or where there is none yet. */
  readonly keyRingFault: string | null;
  /** Keys that are whole; null where the ring does not open, or there is none yet. */
  readonly keys: number | null;
}

async function readPurpose(path: string): Promise<string | null> {
  try {
    const label: unknown = JSON.parse(await readFile(join(path, "sworn-data.json"), "utf8"));
    if (typeof label !== "object" || label === null || !("purpose" in label)) return null;
    return typeof label.purpose === "string" ? label.purpose : null;
  } catch {
    return null;
  }
}

async function isLocked(path: string): Promise<boolean> {
  try {
    await (await lockFolder(path, "data")).release();
    return false;
  } catch (error) {
    if (error instanceof PlatformError && error.code === "folder-locked") return true;
    throw error;
  }
}

async function lookAtRing(path: string): Promise<{ keyRingFault: string | null; keys: number | null }> {
  const part = (...names: string[]): string => join(path, ...names);
  if ((await stat(part("keys")).catch(() => null)) === null) return { keyRingFault: null, keys: null };
  try {
    const { keys: ring } = await openVault({ part }, { clock: systemClock, readOnly: true });
    let keys = 0;
    for await (const _id of ring.list()) keys += 1;
    return { keyRingFault: null, keys };
  } catch (error) {
    return { keyRingFault: error instanceof Error ? error.message : String(error), keys: null };
  }
}

export async function checkDataFolder(folder: string): Promise<DataFolderFacts> {
  const path = resolve(folder);
  const status = await stat(path).catch(() => null);
  if (status?.isDirectory() !== true) {
    const nothing = { purpose: null, isPrivate: true, isInUse: false, keyRingFault: null, keys: null };
    return { path, exists: status !== null, ...nothing };
  }
  return {
    ...{ path, exists: true, purpose: await readPurpose(path) },
    // Passing through is left open where PostgreSQL runs under an account of its own.
    isPrivate: (status.mode & 0o066) === 0,
    isInUse: await isLocked(path),
    ...(await lookAtRing(path)),
  };
}
