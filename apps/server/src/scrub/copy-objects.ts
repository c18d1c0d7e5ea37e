// Brings every stored object into the second store: what has just become complete at once, and by a walk over both at the
// start and once a day whatever a crash, a lost disk or an earlier configuration left out. Never before an acknowledgement:
// a disk that is full or slow delays no receipt. What a destruction removed does not come back: docs/design/recovery.md.
import { setTimeout as wait } from "node:timers/promises";
import { isId, type ForceId } from "@sworn/contract";
import type { PairedStore } from "@sworn/vault";
import { withForce } from "../platform/database/database.ts";
import type { CopyQueue } from "./copy-queue.ts";
import { isWanted, stateOf } from "./objects-store.ts";
import { recordingOf } from "./scrub-others.ts";
import { settleObject, type ScrubPorts } from "./settle-object.ts";

export interface CopyPorts extends ScrubPorts {
  readonly pair: PairedStore;
}

export interface CopyOptions {
  readonly queue: CopyQueue;
  /** After a fault, until the next attempt. */
  readonly retryMs?: number;
  /** Between two walks. */
  readonly walkEveryMs?: number;
  readonly onWalked: (walk: Walk) => void;
}

export interface Walk {
  readonly copied: number;
  /** Lost in the first store, and mended. */
  readonly restored: number;
  /** In the second store of recordings that were destroyed while it was away, and removed. */
  readonly removed: number;
  /** In the second store alone, and named by no row: left alone. */
  readonly extra: number;
}

export interface Copies {
  stop(): Promise<void>;
}

export function startCopies(ports: CopyPorts, options: CopyOptions): Copies {
  const { queue, retryMs = 30_000, walkEveryMs = 86_400_000 } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const isStopped = (): boolean => signal.aborted;
  const pause = (ms: number): Promise<unknown> =>
    wait(ms, undefined, { signal, ref: false }).catch(() => undefined);
  let walkAtMs = 0;
  const work = async (): Promise<void> => {
    for (let key = queue.first(); key !== undefined && !isStopped(); key = queue.first()) {
      await copyOne(ports, key);
      queue.remove(key);
    }
    if (isStopped() || (!queue.isIncomplete && performance.now() < walkAtMs)) return;
    queue.isIncomplete = false;
    try {
      options.onWalked(await walkStores(ports, signal));
      walkAtMs = performance.now() + walkEveryMs;
    } catch (error) {
      queue.isIncomplete = true;
      throw error;
    }
  };
  const running = (async () => {
    while (!isStopped()) {
      const changed = queue.changed();
      try {
        await work();
      } catch (error) {
        if (isStopped()) return;
        ports.log.error("copies to the second store are interrupted; they go on", { error });
        await pause(retryMs);
        continue;
      }
      if (queue.size === 0 && !isStopped())
        await Promise.race([changed, pause(Math.min(walkEveryMs, 60_000))]);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      queue.wake();
      await running;
    },
  };
}

async function copyOne(ports: CopyPorts, key: string): Promise<boolean> {
  const outcome = await ports.pair.copy(key);
  if (outcome !== "differs") return outcome === "copied";
  const forceId = forceOf(key);
  if (forceId !== null) await settleObject(ports, { forceId, key, recordingId: recordingOf(key) });
  return false;
}

/** One walk over both stores. Throws the reason of `signal`. */
export async function walkStores(ports: CopyPorts, signal?: AbortSignal): Promise<Walk> {
  const { pair } = ports;
  const walk = { copied: 0, restored: 0, removed: 0, extra: 0 };
  for await (const { key, kind } of pair.list()) {
    signal?.throwIfAborted();
    if (kind === "complete" && (await copyOne(ports, key))) walk.copied += 1;
  }
  for await (const { key, kind } of pair.second.list()) {
    signal?.throwIfAborted();
    if (kind !== "complete") continue;
    const here = await pair.stat(key).catch(() => null);
    if (here?.kind === "complete") continue;
    walk[await settleLost(ports, key)] += 1;
  }
  return walk;
}

async function settleLost(ports: CopyPorts, key: string): Promise<"restored" | "removed" | "extra"> {
  const forceId = forceOf(key);
  const recordingId = recordingOf(key);
  if (forceId === null) return "extra";
  const { isMended } = await settleObject(ports, { forceId, key, recordingId });
  if (isMended) return "restored";
  if (recordingId === null) return "extra";
  const isDestroyed = await withForce(ports.database, { forceId, personId: null }, async (tx) => {
    if ((await stateOf(tx, recordingId)) !== "destroyed") return false;
    return !(await isWanted(tx, { key, recordingId }));
  });
  return isDestroyed && (await ports.pair.dropCopy(key)) ? "removed" : "extra";
}

function forceOf(key: string): ForceId | null {
  const [force] = key.split("/", 1);
  return force !== undefined && isId(force) ? (force as ForceId) : null;
}
