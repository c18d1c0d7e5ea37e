// Folders of one run of a suite. They are named after its process, so that the next run can tell what a killed one left.
import { rmSync } from "node:fs";
import { chmod, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

const PREFIX = "sworn-faults-";

export function ownName(): string {
  return `${PREFIX}${process.pid.toString()}-${Math.random().toString(36).slice(2, 8)}`;
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}

/** Whether a path belongs to a run whose process is gone. */
export function isStale(path: string): boolean {
  const owner = new RegExp(`${PREFIX}(\\d+)-`).exec(path)?.[1];
  return owner !== undefined && !isRunning(Number(owner));
}

// A killed server's database takes a moment to end.
const patience = { recursive: true, force: true, maxRetries: 20, retryDelay: 250 } as const;

/** A new folder that others may pass through, as PostgreSQL's account must. Gone at the latest when this process ends. */
export async function makeOwnFolder(parent: string): Promise<{ path: string; remove(): Promise<void> }> {
  const path = join(parent, ownName());
  await mkdir(path, { recursive: true });
  await chmod(path, 0o711);
  const atExit = (): void => {
    try {
      rmSync(path, patience);
    } catch {
      // Something is still mounted in it: the next run removes both.
    }
  };
  process.once("exit", atExit);
  return {
    path,
    async remove() {
      process.off("exit", atExit);
      await rm(path, patience);
    },
  };
}
