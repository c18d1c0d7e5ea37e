// What has become complete and is not in the second store yet. In memory: what a crash forgets, the walk at the next start
// finds. Bounded: past that, a walk finds the rest.

interface Waiting {
  readonly sizeBytes: number;
  readonly sinceMs: number;
}

export class CopyQueue {
  readonly #waiting = new Map<string, Waiting>();
  readonly #most: number;
  readonly #nowMs: () => number;
  #sizeBytes = 0;
  #wake = Promise.withResolvers<unknown>();
  /** Whether some are not listed: only a walk finds them. */
  isIncomplete = true;

  constructor(given: { readonly most?: number; readonly nowMs?: () => number } = {}) {
    this.#most = given.most ?? 100_000;
    this.#nowMs = given.nowMs ?? (() => performance.now());
  }

  get size(): number {
    return this.#waiting.size;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** How long the oldest has waited; 0 where none waits. */
  get oldestMs(): number {
    for (const { sinceMs } of this.#waiting.values()) return this.#nowMs() - sinceMs;
    return 0;
  }

  add(key: string, sizeBytes: number): void {
    if (this.#waiting.has(key)) return;
    if (this.#waiting.size >= this.#most) {
      this.isIncomplete = true;
      return;
    }
    this.#waiting.set(key, { sizeBytes, sinceMs: this.#nowMs() });
    this.#sizeBytes += sizeBytes;
    this.wake();
  }

  /** The one that has waited longest; it waits on until `remove`. */
  first(): string | undefined {
    return this.#waiting.keys().next().value;
  }

  remove(key: string): void {
    this.#sizeBytes -= this.#waiting.get(key)?.sizeBytes ?? 0;
    this.#waiting.delete(key);
  }

  /** Resolves at the next `add` or `wake`. */
  changed(): Promise<unknown> {
    return this.#wake.promise;
  }

  wake(): void {
    this.#wake.resolve(null);
    this.#wake = Promise.withResolvers<unknown>();
  }
}
