// Time that passes only when nothing else can happen. Timers stand in one queue; the earliest fires once the event loop
// is idle, in the order of their time, so that a schedule takes as long as its work and a wait costs nothing.
import type { Random } from "../random.ts";

interface Timer {
  readonly id: number;
  dueMs: number;
  readonly everyMs: number | null;
  readonly call: () => void;
}

const { setTimeout: realSetTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
const real = { setTimeout: realSetTimeout, setInterval, clearTimeout, clearInterval };
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    real.setTimeout(resolve, ms);
  });

/** Turns of the event loop without an act before it counts as idle. */
const IDLE_TURNS = 5;
/** Something outside this process (a file lock, a module) may still answer: long timers wait for so long in real time. */
const LONG_TIMER_MS = 100;
const LONG_PAUSE_MS = 3;
const LONGEST_WAIT_MS = 20;

export class StuckError extends Error {
  readonly code = "stuck";
}

export class SimulatedTime {
  readonly #timers = new Map<number, Timer>();
  #lastId = 0;
  #nowMs = 0;
  #activity = 0;
  #pending = 0;
  #wake: () => void = () => undefined;

  /** Milliseconds since the start; moved by timers. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Something happened: not idle yet. */
  touch(): void {
    this.#activity += 1;
  }

  /** Something outside is awaited: not idle until the returned function is called. */
  hold(): () => void {
    this.#pending += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#pending -= 1;
      this.#activity += 1;
      if (this.#pending === 0) this.#wake();
    };
  }

  async whilePending<T>(work: Promise<T>): Promise<T> {
    const release = this.hold();
    try {
      return await work;
    } finally {
      release();
    }
  }

  add(call: () => void, delayMs: number, everyMs: number | null): TimerHandle {
    this.#lastId += 1;
    const id = this.#lastId;
    const dueMs = this.#nowMs + Math.max(1, Number.isFinite(delayMs) ? delayMs : 1);
    this.#timers.set(id, { id, dueMs, everyMs, call });
    this.#activity += 1;
    return new TimerHandle(this, id, delayMs);
  }

  again(id: number, delayMs: number): void {
    const timer = this.#timers.get(id);
    if (timer) timer.dueMs = this.#nowMs + delayMs;
  }

  clear(id: number): void {
    this.#timers.delete(id);
  }

  has(id: number): boolean {
    return this.#timers.has(id);
  }

  /** Waits for `work`, firing timers whenever all is idle. @throws StuckError when it takes `limitMs` of this time */
  async run<T>(work: Promise<T>, limitMs = 900_000): Promise<T> {
    const state = { isDone: false };
    const done = (): void => {
      state.isDone = true;
    };
    work.then(done, done);
    const endMs = this.#nowMs + limitMs;
    for (;;) {
      await this.#idle(() => state.isDone);
      if (state.isDone) return work;
      const next = this.#earliest();
      if (next === null) throw new StuckError("nothing is under way that could finish this");
      if (next.dueMs - this.#nowMs >= LONG_TIMER_MS) {
        const before = this.#activity;
        await pause(LONG_PAUSE_MS);
        if (this.#activity !== before || this.#pending > 0) continue;
      }
      if (next.dueMs > endMs) throw new StuckError(`not finished after ${String(limitMs / 1000)} s`);
      this.#fire(next);
    }
  }

  /** Lets everything under way come to rest, without firing a timer. */
  async rest(): Promise<void> {
    await this.#idle(() => false);
  }

  /** Forgets all timers: their owners are dead. */
  forget(): void {
    this.#timers.clear();
  }

  async #idle(isDone: () => boolean): Promise<void> {
    let seen = -1;
    for (let quiet = 0; quiet < IDLE_TURNS && !isDone(); quiet += 1) {
      if (this.#pending > 0 || this.#activity !== seen) {
        quiet = -1;
        seen = this.#activity;
      }
      // Waiting for the database must not take the processor from it.
      if (this.#pending > 0) await this.#released();
      await turn();
    }
  }

  #released(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      realSetTimeout(resolve, LONGEST_WAIT_MS);
    });
  }

  #earliest(): Timer | null {
    let earliest: Timer | null = null;
    for (const timer of this.#timers.values()) {
      if (earliest === null || timer.dueMs < earliest.dueMs) earliest = timer;
    }
    return earliest;
  }

  #fire(timer: Timer): void {
    this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
    if (timer.everyMs === null) this.#timers.delete(timer.id);
    else timer.dueMs = this.#nowMs + timer.everyMs;
    this.#activity += 1;
    timer.call();
  }

  /** Takes the place of the process's timers, for everything that runs in it from now on. */
  install(): void {
    const start =
      (repeats: boolean) =>
      (call: (...given: unknown[]) => void, delayMs = 0, ...given: unknown[]) =>
        this.add(
          () => {
            call(...given);
          },
          delayMs,
          repeats ? Math.max(1, delayMs) : null,
        );
    const clear = (handle: unknown): void => {
      if (handle instanceof TimerHandle) handle.close();
      else if (typeof handle === "number") this.clear(handle);
    };
    Object.assign(globalThis, {
      ...{ setTimeout: start(false), setInterval: start(true) },
      ...{ clearTimeout: clear, clearInterval: clear },
    });
  }

  /** Gives the process its own timers back. */
  uninstall(): void {
    Object.assign(globalThis, real);
  }
}

/** What stands for a `NodeJS.Timeout`. */
export class TimerHandle {
  readonly #time: SimulatedTime;
  readonly #id: number;
  readonly #delayMs: number;

  constructor(time: SimulatedTime, id: number, delayMs: number) {
    this.#time = time;
    this.#id = id;
    this.#delayMs = delayMs;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  hasRef(): boolean {
    return true;
  }
  refresh(): this {
    this.#time.again(this.#id, this.#delayMs);
    return this;
  }
  close(): this {
    this.#time.clear(this.#id);
    return this;
  }
  [Symbol.toPrimitive](): number {
    return this.#id;
  }
  [Symbol.dispose](): void {
    this.close();
  }
}

/** A shift of a clock against the simulation's time, in milliseconds. */
export interface ClockFault {
  readonly byMs: number;
}

/** Draws a jump of a clock: seconds, hours or years, either way. */
export function drawJump(random: Random): ClockFault {
  const sizeMs = random.pick([1_500, 90_000, 7_200_000, 86_400_000 * 40, 86_400_000 * 365 * 20]);
  return { byMs: random.chance(0.5) ? sizeMs : -sizeMs };
}
