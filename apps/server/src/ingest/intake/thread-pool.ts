// The pool of intake threads. Bytes go to a thread through memory that both share; where that is full they are transferred.
// A thread that dies fails what it had in hand, and another takes its place.
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { IntakeFault } from "./intake-job.ts";
import type { IntakeListener, IntakePool, IntakeSession } from "./intake-pool.ts";
import type { FromWorker, ToWorker, WireFault, WorkerSettings } from "./worker-messages.ts";
import { ThreadSender } from "./thread-sender.ts";
import { makeSlots, type Slots } from "./slots.ts";
import type { StoredTaskResult } from "./stored-task.ts";

interface Work {
  readonly listener: IntakeListener | null;
  settle: ((outcome: { fault: IntakeFault } | { result: StoredTaskResult | null }) => void) | null;
  fault: IntakeFault | null;
}

interface Thread {
  readonly worker: Worker;
  readonly slots: Slots;
  readonly work: Map<number, Work>;
}

const asFault = ({ code, message }: WireFault): IntakeFault => new IntakeFault(code, message);

export function startThreadPool(options: {
  readonly storeRoot: string;
  readonly threads?: number;
}): IntakePool {
  const threads: Thread[] = [];
  let next = 1;
  let closing = false;

  const hear = (thread: Thread, message: FromWorker): void => {
    if (message.kind === "taken" && message.slot !== null) thread.slots.free(message.slot);
    const work = thread.work.get(message.session);
    if (work === undefined) return;
    switch (message.kind) {
      case "taken":
        work.listener?.taken(message.sizeBytes);
        break;
      case "stored":
        work.listener?.stored(message.progress);
        break;
      case "failed":
        fail(thread, message.session, work, asFault(message.fault));
        break;
      case "ended":
        thread.work.delete(message.session);
        work.settle?.(message.fault === null ? { result: null } : { fault: asFault(message.fault) });
        break;
      case "done":
        thread.work.delete(message.session);
        work.settle?.({ result: message.result });
    }
  };
  const fail = (thread: Thread, session: number, work: Work, fault: IntakeFault): void => {
    if (work.listener === null) {
      thread.work.delete(session);
      work.settle?.({ fault });
    } else if (work.fault === null) {
      work.fault = fault;
      work.listener.failed(fault);
    }
  };
  const lose = (thread: Thread, cause: unknown): void => {
    const place = threads.indexOf(thread);
    if (place === -1) return;
    threads.splice(place, 1);
    const fault = new IntakeFault("worker-gone", "A thread that stored bytes ended. Send again.", cause);
    for (const [session, work] of thread.work) {
      fail(thread, session, work, fault);
      work.settle?.({ fault });
    }
    if (!closing) threads.push(spawn());
  };
  const spawn = (): Thread => {
    const slots = makeSlots();
    const workerData: WorkerSettings = { storeRoot: options.storeRoot, slots: slots.memory };
    const worker = new Worker(new URL("intake-worker.ts", import.meta.url), { workerData });
    const thread: Thread = { worker, slots, work: new Map() };
    worker.unref();
    worker.on("message", (message: FromWorker) => {
      hear(thread, message);
    });
    worker.on("error", (cause) => {
      lose(thread, cause);
    });
    worker.on("exit", () => {
      lose(thread, undefined);
    });
    return thread;
  };
  const leastBusy = (): Thread => {
    const [first, ...others] = threads;
    if (closing || first === undefined) throw new IntakeFault("worker-gone", "The server is stopping.");
    return others.reduce((best, thread) => (thread.work.size < best.work.size ? thread : best), first);
  };
  for (let count = 0; count < (options.threads ?? Math.max(1, availableParallelism() - 1)); count++) {
    threads.push(spawn());
  }

  return {
    open(job, listener): IntakeSession {
      const thread = leastBusy();
      const session = next++;
      const work: Work = { listener, settle: null, fault: null };
      thread.work.set(session, work);
      const post = (message: ToWorker, transfer: ArrayBuffer[] = []): void => {
        thread.worker.postMessage(message, transfer);
      };
      post({ kind: "open", session, job });
      const sender = new ThreadSender(thread.slots, session, post);
      return {
        write: (chunk) => {
          sender.write(chunk);
        },
        flush: () => {
          sender.flush();
        },
        async end(how) {
          sender.flush();
          if (!thread.work.has(session))
            throw work.fault ?? new IntakeFault("worker-gone", "The thread ended.");
          const outcome = await new Promise<Parameters<NonNullable<Work["settle"]>>[0]>((resolve) => {
            work.settle = resolve;
            if (threads.includes(thread)) post({ kind: "end", session, how });
            else resolve({ fault: work.fault ?? new IntakeFault("worker-gone", "The thread ended.") });
          });
          thread.work.delete(session);
          if ("fault" in outcome) throw outcome.fault;
        },
      };
    },
    async run(task) {
      const thread = leastBusy();
      const session = next++;
      const outcome = await new Promise<Parameters<NonNullable<Work["settle"]>>[0]>((resolve) => {
        thread.work.set(session, { listener: null, settle: resolve, fault: null });
        thread.worker.postMessage({ kind: "task", session, task } satisfies ToWorker);
      });
      if ("fault" in outcome) throw outcome.fault;
      if (outcome.result === null) throw new IntakeFault("fault", "The thread gave no result.");
      return outcome.result;
    },
    async close() {
      closing = true;
      await Promise.all(threads.splice(0).map(({ worker }) => worker.terminate()));
    },
  };
}
