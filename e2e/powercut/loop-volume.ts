// An ext4 file system in a file, whose power can be cut: `xfs_io -x -c shutdown` stops it at once and throws away whatever
// was not synced, its journal included. Needs root and loop devices. Nothing of it outlives the process that made it, and
// what a process killed with -9 left is removed by the next one.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, readlinkSync, rmSync, statfsSync } from "node:fs";
import { chmod, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { isStale, ownName } from "../faults/own-folder.ts";

class VolumeError extends Error {
  override readonly name = "VolumeError";
  readonly code = "volume-failed";
}

/** Where images lie: in memory where there is room, since it is the power of the file system that is cut, not of the machine. */
const places = ["/dev/shm", tmpdir()];
const living = new Set<LoopVolume>();

function run(command: string, ...words: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve();
      else
        reject(new VolumeError(`${command} ${words.join(" ")} ended with ${String(code)}: ${said.trim()}`));
    });
  });
}

function placeFor(sizeBytes: number): string {
  const fits = places.find((folder) => {
    try {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize > sizeBytes * 2;
    } catch {
      return false;
    }
  });
  if (fits === undefined) throw new VolumeError(`no room for an image of ${sizeBytes.toString()} bytes`);
  return fits;
}

export class LoopVolume {
  /** Absolute path; files go below it. */
  readonly mount: string;
  readonly #folder: string;
  readonly #image: string;
  #mounted = false;

  private constructor(folder: string) {
    this.#folder = folder;
    this.mount = join(folder, "mount");
    this.#image = join(folder, "image");
  }

  static async make(sizeBytes: number): Promise<LoopVolume> {
    const volume = new LoopVolume(join(placeFor(sizeBytes), ownName()));
    living.add(volume);
    try {
      mkdirSync(volume.mount, { recursive: true });
      await chmod(volume.#folder, 0o711);
      await writeFile(volume.#image, "");
      await truncate(volume.#image, sizeBytes);
      await run("mkfs.ext4", "-q", "-F", "-m", "0", volume.#image);
      await volume.plugIn();
    } catch (cause) {
      volume.discardNow();
      throw cause;
    }
    return volume;
  }

  /** Mounts it, replaying its journal. ext4's own commit, every 5 s otherwise, would hide a sync that is not there. */
  async plugIn(): Promise<void> {
    await run("mount", "-o", "loop,commit=600", this.#image, this.mount);
    this.#mounted = true;
    await chmod(this.mount, 0o711);
  }

  /** From here on nothing more reaches the disk; what works on it gets errors. */
  cutPower(): Promise<void> {
    return run("xfs_io", "-x", "-c", "shutdown", this.mount);
  }

  /** Unmounts, as soon as nothing works in it any more; ends what still does after a while. */
  async unplug(): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      try {
        await run("umount", this.mount);
        this.#mounted = false;
        return;
      } catch (cause) {
        if (tries > 200) throw cause;
        if (tries % 20 === 10) endProcessesIn(this.mount);
        await wait(50);
      }
    }
  }

  /** Unmounts and removes all of it, whatever happened before. */
  discardNow(): void {
    if (this.#mounted) {
      endProcessesIn(this.mount);
      const done = spawnSync("umount", [this.mount]);
      if (done.status !== 0) spawnSync("umount", ["-l", this.mount]);
    }
    this.#mounted = false;
    living.delete(this);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Kills what works in a volume that is about to go: only this suite's own processes can. */
function endProcessesIn(mount: string): void {
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const folder = readlinkSync(`/proc/${name}/cwd`);
      if (folder.startsWith(`${mount}/`)) process.kill(Number(name), "SIGKILL");
    } catch {
      // It ended in the meantime.
    }
  }
}

/** Removes what runs that were killed left: mounts, images and folders whose process is gone. */
export function removeStale(): void {
  for (const line of readFileSync("/proc/mounts", "utf8").split("\n")) {
    const [, mount = ""] = line.split(" ");
    if (isStale(mount)) spawnSync("umount", ["-l", mount]);
  }
  for (const place of places) {
    for (const name of readdirSync(place).filter(isStale))
      rmSync(join(place, name), { recursive: true, force: true });
  }
}

/** So that an interrupted run leaves nothing mounted. */
export function discardOnSignals(): void {
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    process.once(signal, () => {
      for (const volume of living) volume.discardNow();
      process.exit(code);
    });
  }
}

/** Why volumes cannot be made here; null where they can. Tries it. */
export async function whyNoVolumes(): Promise<string | null> {
  if (process.getuid?.() !== 0) return "it must run as root, to mount file systems";
  try {
    const volume = await LoopVolume.make(16 * 1024 * 1024);
    try {
      await volume.cutPower();
      await volume.unplug();
      await volume.plugIn();
    } finally {
      volume.discardNow();
    }
    return null;
  } catch (cause) {
    return `an ext4 file system in a loop file cannot be mounted or shut down here: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}
