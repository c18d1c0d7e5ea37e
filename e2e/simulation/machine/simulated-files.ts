// The functions of `node:fs/promises` that the product uses, over the disks of simulated machines; paths elsewhere go to
// the real file system. What is not here is not used: it throws rather than answer something that is not so.
import type { FileHandle } from "node:fs/promises";
import {
  type FileNode,
  type FolderNode,
  type TreeNode,
  contentOf,
  newFile,
  newFolder,
  syncFile,
  syncFolder,
  truncate,
  usedBytes,
  writeAt,
} from "./file-tree.ts";
import { type DiskAct, type Place, systemError } from "./machine.ts";

const never = new Promise<never>(() => undefined);

function find(place: Place, names: readonly string[], path: string): TreeNode {
  let node: TreeNode = place.machine.root;
  for (const name of names) {
    const child: TreeNode | undefined = node.kind === "folder" ? node.entries.get(name) : undefined;
    if (child === undefined) throw systemError("ENOENT", "open", path);
    node = child;
  }
  return node;
}

function parentOf(place: Place, path: string): { readonly folder: FolderNode; readonly name: string } {
  const name = place.names.at(-1);
  if (name === undefined) throw systemError("EBUSY", "open", path);
  const folder = find(place, place.names.slice(0, -1), path);
  if (folder.kind !== "folder") throw systemError("ENOTDIR", "open", path);
  return { folder, name };
}

function lookUp(place: Place, path: string): TreeNode | undefined {
  const { folder, name } = parentOf(place, path);
  return folder.entries.get(name);
}

const fileOf = (node: TreeNode, path: string): FileNode => {
  if (node.kind === "file") return node;
  throw systemError("EISDIR", "read", path);
};

class SimulatedHandle {
  readonly #place: Place;
  readonly #path: string;
  readonly #node: TreeNode;
  #position = 0;

  constructor(place: Place, path: string, node: TreeNode) {
    this.#place = place;
    this.#path = path;
    this.#node = node;
  }

  #act<T>(act: DiskAct, perform: () => T): Promise<T> {
    return this.#place.machine.act(act, this.#path, this.#place.isAlive, perform);
  }

  #append(chunk: Uint8Array, position: number | null | undefined): number {
    const at = position ?? this.#position;
    writeAt(fileOf(this.#node, this.#path), chunk, at);
    if (position === null || position === undefined) this.#position += chunk.byteLength;
    return chunk.byteLength;
  }

  async write(chunk: Uint8Array, offset = 0, length = chunk.byteLength - offset, position?: number | null) {
    const bytesWritten = await this.#act("write", () =>
      this.#append(chunk.subarray(offset, offset + length), position),
    );
    return { bytesWritten, buffer: chunk };
  }

  async writev(buffers: readonly Uint8Array[], position?: number | null) {
    const whole = Buffer.concat(buffers);
    return { bytesWritten: await this.#act("write", () => this.#append(whole, position)), buffers };
  }

  async writeFile(content: Uint8Array | string): Promise<void> {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    await this.#act("write", () => this.#append(bytes, null));
  }

  async read(target: Uint8Array, offset = 0, length = target.byteLength - offset, position?: number | null) {
    const bytesRead = await this.#act("read", () => {
      const at = position ?? this.#position;
      const count = contentOf(fileOf(this.#node, this.#path)).copy(target, offset, at, at + length);
      if (position === null || position === undefined) this.#position += count;
      return count;
    });
    return { bytesRead, buffer: target };
  }

  readFile(): Promise<Buffer> {
    return this.#act("read", () => Buffer.from(contentOf(fileOf(this.#node, this.#path))));
  }

  truncate(sizeBytes = 0): Promise<void> {
    return this.#act("truncate", () => {
      truncate(fileOf(this.#node, this.#path), sizeBytes);
    });
  }

  sync(): Promise<void> {
    const node = this.#node;
    const act = node.kind === "file" ? "sync-file" : "sync-folder";
    return this.#act(act, () => {
      if (this.#place.machine.omits?.(act, this.#path) === true) return;
      if (node.kind === "file") syncFile(node);
      else syncFolder(node);
    });
  }

  datasync(): Promise<void> {
    return this.sync();
  }

  stat(options?: { readonly bigint?: boolean }) {
    return Promise.resolve(statOf(this.#place, this.#node, options));
  }

  close(): Promise<void> {
    return this.#place.isAlive() ? Promise.resolve() : never;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function statOf(place: Place, node: TreeNode, options?: { readonly bigint?: boolean }) {
  const size = node.kind === "file" ? node.sizeBytes : 4096;
  // Locks are named after device and inode, and die with the boot that took them: the device is the boot.
  const dev = place.machine.bootNumber;
  const big = options?.bigint === true;
  const number = (value: number): number | bigint => (big ? BigInt(value) : value);
  return {
    ...{ size: number(size), dev: number(dev), ino: number(node.ino), mode: number(node.mode) },
    ...{ isFile: () => node.kind === "file", isDirectory: () => node.kind === "folder" },
    isSymbolicLink: () => false,
  };
}

function openNode(place: Place, path: string, flags: string | number, mode: number): TreeNode {
  const numeric = typeof flags === "number";
  const creates = numeric ? (flags & 0o100) !== 0 : /[wa]/.test(flags);
  const excludes = numeric ? (flags & 0o200) !== 0 : flags.includes("x");
  const empties = numeric ? (flags & 0o1000) !== 0 : flags.includes("w");
  if (place.names.length === 0) return place.machine.root;
  const known = lookUp(place, path);
  if (known !== undefined) {
    if (excludes) throw systemError("EEXIST", "open", path);
    if (empties) truncate(fileOf(known, path), 0);
    return known;
  }
  if (!creates) throw systemError("ENOENT", "open", path);
  const made = newFile(mode);
  const { folder, name } = parentOf(place, path);
  folder.entries.set(name, made);
  return made;
}

function makeFolders(place: Place, path: string, recursive: boolean, mode: number): string | undefined {
  const base = path.slice(0, path.length - place.names.join("/").length).replace(/\/$/, "");
  let node: FolderNode = place.machine.root;
  let first: string | undefined;
  for (const [at, name] of place.names.entries()) {
    const child = node.entries.get(name);
    const isLast = at === place.names.length - 1;
    if (child === undefined) {
      if (!isLast && !recursive) throw systemError("ENOENT", "mkdir", path);
      const made = newFolder(mode);
      node.entries.set(name, made);
      first ??= `${base}/${place.names.slice(0, at + 1).join("/")}`;
      node = made;
    } else if (child.kind === "file" || (isLast && !recursive)) throw systemError("EEXIST", "mkdir", path);
    else node = child;
  }
  return recursive ? first : undefined;
}

function removeNode(place: Place, path: string, options: { recursive?: boolean; force?: boolean }): void {
  try {
    const { folder, name } = parentOf(place, path);
    const node = folder.entries.get(name);
    if (node === undefined) throw systemError("ENOENT", "rm", path);
    if (node.kind === "folder" && options.recursive !== true) throw systemError("EISDIR", "rm", path);
    folder.entries.delete(name);
  } catch (error) {
    if (options.force === true && error instanceof Error && "code" in error && error.code === "ENOENT")
      return;
    throw error;
  }
}

function renameNode(from: Place, to: Place, path: string, target: string): void {
  const source = parentOf(from, path);
  const node = source.folder.entries.get(source.name);
  if (node === undefined) throw systemError("ENOENT", "rename", path);
  const goal = parentOf(to, target);
  const there = goal.folder.entries.get(goal.name);
  if (there?.kind === "folder" && (node.kind === "file" || there.entries.size > 0))
    throw systemError(node.kind === "file" ? "EISDIR" : "ENOTEMPTY", "rename", target);
  source.folder.entries.delete(source.name);
  goal.folder.entries.set(goal.name, node);
}

/** By the names of `node:fs/promises`. `where` is the place of the first path. */
export function simulatedCalls(where: Place, otherPlace: (path: string) => Place) {
  const act = <T>(kind: DiskAct, path: string, perform: () => T): Promise<T> =>
    where.machine.act(kind, path, where.isAlive, perform);
  return {
    async open(path: string, flags: string | number = "r", mode = 0o666): Promise<FileHandle> {
      const creates = typeof flags === "number" ? (flags & 0o100) !== 0 : /[wa]/.test(flags);
      const node = await act(creates ? "create" : "read", path, () => openNode(where, path, flags, mode));
      return new SimulatedHandle(where, path, node) as unknown as FileHandle;
    },
    async readFile(path: string, options?: string | { encoding?: string | null } | null) {
      const bytes = await act("read", path, () =>
        Buffer.from(contentOf(fileOf(find(where, where.names, path), path))),
      );
      const encoding = typeof options === "string" ? options : options?.encoding;
      return encoding === undefined || encoding === null ? bytes : bytes.toString(encoding as BufferEncoding);
    },
    async writeFile(path: string, content: Uint8Array | string): Promise<void> {
      const handle = await this.open(path, "w");
      await handle.writeFile(content);
      await handle.close();
    },
    mkdir(path: string, options?: { recursive?: boolean; mode?: number } | number) {
      const given = typeof options === "object" ? options : {};
      return act("make-folder", path, () =>
        makeFolders(where, path, given.recursive === true, given.mode ?? 0o777),
      );
    },
    readdir(path: string, options?: { withFileTypes?: boolean; recursive?: boolean } | null) {
      return act("read", path, () => {
        if (options?.recursive === true) throw systemError("ENOSYS", "readdir", path);
        const node = find(where, where.names, path);
        if (node.kind === "file") throw systemError("ENOTDIR", "readdir", path);
        if (options?.withFileTypes !== true) return [...node.entries.keys()];
        return [...node.entries].map(([name, child]) => ({
          ...{ name, parentPath: path, isFile: () => child.kind === "file" },
          ...{ isDirectory: () => child.kind === "folder", isSymbolicLink: () => false },
        }));
      });
    },
    rename: (path: string, target: string) =>
      act("rename", target, () => {
        renameNode(where, otherPlace(target), path, target);
      }),
    link: (path: string, target: string) =>
      act("link", target, () => {
        const goal = parentOf(otherPlace(target), target);
        if (goal.folder.entries.has(goal.name)) throw systemError("EEXIST", "link", target);
        goal.folder.entries.set(goal.name, find(where, where.names, path));
      }),
    rm: (path: string, options: { recursive?: boolean; force?: boolean } = {}) =>
      act("remove", path, () => {
        removeNode(where, path, options);
      }),
    unlink: (path: string) =>
      act("remove", path, () => {
        removeNode(where, path, {});
      }),
    rmdir: (path: string) =>
      act("remove", path, () => {
        const node = find(where, where.names, path);
        if (node.kind === "folder" && node.entries.size > 0) throw systemError("ENOTEMPTY", "rmdir", path);
        removeNode(where, path, { recursive: true });
      }),
    stat: (path: string, options?: { bigint?: boolean }) =>
      act("read", path, () => statOf(where, find(where, where.names, path), options)),
    lstat: (path: string, options?: { bigint?: boolean }) =>
      act("read", path, () => statOf(where, find(where, where.names, path), options)),
    access: (path: string) =>
      act("read", path, () => {
        find(where, where.names, path);
      }),
    chmod: (path: string, mode: number) =>
      act("write", path, () => {
        find(where, where.names, path).mode = mode;
      }),
    statfs: (path: string) =>
      act("read", path, () => {
        const left = Math.max(0, where.machine.capacityBytes - usedBytes(where.machine.root));
        return { bavail: Math.floor(left / 4096), bsize: 4096 };
      }),
  };
}
