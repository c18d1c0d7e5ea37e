// A real file system that is full: the server's objects on a small one, and a camera's folder on a smaller one. Nothing that
// was acknowledged is lost, what does not fit is refused in so many words, and it goes on when there is room again.
import { spawnSync } from "node:child_process";
import { mkdir, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LoopVolume } from "../powercut/loop-volume.ts";
import { BrokenPromise } from "./acknowledgements.ts";
import { StationCheck, fsckStation } from "./check-station.ts";
import { emptyCamera, refuseMissing } from "./empty-camera.ts";
import { makeOwnFolder } from "./own-folder.ts";
import { seeded } from "./seeded.ts";
import { Station } from "./station.ts";

export interface FullDiskOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly onRound?: (line: string) => void;
}

export interface FullDiskReport {
  readonly rounds: number;
  /** Uploads that the full disk refused. */
  refused: number;
  /** Films that ended because the camera was full. */
  cameraFull: number;
  receipted: number;
}

const FILM_MS = 30_000;
const FRAGMENT_BYTES = 300_000;
const VOLUME_BYTES = 96 * 1024 * 1024;
const CAMERA_BYTES = 24 * 1024 * 1024;

/** Fills a file system but for `leaveBytes`. */
async function fill(mount: string, leaveBytes: number): Promise<string> {
  const { bavail, bsize } = await statfs(mount);
  const ballast = join(mount, "ballast");
  await writeFile(ballast, new Uint8Array(Math.max(0, bavail * bsize - leaveBytes)));
  return ballast;
}

function bind(from: string, to: string): void {
  const done = spawnSync("mount", ["--bind", from, to]);
  if (done.status !== 0)
    throw new Error(`mount --bind ended with ${String(done.status)}: ${done.stderr.toString()}`);
}

/** Moves the objects of a stopped server onto the small volume. */
async function moveObjects(objects: string, mount: string): Promise<void> {
  const inside = join(mount, "objects");
  const done = spawnSync("cp", ["-a", objects, inside]);
  if (done.status !== 0) throw new Error(`cp ended with ${String(done.status)}: ${done.stderr.toString()}`);
  bind(inside, objects);
}

/** @throws BrokenPromise */
export async function fullDisk({ rounds, seed, onRound }: FullDiskOptions): Promise<FullDiskReport> {
  const random = seeded(seed);
  const own = await makeOwnFolder(tmpdir());
  const outside = own.path;
  const forObjects = await LoopVolume.make(VOLUME_BYTES);
  const forCamera = await LoopVolume.make(CAMERA_BYTES);
  const objects = join(outside, "data", "objects");
  const report = { rounds, refused: 0, cameraFull: 0, receipted: 0 };
  let station: Station | undefined;
  let bound = false;
  try {
    const camera = join(forCamera.mount, "camera");
    await mkdir(camera);
    station = await Station.found({ data: join(outside, "data"), camera, dock: join(outside, "dock") });
    await station.killServer();
    await moveObjects(objects, forObjects.mount);
    bound = true;
    await station.startServer();
    const check = new StationCheck(station, random);
    for (let round = 1; round <= rounds; round += 1) {
      await film(station, FRAGMENT_BYTES + round, report);
      const ballast = await fill(forObjects.mount, random.below(4 * 1024 * 1024));
      await dockOnce(station, report);
      await check.check();
      await rm(ballast);
      await dockOnce(station, report);
      const { receipted } = await check.check();
      onRound?.(
        `round ${round.toString()}: ${receipted.toString()} receipts hold, ${report.refused.toString()} uploads refused, ` +
          `${report.cameraFull.toString()} films cut short`,
      );
    }
    if (report.refused === 0) throw new BrokenPromise("the disk was never full: this showed nothing");
    await emptyCamera(station, check);
    report.receipted = station.acknowledged.receipts.size;
    await station.killServer();
    await fsckStation(station, 4);
    return report;
  } finally {
    await station?.killServer();
    if (bound) spawnSync("umount", ["-l", objects]);
    forObjects.discardNow();
    forCamera.discardNow();
    await own.remove();
  }
}

/** Films longer than what the camera has room for, every other time. */
async function film(station: Station, size: number, report: FullDiskReport): Promise<void> {
  const tooLong = size % 2 === 0;
  const camera = station.startCamera(size, tooLong ? FILM_MS * 10 : FILM_MS);
  if ((await camera.ended) !== 0) throw new BrokenPromise(`the camera failed: ${camera.stderr()}`);
  station.hear(camera);
  const reason = (await camera.said("sealed"))?.split(" ").at(-1);
  if (tooLong && reason !== "storage-full")
    throw new BrokenPromise(`a full camera sealed with ${String(reason)}`);
  if (tooLong) report.cameraFull += 1;
}

async function dockOnce(station: Station, report: FullDiskReport): Promise<void> {
  const dock = station.startDock();
  if ((await dock.ended) !== 0) throw new BrokenPromise(`the dock failed: ${dock.stderr()}`);
  refuseMissing(dock);
  station.hear(dock);
  report.refused += dock.lines.filter(({ word, rest }) => word === "failed" || / failed /.test(rest)).length;
}
