// What this process saw with its own eyes of each upload: parts that were checked as they passed, hashes of store
// parts. Only what became durable is remembered. Losing it costs a re-read at the end, never a wrong verdict.
import type { MeasuredPart, StoredProgress } from "./intake/intake-job.ts";

const UPLOADS_MAXIMUM = 4_000;

export interface SeenUpload {
  /** Digests by store part number. */
  readonly storeHashes: Map<number, Pick<StoredProgress, "sha256" | "spans">>;
  readonly verified: Set<number>;
  readonly measured: Map<number, MeasuredPart>;
}

export class UploadMemory {
  readonly #uploads = new Map<string, SeenUpload>();

  /** What is known of an upload; empty for one that is new or forgotten. */
  of(upload: string): SeenUpload {
    const known = this.#uploads.get(upload);
    if (known !== undefined) return known;
    const seen: SeenUpload = { storeHashes: new Map(), verified: new Set(), measured: new Map() };
    this.#uploads.set(upload, seen);
    if (this.#uploads.size > UPLOADS_MAXIMUM) {
      const [oldest] = this.#uploads.keys();
      if (oldest !== undefined) this.#uploads.delete(oldest);
    }
    return seen;
  }

  remember(upload: string, progress: StoredProgress): void {
    const seen = this.of(upload);
    const { number, sha256, spans } = progress;
    seen.storeHashes.set(number, { sha256, spans });
    for (const index of progress.verified) seen.verified.add(index);
    for (const part of progress.measured) seen.measured.set(part.index, part);
  }

  forget(upload: string): void {
    this.#uploads.delete(upload);
  }
}
