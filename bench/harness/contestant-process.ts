// The process of one contestant: opens it, runs its rounds, and measures time, CPU time and memory around each.
import {
  BenchError,
  type ContestantGiven,
  type Measures,
  type OpenContestant,
  type Running,
} from "./bench.ts";
import { answerCalls } from "./child.ts";
import { cpuSecondsOf, forgetPeak, peakMemoryOf } from "./process-usage.ts";

let running: Running | null = null;

function opened(): Running {
  if (running === null) throw new BenchError("contestant-failed", "the contestant is not open");
  return running;
}

async function open(module: string, given: ContestantGiven): Promise<void> {
  const loaded = (await import(module)) as { readonly open?: unknown };
  if (typeof loaded.open !== "function") {
    throw new BenchError("contestant-failed", `${module} exports no function "open"`);
  }
  running = await (loaded.open as OpenContestant)(given);
}

/** What follows from what was counted. */
function rates(measured: Measures): Measures {
  const { bytes, operations, wallSeconds = NaN, cpuSeconds = NaN } = measured;
  return {
    ...(bytes === undefined
      ? {}
      : { bytesPerSecond: bytes / wallSeconds, cpuSecondsPerGigabyte: cpuSeconds / (bytes / 1e9) }),
    ...(operations === undefined ? {} : { operationsPerSecond: operations / wallSeconds }),
  };
}

async function round(): Promise<Measures> {
  const contestant = opened();
  await contestant.before?.();
  try {
    const others = contestant.processes?.() ?? [];
    const all = [process.pid, ...others];
    await forgetPeak(all);
    const cpuBefore = await cpuSecondsOf(all);
    const startedAtMs = performance.now();
    const own = await contestant.round();
    const wallSeconds = (performance.now() - startedAtMs) / 1_000;
    const measured: Measures = {
      wallSeconds,
      cpuSeconds: (await cpuSecondsOf(all)) - cpuBefore,
      peakMemoryBytes: await peakMemoryOf(all),
      ...own,
    };
    return { ...rates(measured), ...measured };
  } finally {
    await contestant.after?.();
  }
}

answerCalls({
  open: async (given) => {
    const { module, ...rest } = given as ContestantGiven & { readonly module: string };
    await open(module, rest);
  },
  round,
  close: async () => {
    await running?.close();
    running = null;
  },
});
