// Runs publishing for every force: soon after an entry is staged, one run at a time for each force, and tells those
// who wait for a checkpoint. A fault is told to them and tried again; nothing is dropped.
import type { ForceId } from "@sworn/contract";
import type { Log as LogLines } from "../platform/log.ts";
import type { PublishedHead } from "./publish-entries.ts";

/** Entries staged within this time share a checkpoint. */
const GATHER_MS = 20;
/** A staged entry whose transaction committed late is found at the latest by this. */
const SWEEP_MS = 1_000;
const RETRY_MS = 1_000;

export interface Published {
  readonly head: PublishedHead;
  readonly more: boolean;
}

interface Waiter {
  readonly covers: (head: PublishedHead) => Promise<boolean>;
  readonly resolve: (head: PublishedHead) => void;
  readonly reject: (error: unknown) => void;
}

interface Lane {
  timer: NodeJS.Timeout | null;
  running: Promise<void> | null;
  again: boolean;
  waiters: Waiter[];
}

export class Sequencer {
  readonly #publish: (forceId: ForceId) => Promise<Published>;
  readonly #forces: () => Promise<readonly ForceId[]>;
  readonly #log: LogLines;
  readonly #lanes = new Map<ForceId, Lane>();
  readonly #sweep: NodeJS.Timeout;
  #stopped = false;

  constructor(given: {
    readonly publish: (forceId: ForceId) => Promise<Published>;
    readonly forces: () => Promise<readonly ForceId[]>;
    readonly log: LogLines;
  }) {
    this.#publish = given.publish;
    this.#forces = given.forces;
    this.#log = given.log;
    this.#sweep = setInterval(() => {
      void this.#sweepForces();
    }, SWEEP_MS);
    this.#sweep.unref();
  }

  /** Says that entries of the force may be staged. */
  notify(forceId: ForceId, afterMs = GATHER_MS): void {
    const lane = this.#lane(forceId);
    if (this.#stopped || lane.timer) return;
    if (lane.running) {
      lane.again = true;
      return;
    }
    lane.timer = setTimeout(() => {
      lane.timer = null;
      lane.running = this.#run(forceId, lane).finally(() => {
        lane.running = null;
        if (lane.again) {
          lane.again = false;
          this.notify(forceId);
        }
      });
    }, afterMs);
  }

  /** Waits for a head that `covers` says is enough. Rejects when publishing fails: the act is then not to be acknowledged. */
  wait(forceId: ForceId, covers: Waiter["covers"]): Promise<PublishedHead> {
    return new Promise((resolve, reject) => {
      this.#lane(forceId).waiters.push({ covers, resolve, reject });
      this.notify(forceId);
    });
  }

  /** Finishes the run in hand and stops. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#sweep);
    for (const lane of this.#lanes.values()) {
      if (lane.timer) clearTimeout(lane.timer);
      lane.timer = null;
      await lane.running;
      for (const waiter of lane.waiters.splice(0)) waiter.reject(new Error("the ledger has stopped"));
    }
  }

  #lane(forceId: ForceId): Lane {
    let lane = this.#lanes.get(forceId);
    if (!lane) {
      lane = { timer: null, running: null, again: false, waiters: [] };
      this.#lanes.set(forceId, lane);
    }
    return lane;
  }

  async #run(forceId: ForceId, lane: Lane): Promise<void> {
    const waiting = lane.waiters.splice(0);
    try {
      const { head, more } = await this.#publish(forceId);
      for (const waiter of waiting) {
        if (await waiter.covers(head)) waiter.resolve(head);
        else lane.waiters.push(waiter);
      }
      if (more || lane.waiters.length > 0) lane.again = true;
    } catch (error) {
      this.#log.error("the ledger could not publish", { error });
      for (const waiter of waiting) waiter.reject(error);
      if (!this.#stopped)
        setTimeout(() => {
          this.notify(forceId, 0);
        }, RETRY_MS).unref();
    }
  }

  async #sweepForces(): Promise<void> {
    if (this.#stopped) return;
    try {
      for (const forceId of await this.#forces()) this.notify(forceId, 0);
    } catch (error) {
      this.#log.error("the ledger could not look for staged entries", { error });
    }
  }
}
