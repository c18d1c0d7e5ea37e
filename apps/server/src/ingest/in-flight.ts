// How many bytes are between sockets and disk, over all connections: what keeps memory bounded.

export class InFlight {
  readonly #limitBytes: number;
  readonly #waiting = new Set<() => void>();
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isFull(): boolean {
    return this.#bytes >= this.#limitBytes;
  }

  take(sizeBytes: number): void {
    this.#bytes += sizeBytes;
  }

  give(sizeBytes: number): void {
    this.#bytes -= sizeBytes;
    if (this.isFull) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resume of waiting) resume();
  }

  /** Calls back once when there is room again. Returns "no longer". */
  whenRoom(resume: () => void): () => void {
    this.#waiting.add(resume);
    return () => this.#waiting.delete(resume);
  }
}
