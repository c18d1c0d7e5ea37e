// Finishes uploads one after the other, a few at a time, each once. What fails waits for the next sweep.
import type { ForceId } from "@sworn/contract";
import { finishUpload } from "./finish-upload.ts";
import type { IngestPorts } from "./ports.ts";

const AT_ONCE = 4;

export class FinishQueue {
  readonly #ports: IngestPorts;
  readonly #running = new Map<string, Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  #active = 0;

  constructor(ports: IngestPorts) {
    this.#ports = ports;
  }

  /** Resolves when the upload was finished, or could not be for now. Never rejects. */
  finish(forceId: ForceId, upload: string): Promise<void> {
    const known = this.#running.get(upload);
    if (known !== undefined) return known;
    const run = this.#run(forceId, upload).finally(() => {
      this.#running.delete(upload);
    });
    this.#running.set(upload, run);
    return run;
  }

  /** Waits for what is under way. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  async #run(forceId: ForceId, upload: string): Promise<void> {
    if (this.#active >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#active += 1;
    try {
      await finishUpload(this.#ports, forceId, upload);
    } catch (error) {
      this.#ports.evidence.log.error("an upload could not be finished; it is tried again", { upload, error });
    } finally {
      this.#active -= 1;
      this.#waiting.shift()?.();
    }
  }
}
