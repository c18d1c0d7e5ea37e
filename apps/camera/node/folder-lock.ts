// One process at a time drives a camera. The kernel gives the lock back when its owner dies, however it dies.
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { createServer } from "node:net";
import { CameraError, systemCode } from "./camera-error.ts";

export interface FolderLock {
  release(): Promise<void>;
}

/**
 * An abstract unix socket (unix(7)) named after the folder's device and inode: never stale, and no process id to
 * guess about. It holds on one machine and network namespace.
 * @throws CameraError `folder-in-use`
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const { dev, ino } = await stat(folder, { bigint: true });
  const name = createHash("sha256")
    .update(`sworn-camera ${String(dev)} ${String(ino)}`)
    .digest("hex")
    .slice(0, 40);
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      const taken = systemCode(cause) === "EADDRINUSE";
      const message = taken
        ? `Another process drives the camera in ${folder}. Stop it first, or speak to it with “sworn camera event”.`
        : `The lock of ${folder} cannot be taken.`;
      reject(new CameraError("folder-in-use", message, { cause }));
    });
    server.listen({ path: `\0sworn-camera-${name}` }, resolve);
  });
  server.unref();
  return {
    release: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  };
}
