// Files and folders in memory, with what of each a power cut would leave: file bytes since their last sync and folder
// entries since their folder's last sync are not durable. The strictest reading of POSIX.

export interface FileNode {
  readonly kind: "file";
  readonly ino: number;
  bytes: Buffer;
  sizeBytes: number;
  durable: Buffer;
  mode: number;
}
export interface FolderNode {
  readonly kind: "folder";
  readonly ino: number;
  entries: Map<string, TreeNode>;
  durable: Map<string, TreeNode>;
  mode: number;
}
export type TreeNode = FileNode | FolderNode;

/** What is left of what was not synced: nothing; or the names, with a torn end of the files' bytes. */
export type CutKind = "nothing" | "names";

let lastIno = 1;
const newIno = (): number => {
  lastIno += 1;
  return lastIno;
};

export function newFolder(mode = 0o700): FolderNode {
  return { kind: "folder", ino: newIno(), entries: new Map(), durable: new Map(), mode };
}

export function newFile(mode: number): FileNode {
  const empty = Buffer.alloc(0);
  return { kind: "file", ino: newIno(), bytes: empty, sizeBytes: 0, durable: empty, mode };
}

export function contentOf(file: FileNode): Buffer {
  return file.bytes.subarray(0, file.sizeBytes);
}

export function writeAt(file: FileNode, chunk: Uint8Array, positionBytes: number): void {
  const end = positionBytes + chunk.byteLength;
  if (end > file.bytes.byteLength) {
    const grown = Buffer.alloc(Math.max(end, file.bytes.byteLength * 2, 256));
    contentOf(file).copy(grown);
    file.bytes = grown;
  }
  file.bytes.set(chunk, positionBytes);
  file.sizeBytes = Math.max(file.sizeBytes, end);
}

export function truncate(file: FileNode, sizeBytes: number): void {
  if (sizeBytes > file.sizeBytes) writeAt(file, Buffer.alloc(sizeBytes - file.sizeBytes), file.sizeBytes);
  file.bytes.fill(0, sizeBytes, file.sizeBytes);
  file.sizeBytes = sizeBytes;
}

export function syncFile(file: FileNode): void {
  file.durable = Buffer.from(contentOf(file));
}

export function syncFolder(folder: FolderNode): void {
  folder.durable = new Map(folder.entries);
}

/** The tree as a power cut leaves it. `tear` says how many of so many unsynced bytes are kept. */
export function afterCut(root: FolderNode, kind: CutKind, tear: (bytes: number) => number): FolderNode {
  const done = new Map<TreeNode, TreeNode>();
  const cut = (node: TreeNode): TreeNode => {
    const known = done.get(node);
    if (known) return known;
    if (node.kind === "file") {
      const left = kind === "nothing" ? node.durable : tornFile(node, tear);
      const file: FileNode = { ...node, bytes: left, sizeBytes: left.byteLength, durable: left };
      done.set(node, file);
      return file;
    }
    const folder: FolderNode = { ...node, entries: new Map(), durable: new Map() };
    done.set(node, folder);
    for (const [name, child] of kind === "nothing" ? node.durable : node.entries) {
      folder.entries.set(name, cut(child));
    }
    folder.durable = new Map(folder.entries);
    return folder;
  };
  const left = cut(root);
  return left.kind === "folder" ? left : newFolder();
}

/** Delayed allocation: the name is there, of the bytes behind the last sync only the first. */
function tornFile(file: FileNode, tear: (bytes: number) => number): Buffer {
  const now = contentOf(file);
  if (now.equals(file.durable)) return file.durable;
  const kept = Math.min(file.durable.byteLength, now.byteLength);
  return Buffer.from(now.subarray(0, kept + tear(now.byteLength - kept)));
}

export function usedBytes(node: TreeNode): number {
  if (node.kind === "file") return node.sizeBytes;
  let total = 0;
  for (const child of node.entries.values()) total += usedBytes(child);
  return total;
}
