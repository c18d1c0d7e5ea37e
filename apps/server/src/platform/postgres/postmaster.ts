// The running PostgreSQL process of a cluster: is there one, is it ready, make it end. Whoever calls holds the
// cluster's lock, so a postmaster found here that is not ours is an orphan of a Sworn process that died.
import { readFile, readdir, readlink, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Log } from "../log.ts";
import { PlatformError } from "../platform-error.ts";

/** A process's id and whether its status line says that it takes connections. */
export interface PostmasterStatus {
  readonly processId: number;
  readonly ready: boolean;
}

/** Reads `postmaster.pid` (lines: pid, folder, start, port, socket folder, address, memory key, status). */
export async function readPostmaster(cluster: string): Promise<PostmasterStatus | null> {
  const text = await readFile(join(cluster, "postmaster.pid"), "utf8").catch(() => null);
  const lines = text?.split("\n") ?? [];
  const processId = Number(lines[0]);
  if (!Number.isSafeInteger(processId) || processId <= 1) return null;
  return { processId, ready: lines[7]?.trim() === "ready" };
}

// Every PostgreSQL process works in its cluster's folder, and a process id alone proves nothing: ids are reused.
async function processesOf(cluster: string): Promise<number[]> {
  const names = await readdir("/proc").catch(() => []);
  const found: number[] = [];
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    const folder = await readlink(`/proc/${name}/cwd`).catch(() => null);
    if (folder === cluster) found.push(Number(name));
  }
  return found;
}

function signal(processId: number, name: NodeJS.Signals): void {
  try {
    process.kill(processId, name);
  } catch {
    // It ended in the meantime, which is what was wanted.
  }
}

async function goneWithin(cluster: string, limitMs: number): Promise<boolean> {
  const endMs = performance.now() + limitMs;
  while (performance.now() < endMs) {
    if ((await processesOf(cluster)).length === 0) return true;
    await wait(25);
  }
  return false;
}

/** Ends an orphan, gently first, and clears the file of one that no longer exists. */
export async function endOrphans(cluster: string, log: Log): Promise<void> {
  const status = await readPostmaster(cluster);
  if (status === null) return;
  const running = await processesOf(cluster);
  if (running.length === 0) {
    // The file outlived its process. Left in place, it would stop a start once the id is someone else's.
    await rm(join(cluster, "postmaster.pid"), { force: true });
    return;
  }
  log.warn("stopping a database left running by a process that died", { processId: status.processId });
  const first = running.includes(status.processId) ? [status.processId] : running;
  for (const [name, limitMs] of [
    ["SIGINT", 15_000],
    ["SIGQUIT", 10_000],
  ] as const) {
    for (const processId of first) signal(processId, name);
    if (await goneWithin(cluster, limitMs)) return;
  }
  throw new PlatformError(
    "postgres-failed",
    `A PostgreSQL process left over in ${cluster} (process ${status.processId.toString()}) does not stop. ` +
      "End it by hand, then start again.",
  );
}
