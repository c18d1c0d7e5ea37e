// Moves the offset of one PATCH to what is durable, in order and never beyond. Parts of a fast upload come quicker than each
// needs a transaction of its own: what becomes durable within half a second of one goes into the next. A crash between costs
// that much sending again; nothing of it was acknowledged. `settle` returns when nothing is left.
import type { StoredProgress } from "./intake/intake-job.ts";

const COMMIT_EVERY_MS = 500;

interface OffsetKeeperGiven {
  /** Commits several in one transaction; rejects where none of them may count. */
  readonly commit: (progresses: readonly StoredProgress[]) => Promise<void>;
  /** Told once, of the first commit that failed. Nothing is committed after it. */
  readonly failed: (error: unknown) => void;
}

export class OffsetKeeper {
  readonly #given: OffsetKeeperGiven;
  #waiting: StoredProgress[] = [];
  #turn: Promise<void> = Promise.resolve();
  #committedAtMs = -Infinity;
  #timer: NodeJS.Timeout | null = null;
  #hasFailed = false;

  constructor(given: OffsetKeeperGiven) {
    this.#given = given;
  }

  /** A part is durable. Call it in the order of the parts. */
  take(progress: StoredProgress): void {
    this.#waiting.push(progress);
    this.#timer ??= setTimeout(
      () => {
        this.#commitSoon();
      },
      Math.max(0, this.#committedAtMs + COMMIT_EVERY_MS - performance.now()),
    );
  }

  /** Runs something else on the upload's row between two commits. */
  between(act: () => Promise<void>): void {
    this.#turn = this.#turn.then(act);
  }

  async settle(): Promise<void> {
    this.#commitSoon();
    await this.#turn;
  }

  #commitSoon(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#turn = this.#turn.then(() => this.#commit());
  }

  async #commit(): Promise<void> {
    const progresses = this.#waiting;
    this.#waiting = [];
    if (progresses.length === 0 || this.#hasFailed) return;
    this.#committedAtMs = performance.now();
    try {
      await this.#given.commit(progresses);
    } catch (error) {
      this.#hasFailed = true;
      this.#given.failed(error);
    }
  }
}
