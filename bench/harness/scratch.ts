// Temporary folders of a run, on the disk or in memory. Guarantees that they are gone when it ends, however it ends.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MEMORY = "/dev/shm";

const made = new Set<string>();

/** An empty folder. Without a tmpfs on the machine, `memory` is the disk as well. */
export function makeScratch(place: "memory" | "disk"): string {
  const base = place === "memory" && existsSync(MEMORY) ? MEMORY : tmpdir();
  const folder = mkdtempSync(join(base, "sworn-bench-"));
  // A private database runs as a user of its own where we are root: it must be able to get to its folder.
  chmodSync(folder, 0o711);
  made.add(folder);
  return folder;
}

export function makeBelow(scratch: string, name: string): string {
  const folder = join(scratch, name.replaceAll(/[^a-z0-9]+/gi, "-"));
  mkdirSync(folder, { mode: 0o711 });
  return folder;
}

export function removeScratch(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  made.delete(folder);
}

/** For a signal's handler and the end of the process. */
export function removeAllScratch(): void {
  for (const folder of [...made]) removeScratch(folder);
}
