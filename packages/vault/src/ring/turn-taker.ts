// One act at a time for each key id, in the order they came. Guarantees that a repair or a rewrap never brings
// back a key that a delete is removing. Within one process only.

export class TurnTaker {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs `act` after every earlier act on `id`, whatever became of those. */
  async take<T>(id: string, act: () => Promise<T>): Promise<T> {
    const before = this.#last.get(id) ?? Promise.resolve();
    const turn = before.then(act, act);
    this.#last.set(id, turn);
    try {
      return await turn;
    } finally {
      if (this.#last.get(id) === turn) this.#last.delete(id);
    }
  }

  /** Waits for every act that has begun or waits now. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#last.values()]);
  }
}
