// A child process that answers calls. Guarantees that it ends when its parent closes it or dies, and that a call never
// waits for a child that is gone.
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { BenchError } from "./bench.ts";

interface Answer {
  readonly call: number;
  readonly result?: unknown;
  readonly fault?: string;
}

export interface Child {
  readonly pid: number;
  /** @throws BenchError `contestant-failed` with the child's own words, or `child-gone` */
  call(method: string, given?: unknown): Promise<unknown>;
  /** Asks it to close what it has open, then ends it. */
  close(): Promise<void>;
}

const children = new Set<ChildProcess>();

/** For a signal's handler: ends every child that is still there. */
export function killChildren(): void {
  for (const child of children) child.kill("SIGKILL");
}

/** Starts a module that calls `answerCalls`. What it prints goes to standard error. */
export function startChild(module: URL, flags: readonly string[] = []): Child {
  const child = fork(module, [], {
    serialization: "advanced",
    stdio: ["ignore", 2, 2, "ipc"],
    execArgv: ["--disable-warning=ExperimentalWarning", ...flags],
  });
  children.add(child);
  let next = 0;
  let isGone = false;
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (fault: Error) => void }>();
  child.on("message", (answer: Answer) => {
    const call = waiting.get(answer.call);
    waiting.delete(answer.call);
    if (answer.fault === undefined) call?.resolve(answer.result);
    else call?.reject(new BenchError("contestant-failed", answer.fault));
  });
  child.once("exit", (code, signal) => {
    isGone = true;
    children.delete(child);
    const why = new BenchError("child-gone", `a process of the bench ended (${String(signal ?? code)})`);
    for (const call of waiting.values()) call.reject(why);
    waiting.clear();
  });
  const call = (method: string, given?: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (isGone) {
        reject(new BenchError("child-gone", "a process of the bench is gone"));
        return;
      }
      const number = next++;
      waiting.set(number, { resolve, reject });
      child.send({ call: number, method, given });
    });
  return {
    pid: child.pid ?? 0,
    call,
    async close() {
      if (isGone) return;
      const ended = once(child, "exit");
      try {
        await call("close");
      } finally {
        if (child.connected) child.disconnect();
        const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
        await ended;
        clearTimeout(late);
      }
    },
  };
}

/** In the child: answers the parent's calls until it closes. `close` must be one of the methods. */
export function answerCalls(methods: Readonly<Record<string, (given: unknown) => Promise<unknown>>>): void {
  process.on("message", (message: { call: number; method: string; given: unknown }) => {
    void answer(message);
  });
  // The parent is gone: nobody asks any more.
  process.once("disconnect", () => {
    void Promise.resolve(methods["close"]?.(undefined)).finally(() => process.exit());
  });
  async function answer({ call, method, given }: { call: number; method: string; given: unknown }) {
    try {
      const act = methods[method];
      if (act === undefined) throw new BenchError("contestant-failed", `no method ${method}`);
      process.send?.({ call, result: await act(given) });
    } catch (error) {
      process.send?.({
        call,
        fault: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
  }
}
