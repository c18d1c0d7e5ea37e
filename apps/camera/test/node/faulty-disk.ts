// A disk that fails on purpose: before the act, in the middle of it, or after it was done.
import { type AppendFile, type Disk, realDisk } from "../../node/store/disk.ts";

export type Fault =
  /** It did not happen. */
  | "before"
  /** Half of it happened. */
  | "torn"
  /** It happened, but was reported as failed. */
  | "after";

class DiskFault extends Error {
  readonly code: string;
  constructor(code: string) {
    super(`the disk says ${code}`);
    this.code = code;
  }
}

/** `fault` is asked before each act, by number from 0, and gives null where nothing fails. */
export class FaultyDisk implements Disk {
  acts = 0;
  readonly fault: (act: number, name: string) => { kind: Fault; code: string } | null;

  constructor(fault: (act: number, name: string) => { kind: Fault; code: string } | null) {
    this.fault = fault;
  }

  async #act<T>(
    name: string,
    act: () => Promise<T>,
    half: () => Promise<unknown> = () => Promise.resolve(),
  ): Promise<T> {
    const fault = this.fault(this.acts++, name);
    if (!fault) return act();
    // Of an open that was reported as failed nobody would close the file.
    if (fault.kind === "after") await (name === "open" ? half() : act());
    if (fault.kind === "torn") await half();
    throw new DiskFault(fault.code);
  }

  async openAppend(path: string): Promise<AppendFile> {
    const file = await this.#act(
      "open",
      () => realDisk.openAppend(path),
      async () => (await realDisk.openAppend(path)).close(),
    );
    return {
      get sizeBytes() {
        return file.sizeBytes;
      },
      append: (bytes) =>
        this.#act(
          "append",
          () => file.append(bytes),
          () => file.append(bytes.subarray(0, Math.floor(bytes.length / 2))),
        ),
      cutTo: (sizeBytes) => this.#act("cut", () => file.cutTo(sizeBytes)),
      sync: () => this.#act("sync", () => file.sync()),
      close: () => file.close(),
    };
  }

  writeWhole(path: string, bytes: Uint8Array): Promise<void> {
    return this.#act("write", () => realDisk.writeWhole(path, bytes));
  }
  makeFolder(path: string): Promise<void> {
    return this.#act("make", () => realDisk.makeFolder(path));
  }
  remove(path: string): Promise<void> {
    return this.#act("remove", () => realDisk.remove(path));
  }
  syncFolder(path: string): Promise<void> {
    return this.#act("sync-folder", () => realDisk.syncFolder(path));
  }
  readWhole(path: string): Promise<Uint8Array | null> {
    return realDisk.readWhole(path);
  }
  list(path: string): Promise<string[]> {
    return realDisk.list(path);
  }
  freeBytes(): Promise<number> {
    return Promise.resolve(10_000_000_000);
  }
}
