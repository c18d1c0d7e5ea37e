// Remembers the signatures of the last minutes, so that none is taken twice. After a restart of the server a signature
// of the minutes before could come again: every signed request is therefore also idempotent or bound to an offset.

/** Bounds memory: about 40 MB. More requests than that within the window are refused, not forgotten. */
const MOST_REMEMBERED = 250_000;

export class ReplayGuard {
  readonly #windowMs: number;
  readonly #most: number;
  /** In the order of arrival. */
  readonly #seen = new Map<string, number>();

  constructor(windowMs: number, most = MOST_REMEMBERED) {
    this.#windowMs = windowMs;
    this.#most = most;
  }

  /** Takes `signature` if it is new. `nowMs` is the server's clock; a clock moved back forgets nothing. */
  take(signature: string, nowMs: number): "new" | "replayed" | "full" {
    for (const [known, atMs] of this.#seen) {
      if (nowMs - atMs <= this.#windowMs) break;
      this.#seen.delete(known);
    }
    if (this.#seen.has(signature)) return "replayed";
    if (this.#seen.size >= this.#most) return "full";
    this.#seen.set(signature, nowMs);
    return "new";
  }
}
