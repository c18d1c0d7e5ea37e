// Scrubs without end, at a set rate: a pass over every force's recordings, then the next. Damage is found within the time
// that a pass takes, not on the day when the bytes are needed.
import { setTimeout as wait } from "node:timers/promises";
import type { ForceId } from "@sworn/contract";
import { scrubOthers } from "./scrub-others.ts";
import { scrubNext, type Scrubbed } from "./scrub-recording.ts";
import type { ScrubPorts } from "./settle-object.ts";

/** Between two passes at the least, and after a fault. */
const restMs = 60_000;

export interface Scrub {
  stop(): Promise<void>;
}

export interface ScrubOptions {
  /** 0: no scrub. */
  readonly bytesPerSecond: number;
  readonly forces: () => Promise<readonly ForceId[]>;
  readonly onScrubbed: (step: Scrubbed, forceId: ForceId) => void;
  readonly onPass: () => void;
  /** Before the first step, so that a start is not slowed; a minute unless given. */
  readonly restMs?: number;
}

export function startScrub(ports: ScrubPorts, options: ScrubOptions): Scrub {
  const stopping = new AbortController();
  const { signal } = stopping;
  const pause = (ms: number): Promise<unknown> =>
    wait(ms, undefined, { signal, ref: false }).catch(() => undefined);
  const isStopped = (): boolean => signal.aborted;
  const rest = options.restMs ?? restMs;
  const pass = async (): Promise<void> => {
    for (const forceId of await options.forces()) {
      while (!isStopped()) {
        const step = await scrubNext(ports, forceId);
        options.onScrubbed(step, forceId);
        if (!step.isMore) break;
        // The disk has the same rest after a large object as after many small ones.
        await pause((step.bytes / options.bytesPerSecond) * 1_000);
      }
      for await (const step of scrubOthers(ports, forceId)) {
        if (isStopped()) return;
        options.onScrubbed(step, forceId);
        await pause((step.bytes / options.bytesPerSecond) * 1_000);
      }
    }
    if (!isStopped()) options.onPass();
  };
  const running = (async () => {
    if (options.bytesPerSecond === 0) return;
    for (;;) {
      await pause(rest);
      if (isStopped()) return;
      await pass().catch((error: unknown) => {
        ports.log.error("the scrub was interrupted; it goes on", { error });
      });
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
