// What receives bytes on behalf of the main thread. The pool of threads is the real one; the inline one does the same in
// the main thread, for tests that make the store fail.
import type { ObjectStore } from "@sworn/vault";
import { FileIntake } from "./file-intake.ts";
import type { EndOf, IntakeJob, StoredProgress } from "./intake-job.ts";
import { MediaIntake, type Intake } from "./media-intake.ts";
import { faultOf } from "./part-sink.ts";
import { runStoredTask, type StoredTask, type StoredTaskResult } from "./stored-task.ts";

export interface IntakeListener {
  /** So many bytes were worked through: their memory is free. */
  readonly taken: (sizeBytes: number) => void;
  /** In order, each durable. */
  readonly stored: (progress: StoredProgress) => void;
  /** Nothing more will be taken. Told at most once, and `end` rejects with the same. */
  readonly failed: (fault: Error) => void;
}

/** As a thread hears it: with the slot whose bytes those were. */
interface ThreadListener extends Omit<IntakeListener, "taken"> {
  readonly taken: (sizeBytes: number, slot: number | null) => void;
}

export interface IntakeSession {
  /** Hands a chunk over: its memory belongs to the session from now on, and is given back where it can be. */
  write(chunk: Uint8Array): void;
  /** What was written and is held back for more to come goes on its way. */
  flush(): void;
  /** Resolves when all that was sent is durable or dropped, and was told. @throws IntakeFault */
  end(how: EndOf): Promise<void>;
}

export interface IntakePool {
  open(job: IntakeJob, listener: IntakeListener): IntakeSession;
  /** @throws IntakeFault */
  run(task: StoredTask): Promise<StoredTaskResult>;
  close(): Promise<void>;
}

function startIntake(job: IntakeJob, store: ObjectStore, stored: (progress: StoredProgress) => void): Intake {
  return job.kind === "media" ? new MediaIntake(job, store, stored) : new FileIntake(job, store, stored);
}

/** One intake whose calls take turns; after a fault it takes and drops. */
export class OrderedIntake {
  readonly #intake: Intake;
  readonly #listener: ThreadListener;
  #turn: Promise<void> = Promise.resolve();
  #fault: Error | undefined;

  constructor(job: IntakeJob, store: ObjectStore, listener: ThreadListener) {
    this.#listener = listener;
    this.#intake = startIntake(job, store, listener.stored);
  }

  send(chunks: readonly Uint8Array[], slot: number | null = null): void {
    this.#turn = this.#turn.then(async () => {
      let sizeBytes = 0;
      for (const chunk of chunks) {
        if (this.#fault === undefined) await this.#guard(() => this.#intake.write(chunk));
        sizeBytes += chunk.byteLength;
      }
      this.#listener.taken(sizeBytes, slot);
    });
  }

  async end(how: EndOf): Promise<void> {
    await this.#turn;
    if (this.#fault === undefined) await this.#guard(() => this.#intake.end(how));
    const fault = this.#fault;
    if (fault !== undefined) throw fault;
  }

  async #guard(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#fault = faultOf(error);
      await this.#intake.abandon().catch(() => undefined);
      this.#listener.failed(this.#fault);
    }
  }
}

/** Everything in the calling thread. */
export function inlineIntakePool(store: ObjectStore): IntakePool {
  return {
    open: (job, listener) => {
      const intake = new OrderedIntake(job, store, listener);
      return {
        write: (chunk) => {
          intake.send([chunk]);
        },
        flush: () => undefined,
        end: (how) => intake.end(how),
      };
    },
    run: async (task) => {
      try {
        return await runStoredTask(store, task);
      } catch (error) {
        throw faultOf(error);
      }
    },
    close: () => Promise.resolve(),
  };
}
