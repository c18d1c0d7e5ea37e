/** Orders waiting for their moment: those told beforehand at exact media times, those told while running at once. */

import type { ControlMessage, EncodeSettings } from "./encode-options.ts";

export class Controls {
  #waiting: { message: ControlMessage; atMs: number }[] = [];
  #wake: (() => void) | null = null;

  constructor(settings: EncodeSettings) {
    for (const message of settings.schedule) this.add(message);
    const { audioFromMs } = settings;
    if (audioFromMs !== null && audioFromMs > 0) this.add({ mute: false, atMs: audioFromMs });
  }

  add(message: ControlMessage): void {
    this.#waiting.push({ message, atMs: message.atMs ?? 0 });
    this.#waiting.sort((one, other) => one.atMs - other.atMs); // stable: equal times keep their order
    this.#wake?.();
  }

  /** Removes and returns the next order due at this media time. */
  due(mediaMs: number): ControlMessage | null {
    const first = this.#waiting[0];
    if (first === undefined || first.atMs > mediaMs) return null;
    this.#waiting.shift();
    return first.message;
  }

  /** Media time of the next order that is known to end a pause; null where nobody has said yet. */
  nextEndOfPauseMs(): number | null {
    return (
      this.#waiting.find(({ message }) => "stop" in message || ("pause" in message && !message.pause))
        ?.atMs ?? null
    );
  }

  /** Resolves after `delayMs`, or as soon as an order arrives. */
  async wait(delayMs: number | null): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = delayMs === null ? null : setTimeout(resolve, delayMs);
      this.#wake = () => {
        if (timer !== null) clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }
}
