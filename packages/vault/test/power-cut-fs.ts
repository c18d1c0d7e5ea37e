// A file system in memory that forgets, at a power cut, whatever was not synced: file bytes since their last
// datasync, and folder entries since their folder's last sync. The strictest reading of POSIX.
import { basename, dirname } from "node:path";
import type { StoreFile, StoreFs } from "../src/index.ts";

interface FileNode {
  readonly kind: "file";
  bytes: Buffer;
  durable: Buffer;
}
interface FolderNode {
  readonly kind: "folder";
  entries: Map<string, Node>;
  durable: Map<string, Node>;
}
type Node = FileNode | FolderNode;

function fault(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function newFolder(): FolderNode {
  return { kind: "folder", entries: new Map(), durable: new Map() };
}

function afterCut(node: Node): Node {
  if (node.kind === "file") return { kind: "file", bytes: node.durable, durable: node.durable };
  const entries = new Map([...node.durable].map(([name, child]) => [name, afterCut(child)]));
  return { kind: "folder", entries, durable: new Map(entries) };
}

export interface PowerCutOptions {
  /** Takes out the folder sync, to show that the test would notice. */
  readonly ignoreFolderSync?: boolean;
  readonly ignoreDatasync?: boolean;
}

export class PowerCutFs implements StoreFs {
  #root: FolderNode = newFolder();
  readonly #options: PowerCutOptions;

  constructor(options: PowerCutOptions = {}) {
    this.#options = options;
  }

  /** Cuts the power: only what was synced is there afterwards. */
  cutPower(): void {
    const root = afterCut(this.#root);
    if (root.kind === "folder") this.#root = root;
  }

  async create(path: string): Promise<StoreFile> {
    const folder = this.#folder(dirname(path));
    if (folder.entries.has(basename(path))) throw fault("EEXIST");
    const node: FileNode = { kind: "file", bytes: Buffer.alloc(0), durable: Buffer.alloc(0) };
    folder.entries.set(basename(path), node);
    return await Promise.resolve(this.#open(node));
  }

  async openRead(path: string): Promise<StoreFile> {
    const node = this.#find(path);
    if (node.kind !== "file") throw fault("EISDIR");
    return await Promise.resolve(this.#open(node));
  }

  async sizeOf(path: string): Promise<number> {
    const node = this.#find(path);
    return await Promise.resolve(node.kind === "file" ? node.bytes.byteLength : 4096);
  }

  async rename(from: string, to: string): Promise<void> {
    const node = this.#find(from);
    this.#folder(dirname(to)).entries.set(basename(to), node);
    this.#folder(dirname(from)).entries.delete(basename(from));
    await Promise.resolve();
  }

  async unlink(path: string): Promise<void> {
    this.#find(path);
    this.#folder(dirname(path)).entries.delete(basename(path));
    await Promise.resolve();
  }

  async makeFolder(path: string): Promise<void> {
    const parent = this.#folder(dirname(path));
    if (parent.entries.has(basename(path))) throw fault("EEXIST");
    parent.entries.set(basename(path), newFolder());
    await Promise.resolve();
  }

  async removeFolder(path: string): Promise<void> {
    if (this.#folder(path).entries.size > 0) throw fault("ENOTEMPTY");
    this.#folder(dirname(path)).entries.delete(basename(path));
    await Promise.resolve();
  }

  async names(path: string): Promise<string[]> {
    return await Promise.resolve([...this.#folder(path).entries.keys()]);
  }

  async syncFolder(path: string): Promise<void> {
    const folder = this.#folder(path);
    if (this.#options.ignoreFolderSync !== true) folder.durable = new Map(folder.entries);
    await Promise.resolve();
  }

  #open(node: FileNode): StoreFile {
    return {
      append: async (buffers) => {
        node.bytes = Buffer.concat([node.bytes, ...buffers]);
        await Promise.resolve();
      },
      read: (target, positionBytes) =>
        Promise.resolve(node.bytes.copy(target, 0, positionBytes, positionBytes + target.byteLength)),
      datasync: async () => {
        if (this.#options.ignoreDatasync !== true) node.durable = node.bytes;
        await Promise.resolve();
      },
      close: () => Promise.resolve(),
    };
  }

  #find(path: string): Node {
    let node: Node = this.#root;
    for (const name of path.split("/").filter((part) => part !== "")) {
      const child: Node | undefined = node.kind === "folder" ? node.entries.get(name) : undefined;
      if (child === undefined) throw fault("ENOENT");
      node = child;
    }
    return node;
  }

  #folder(path: string): FolderNode {
    const node = this.#find(path);
    if (node.kind !== "folder") throw fault("ENOTDIR");
    return node;
  }
}
