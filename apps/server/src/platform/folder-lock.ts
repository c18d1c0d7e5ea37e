// One process at a time owns a folder. The kernel releases the lock when its owner dies, however it dies,
// so a lock is never stale and nobody has to guess from a process id.
import { createServer } from "node:net";
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { PlatformError } from "./platform-error.ts";

export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Takes the lock of an existing folder, or throws `folder-locked` when another process has it.
 * It is an abstract unix socket (unix(7)) named after the folder's device and inode: two paths of one
 * folder are one lock. It holds on one machine and network namespace only, not across a shared disk.
 */
export async function lockFolder(folder: string, purpose: string): Promise<FolderLock> {
  const identity = await stat(folder, { bigint: true });
  const name = createHash("sha256")
    .update(`${purpose}\0${identity.dev.toString()}\0${identity.ino.toString()}`)
    .digest("hex")
    .slice(0, 32);
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      reject(
        cause.code === "EADDRINUSE"
          ? new PlatformError(
              "folder-locked",
              `The folder ${folder} is in use by another running Sworn process. ` +
                "Stop that one first, or give this one a data folder of its own.",
              cause,
            )
          : new PlatformError("data-folder-unusable", `The lock of ${folder} cannot be taken.`, cause),
      );
    });
    server.listen({ path: `\0sworn-${purpose}-${name}` }, resolve);
  });
  server.unref();
  let released: Promise<void> | undefined;
  return {
    release: () =>
      (released ??= new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      })),
  };
}
