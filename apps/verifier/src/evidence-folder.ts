// Where untrusted input enters: files of an exported folder. Bounded, never through a link, never from a device.
import { constants } from "node:fs";
import { type FileHandle, lstat, open, opendir, stat } from "node:fs/promises";
import { join } from "node:path";
import { VerifierError } from "./errors.ts";

/** `refused`: there is something by that name which is no file of evidence. */
export type FileInput =
  | { readonly kind: "read"; readonly bytes: Uint8Array }
  | { readonly kind: "absent" }
  | { readonly kind: "refused"; readonly reason: string };

export type RecordingInput =
  | {
      readonly kind: "opened";
      readonly name: string;
      readonly handle: FileHandle;
      readonly sizeBytes: number;
    }
  | { readonly kind: "absent" }
  | { readonly kind: "refused"; readonly reason: string };

const LISTING_MAXIMUM = 1000;
// A link could lead anywhere, a pipe would never end: neither is followed nor waited for.
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function unreadable(path: string, cause: unknown): VerifierError {
  const message = `“${path}” could not be read (${codeOf(cause) || "unknown error"}). Check its permissions and the disk.`;
  return new VerifierError("unreadable", message, { cause });
}

type Opened =
  | { readonly kind: "opened"; readonly handle: FileHandle; readonly sizeBytes: number }
  | { readonly kind: "absent" }
  | { readonly kind: "refused"; readonly reason: string };

async function openPlainFile(path: string, name: string): Promise<Opened> {
  let handle: FileHandle;
  try {
    handle = await open(path, OPEN_FLAGS);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT") return { kind: "absent" };
    if (code === "ELOOP") return { kind: "refused", reason: `${name} is a link, not a file.` };
    if (code === "ENOTDIR" || code === "ENXIO") return { kind: "refused", reason: `${name} is not a file.` };
    throw unreadable(path, error);
  }
  const status = await handle.stat();
  if (status.isFile()) return { kind: "opened", handle, sizeBytes: status.size };
  await handle.close();
  return { kind: "refused", reason: `${name} is not a file.` };
}

async function readWhole(handle: FileHandle, sizeBytes: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(sizeBytes);
  let filled = 0;
  while (filled < sizeBytes) {
    const { bytesRead } = await handle.read(bytes, filled, sizeBytes - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

export class EvidenceFolder {
  readonly #path: string;
  readonly names: readonly string[];

  private constructor(path: string, names: readonly string[]) {
    this.#path = path;
    this.names = names;
  }

  /** @throws VerifierError if there is no such folder or it cannot be listed */
  static async open(path: string): Promise<EvidenceFolder> {
    let status;
    try {
      status = await stat(path);
    } catch (error) {
      if (!["ENOENT", "ENOTDIR", "ELOOP"].includes(codeOf(error))) throw unreadable(path, error);
      const message = `There is no “${path}”. Give the folder that was exported.`;
      throw new VerifierError("path-missing", message, { cause: error });
    }
    if (!status.isDirectory()) {
      const message = `“${path}” is not a folder. Give the folder that was exported, not a file in it.`;
      throw new VerifierError("path-not-a-folder", message);
    }
    const names: string[] = [];
    try {
      for await (const entry of await opendir(path)) {
        names.push(entry.name);
        if (names.length > LISTING_MAXIMUM) break;
      }
    } catch (error) {
      throw unreadable(path, error);
    }
    if (names.length > LISTING_MAXIMUM) {
      const message = `“${path}” holds more than ${LISTING_MAXIMUM} files: it is not an export. Give the folder of one recording.`;
      throw new VerifierError("path-not-a-folder", message);
    }
    return new EvidenceFolder(path, names.sort());
  }

  /** The file `name` (`/` for a folder within), if it has at most `maximumBytes`. */
  async read(name: string, maximumBytes: number): Promise<FileInput> {
    const linked = await this.#refuseLinkedParent(name);
    if (linked) return linked;
    const path = join(this.#path, name);
    const opened = await openPlainFile(path, name);
    if (opened.kind !== "opened") return opened;
    try {
      if (opened.sizeBytes > maximumBytes) {
        const reason = `${name} has ${opened.sizeBytes} bytes; at most ${maximumBytes} are allowed.`;
        return { kind: "refused", reason };
      }
      return { kind: "read", bytes: await readWhole(opened.handle, opened.sizeBytes) };
    } catch (error) {
      throw unreadable(path, error);
    } finally {
      await opened.handle.close();
    }
  }

  /** The one file `recording.<ext>`, open. The caller closes it. */
  async openRecording(): Promise<RecordingInput> {
    const found = this.names.filter((name) => name.startsWith("recording."));
    const [name, second] = found;
    if (name === undefined) return { kind: "absent" };
    if (second !== undefined) {
      return { kind: "refused", reason: `There are several recordings: ${found.slice(0, 5).join(", ")}.` };
    }
    const opened = await openPlainFile(join(this.#path, name), name);
    return opened.kind === "opened" ? { ...opened, name } : opened;
  }

  async #refuseLinkedParent(name: string): Promise<FileInput | null> {
    const [parent, child] = name.split("/");
    if (parent === undefined || child === undefined) return null;
    try {
      const status = await lstat(join(this.#path, parent));
      return status.isDirectory() ? null : { kind: "refused", reason: `${parent} is not a folder.` };
    } catch (error) {
      if (codeOf(error) === "ENOENT") return { kind: "absent" };
      throw unreadable(join(this.#path, parent), error);
    }
  }
}
