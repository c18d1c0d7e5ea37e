// Keeps the queue's runner at work: one that broke begins anew after a pause, until told to stop. Whoever asks is told
// meanwhile that it does not run.
import { setTimeout as wait } from "node:timers/promises";
import type { Runner } from "graphile-worker";
import type { Log } from "../platform/log.ts";

export interface KeptRunner {
  isRunning(): boolean;
  /** Lets jobs in hand end and be recorded as ended. */
  stop(): Promise<void>;
}

/** Throws what the first `start` throws; later ones are tried again. */
export async function keepRunning(
  start: () => Promise<Pick<Runner, "promise" | "stop">>,
  given: { readonly log: Log; readonly pauseMs: number },
): Promise<KeptRunner> {
  const { log, pauseMs } = given;
  const stopping = new AbortController();
  const isStopped = (): boolean => stopping.signal.aborted;
  let runner: Pick<Runner, "promise" | "stop"> | undefined = await start();

  const startAgain = async (): Promise<void> => {
    await wait(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    if (isStopped()) return;
    try {
      const begun = await start();
      runner = begun;
      if (isStopped()) await begun.stop();
    } catch (cause) {
      log.error("the job runner could not begin anew; it is tried again", { cause });
    }
  };
  const watching = (async () => {
    while (!isStopped()) {
      if (runner === undefined) {
        await startAgain();
        continue;
      }
      try {
        await runner.promise;
        if (!isStopped()) log.error("the job runner ended; it begins anew");
      } catch (cause) {
        if (!isStopped()) log.error("the job runner broke; it begins anew", { cause });
      }
      runner = undefined;
    }
  })();

  return {
    isRunning: () => runner !== undefined && !isStopped(),
    async stop() {
      stopping.abort();
      await runner?.stop();
      await watching;
    },
  };
}
