// The runner of queued and scheduled jobs. A job that was queued by a committed transaction runs at least once,
// also after a crash; scheduled tasks follow the server's clock, so that a moved clock makes them due.
import { run, type Runner } from "graphile-worker";
import type { Clock } from "../platform/clock.ts";
import { withPlatform, type Database } from "../platform/database/database.ts";
import { queueLogger, queueRole } from "../platform/database/queue-schema.ts";
import { openPool, type DatabaseSource } from "../platform/database/source.ts";
import type { Log } from "../platform/log.ts";
import type { Metrics } from "../platform/metrics.ts";
import { PlatformError } from "../platform/platform-error.ts";
import { keepRunning, type KeptRunner } from "./keep-running.ts";
import { runTask, type RunOutcome } from "./run-task.ts";
import { abandonRuns, claimDue, deleteRunsBefore, enqueuePlatform, takeOverQueue } from "./store.ts";
import { lastDueMs, type Task } from "./task.ts";

export interface Jobs {
  /** Runs a task here and now, recorded as started by hand. Throws for a name that is not a task's. */
  runNow(task: string, payload?: Readonly<Record<string, unknown>>): Promise<RunOutcome>;
  /** Queues whatever fell due by the clock. Done by itself every few seconds and when the clock is moved. */
  queueDue(): Promise<void>;
  /** Whether the runner works; false while it is broken and waits to begin anew. */
  isRunning(): boolean;
  /** Tells running tasks to stop, waits for them, and stops. */
  stop(): Promise<void>;
}

/** Tells the queue that a job failed; the record and the log have the cause. */
class JobFailed extends Error {
  readonly code = "job-failed";
}

const keepRunsMs = 90 * 86_400_000;
const scheduleKey = "schedule:";

function tidyRuns(database: Database, clock: Clock): Task {
  return {
    name: "tidy-job-runs",
    daily: { hour: 4, minute: 30 },
    run: () => withPlatform(database, (tx) => deleteRunsBefore(tx, new Date(clock.nowMs() - keepRunsMs))),
  };
}

/** Starts the runner with all tasks of the capabilities. */
export async function startJobs(given: {
  database: Database;
  databaseSource: DatabaseSource;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  tasks: readonly Task[];
  /** Jobs at the same time; 2 unless given. */
  concurrency?: number;
  /** Between looks at the schedule; 15 s unless given. */
  scheduleEveryMs?: number;
  /** From a break of the runner until it begins anew; 5 s unless given. */
  restartAfterMs?: number;
}): Promise<Jobs> {
  const { database, clock, log } = given;
  const tasks = new Map<string, Task>();
  for (const task of [...given.tasks, tidyRuns(database, clock)]) {
    if (tasks.has(task.name)) throw new PlatformError("invalid-use", `two tasks are named ${task.name}`);
    tasks.set(task.name, task);
  }
  const runs = given.metrics.counter("sworn_job_runs_total", "Runs of jobs, by task and outcome.");
  const concurrency = given.concurrency ?? 2;
  const stopping = new AbortController();
  const pool = openPool(given.databaseSource, queueRole, {
    maximumConnections: concurrency + 3,
    onError: (cause) => {
      if (!stopping.signal.aborted) log.error("a connection of the job queue broke", { cause });
    },
  });

  const perform = async (
    task: Task,
    job: { payload: unknown; attempt: number; startedBy: "queue" | "schedule" | "hand" },
    signal: AbortSignal,
  ): Promise<RunOutcome> => {
    const result = await runTask({ database, clock, log, signal }, task, job);
    runs.add({ task: task.name, outcome: result.outcome });
    return result;
  };

  let holder = await pool.connect();
  const takeOver = async (): Promise<void> => {
    if (await takeOverQueue(holder))
      await withPlatform(database, (tx) => abandonRuns(tx, new Date(clock.nowMs())));
  };
  const begin = async (): Promise<Runner> => {
    try {
      await takeOver();
    } catch {
      // The database was away, and the lock went with the connection.
      holder.release(true);
      holder = await pool.connect();
      await takeOver();
    }
    return run({
      pgPool: pool,
      concurrency,
      noHandleSignals: true,
      logger: queueLogger(log),
      parsedCronItems: [],
      // Without batches the queue does not wait, at its stop, for the record that a job ended, and nobody hears of one
      // that failed.
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
      taskList: Object.fromEntries(
        [...tasks.values()].map((task) => [
          task.name,
          async (payload, { job, abortSignal }) => {
            const startedBy = job.key?.startsWith(scheduleKey) === true ? "schedule" : "queue";
            const signal = AbortSignal.any([stopping.signal, abortSignal]);
            const result = await perform(task, { payload, attempt: job.attempts, startedBy }, signal);
            // The queue keeps the message, so it gets the code alone.
            if (result.outcome === "failed") throw new JobFailed(result.errorCode);
          },
        ]),
      ),
    });
  };
  let runner: KeptRunner;
  try {
    runner = await keepRunning(begin, { log, pauseMs: given.restartAfterMs ?? 5_000 });
  } catch (cause) {
    holder.release(true);
    await pool.end();
    throw cause;
  }

  const queueDue = async (): Promise<void> => {
    for (const task of tasks.values()) {
      if (task.daily === undefined) continue;
      const due = new Date(lastDueMs(task.daily, clock.nowMs()));
      await withPlatform(database, async (tx) => {
        if (!(await claimDue(tx, task.name, due))) return;
        await enqueuePlatform(
          tx,
          task.name,
          { due: due.toISOString() },
          { key: `${scheduleKey}${task.name}` },
        );
      });
    }
  };
  let looking: Promise<void> = queueDue();
  const look = (): void => {
    looking = looking.then(queueDue).catch((cause: unknown) => {
      log.error("the job schedule could not be read", { cause });
    });
  };
  await looking;
  const timer = setInterval(look, given.scheduleEveryMs ?? 15_000);
  timer.unref();
  const forgetMoves = clock.onMoved(look);

  return {
    async runNow(name, payload = {}) {
      const task = tasks.get(name);
      if (task === undefined) throw new PlatformError("invalid-use", `there is no task ${name}`);
      return perform(task, { payload, attempt: 1, startedBy: "hand" }, stopping.signal);
    },
    queueDue,
    isRunning: () => runner.isRunning(),
    async stop() {
      if (stopping.signal.aborted) return;
      clearInterval(timer);
      forgetMoves();
      stopping.abort();
      await looking;
      await runner.stop();
      holder.release(true);
      await pool.end();
    },
  };
}
