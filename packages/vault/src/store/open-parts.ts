// Part files that stay open between reads, so that a range read costs one call and not three. Guarantees that at most
// `mostOpen` files are open beside those being read this moment, that what nobody reads is closed after a while, and
// that nothing of an object is open once `forget` returned.

import { dirname } from "node:path";
import type { StoreFile, StoreFs } from "./store-fs.ts";

export interface OpenPartsOptions {
  /** Default 128. */
  readonly mostOpen?: number;
  /** Default 30,000. */
  readonly idleMs?: number;
}

interface Entry {
  readonly opening: Promise<StoreFile>;
  users: number;
  usedAtMs: number;
  /** Out of the map: closed by whoever reads it last. */
  dropped: boolean;
  readonly closed: PromiseWithResolvers<void>;
}

export class OpenParts {
  readonly #fs: Pick<StoreFs, "openRead">;
  readonly #mostOpen: number;
  readonly #idleMs: number;
  // Least recently read first.
  readonly #entries = new Map<string, Entry>();
  readonly #leaving = new Map<Entry, string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(fs: Pick<StoreFs, "openRead">, options: OpenPartsOptions = {}) {
    this.#fs = fs;
    this.#mostOpen = options.mostOpen ?? 128;
    this.#idleMs = options.idleMs ?? 30_000;
  }

  /** Files that are open or being opened. */
  get size(): number {
    return this.#entries.size + this.#leaving.size;
  }

  /** Fills `target` from a place in the file at `path`; fewer bytes only at its end. Rejects as `openRead` does. */
  async read(path: string, target: Uint8Array, positionBytes: number): Promise<number> {
    const entry = this.#take(path);
    try {
      const file = await entry.opening;
      return await file.read(target, positionBytes);
    } catch (error) {
      // What failed once is asked for anew.
      if (this.#entries.get(path) === entry) this.#drop(path, entry);
      throw error;
    } finally {
      entry.users -= 1;
      entry.usedAtMs = performance.now();
      if (entry.dropped && entry.users === 0) void this.#close(entry);
    }
  }

  /** Closes every file in a folder, reads in hand first. Call it once no path leads there any more. */
  async forget(folder: string): Promise<void> {
    const isInside = (path: string): boolean => dirname(path) === folder;
    for (const [path, entry] of this.#entries) if (isInside(path)) this.#drop(path, entry);
    const left = [...this.#leaving].filter(([, path]) => isInside(path));
    await Promise.all(left.map(([entry]) => entry.closed.promise));
  }

  #take(path: string): Entry {
    let entry = this.#entries.get(path);
    if (entry === undefined) {
      const opening = this.#fs.openRead(path);
      entry = { opening, users: 0, usedAtMs: 0, dropped: false, closed: Promise.withResolvers() };
    } else {
      this.#entries.delete(path);
    }
    this.#entries.set(path, entry);
    entry.users += 1;
    if (this.#entries.size > this.#mostOpen) this.#dropOldest();
    this.#timer ??= setInterval(() => {
      this.#dropIdle();
    }, this.#idleMs / 2).unref();
    return entry;
  }

  #dropOldest(): void {
    for (const [path, entry] of this.#entries) {
      this.#drop(path, entry);
      return;
    }
  }

  #dropIdle(): void {
    const nowMs = performance.now();
    for (const [path, entry] of this.#entries)
      if (entry.users === 0 && nowMs - entry.usedAtMs >= this.#idleMs) this.#drop(path, entry);
    if (this.#entries.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #drop(path: string, entry: Entry): void {
    this.#entries.delete(path);
    this.#leaving.set(entry, path);
    entry.dropped = true;
    if (entry.users === 0) void this.#close(entry);
  }

  async #close(entry: Entry): Promise<void> {
    try {
      await (await entry.opening).close();
    } catch {
      // It never opened, or was only read: nothing is lost.
    } finally {
      this.#leaving.delete(entry);
      entry.closed.resolve();
    }
  }
}
