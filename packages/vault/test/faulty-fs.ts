// A file system whose n-th call fails, in either way: it did not happen, or it happened and was reported failed.
import type { StoreFile, StoreFs } from "../src/index.ts";

export type FaultMode = "did-not-happen" | "happened-but-failed";

export interface Fault {
  /** Which call fails, counted from 0; every later one works again unless `andAllAfter`. */
  readonly at: number;
  readonly mode: FaultMode;
  readonly code: "EIO" | "ENOSPC";
  /** Only calls of these names count. All of them if left out. */
  readonly calls?: readonly string[];
}

export class FaultyFs implements StoreFs {
  readonly #under: StoreFs;
  #fault: Fault | undefined;
  /** Calls counted so far. */
  calls = 0;
  /** The name of the call that failed. */
  failed: string | undefined;

  constructor(under: StoreFs, fault?: Fault) {
    this.#under = under;
    this.#fault = fault;
  }

  /** Starts to count anew and fails as `fault` says. */
  arm(fault: Fault | undefined): void {
    this.#fault = fault;
    this.calls = 0;
    this.failed = undefined;
  }

  create(path: string, mode: number): Promise<StoreFile> {
    return this.#do("create", async () => this.#wrap(await this.#under.create(path, mode)));
  }
  openRead(path: string): Promise<StoreFile> {
    return this.#do("openRead", async () => this.#wrap(await this.#under.openRead(path)));
  }
  sizeOf(path: string): Promise<number> {
    return this.#do("sizeOf", () => this.#under.sizeOf(path));
  }
  rename(from: string, to: string): Promise<void> {
    return this.#do("rename", () => this.#under.rename(from, to));
  }
  unlink(path: string): Promise<void> {
    return this.#do("unlink", () => this.#under.unlink(path));
  }
  makeFolder(path: string): Promise<void> {
    return this.#do("makeFolder", () => this.#under.makeFolder(path));
  }
  removeFolder(path: string): Promise<void> {
    return this.#do("removeFolder", () => this.#under.removeFolder(path));
  }
  names(path: string): Promise<string[]> {
    return this.#do("names", () => this.#under.names(path));
  }
  syncFolder(path: string): Promise<void> {
    return this.#do("syncFolder", () => this.#under.syncFolder(path));
  }

  #wrap(file: StoreFile): StoreFile {
    return {
      append: (buffers) => this.#do("append", () => file.append(buffers)),
      read: (target, positionBytes) => this.#do("read", () => file.read(target, positionBytes)),
      datasync: () => this.#do("datasync", () => file.datasync()),
      close: () => this.#do("close", () => file.close()),
    };
  }

  async #do<T>(call: string, act: () => Promise<T>): Promise<T> {
    const fault = this.#fault;
    if (fault === undefined || fault.calls?.includes(call) === false) return await act();
    const index = this.calls;
    this.calls += 1;
    if (index !== fault.at) return await act();
    this.failed = call;
    if (fault.mode === "happened-but-failed" || call === "close") await act().catch(() => undefined);
    throw Object.assign(new Error(`${fault.code}: injected into ${call}`), { code: fault.code });
  }
}
