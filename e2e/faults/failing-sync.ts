// One sync in ten fails, by `fiu-run`: in the server from its start or from the middle of its work, and in the camera. Not
// in PostgreSQL, whose process is given an environment of its own. What a failed sync left unsynced must never have been
// acknowledged: where the power can be cut, it is cut at the end of each round, so that it is really gone.
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { LoopVolume } from "../powercut/loop-volume.ts";
import { BrokenPromise } from "./acknowledgements.ts";
import { StationCheck, fsckStation } from "./check-station.ts";
import { emptyCamera, refuseMissing } from "./empty-camera.ts";
import { makeOwnFolder } from "./own-folder.ts";
import { seeded } from "./seeded.ts";
import { Station } from "./station.ts";

export interface FailingSyncOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly folder: string;
  /** Whether file systems can be mounted here, and so the power cut. */
  readonly canCutPower: boolean;
  readonly onRound?: (line: string) => void;
}

export interface FailingSyncReport {
  readonly rounds: number;
  /** Starts of the server that a failed sync ended. */
  refusedStarts: number;
  /** Recordings that a docking could not move because of one. */
  failedMoves: number;
  /** Films that the camera gave up or did not begin because of one. */
  failedFilms: number;
  receipted: number;
}

const FILM_MS = 16_000;
const FRAGMENT_BYTES = 200_000;
const LONGEST_DOCKING_MS = 1_500;
const MOST_REFUSED = 2;
const PATIENCE_MS = 15_000;
const VOLUME_BYTES = 2 * 1024 * 1024 * 1024;
/** EIO, as the kernel says it. */
const failures = ["fsync", "fdatasync"].flatMap((name) => [
  "-c",
  `enable_random name=posix/io/sync/${name},probability=0.1,failinfo=5`,
]);

/** @throws BrokenPromise */
export async function failingSync(options: FailingSyncOptions): Promise<FailingSyncReport> {
  const { rounds, seed, onRound, canCutPower } = options;
  const random = seeded(seed);
  const own = await makeOwnFolder(canCutPower ? tmpdir() : options.folder);
  const outside = own.path;
  const volume = canCutPower ? await LoopVolume.make(VOLUME_BYTES) : null;
  const control = join(outside, "control");
  const fiu = ["fiu-run", "-x", "-f", control];
  const report = { rounds, refusedStarts: 0, failedMoves: 0, failedFilms: 0, receipted: 0 };
  let station: Station | undefined;
  try {
    const data = join(volume?.mount ?? outside, "data");
    station = await Station.found({ data, camera: join(outside, "camera"), dock: join(outside, "dock") });
    const check = new StationCheck(station, random);
    for (let round = 1; round <= rounds; round += 1) {
      const size = FRAGMENT_BYTES + round;
      if (round % 4 === 0) {
        const failing = station.startCamera(size, FILM_MS, ["fiu-run", "-x", "-f", "", ...failures]);
        const code = await failing.ended;
        const reason = (await failing.said("sealed"))?.split(" ").at(-1);
        if (code !== 0 || reason === "fault") report.failedFilms += 1;
        station.hear(failing);
      } else {
        const camera = station.startCamera(size, FILM_MS);
        if ((await camera.ended) !== 0) throw new BrokenPromise(`the camera failed: ${camera.stderr()}`);
        station.hear(camera);
      }
      await station.killServer();
      // From its first call on, once it listens, or at some moment of the docking: each reaches other syncs.
      const from = random.pick<"start" | "ready" | "docking">(["start", "ready", "docking"]);
      report.refusedStarts += await startUnderFiu(station, fiu, from === "start");
      if (from === "ready") makeFail(station, control);
      const dock = station.startDock();
      if (from === "docking") {
        await dock.said("holds");
        await Promise.race([wait(random.next() * LONGEST_DOCKING_MS), dock.ended]);
        makeFail(station, control);
      }
      // A server that stores nothing more says so for as long as the dock asks.
      const gaveUp = await Promise.race([dock.ended, wait(PATIENCE_MS, "late", { ref: false })]);
      if (gaveUp === "late") await dock.kill();
      else if (gaveUp !== 0) throw new BrokenPromise(`the dock failed: ${dock.stderr()}`);
      refuseMissing(dock);
      if (gaveUp === "late") report.failedMoves += 1;
      report.failedMoves += dock.lines.filter(
        ({ word, rest }) => word === "failed" || / failed /.test(rest),
      ).length;
      station.hear(dock);
      await volume?.cutPower();
      await station.killServer();
      await volume?.unplug();
      await volume?.plugIn();
      await station.startServer();
      const { receipted } = await check.check();
      onRound?.(
        `round ${round.toString()}: ${receipted.toString()} receipts hold; so far ${report.refusedStarts.toString()} starts, ` +
          `${report.failedMoves.toString()} moves and ${report.failedFilms.toString()} films failed`,
      );
    }
    await emptyCamera(station, check);
    report.receipted = station.acknowledged.receipts.size;
    await station.killServer();
    await fsckStation(station, 4);
    return report;
  } finally {
    await station?.killServer();
    volume?.discardNow();
    await own.remove();
  }
}

/** Starts the server so that its syncs can be made to fail; with `atOnce` they do. Gives how many starts failed, which is right too. */
async function startUnderFiu(station: Station, fiu: readonly string[], atOnce: boolean): Promise<number> {
  for (let refused = 0; atOnce && refused < MOST_REFUSED; refused += 1) {
    try {
      await station.startServer([...fiu, ...failures]);
      return refused;
    } catch {
      // It said that a sync failed, and ended.
    }
  }
  await station.startServer(fiu);
  return atOnce ? MOST_REFUSED : 0;
}

function makeFail(station: Station, control: string): void {
  const done = spawnSync("fiu-ctrl", ["-f", control, ...failures, station.serverProcessId.toString()]);
  if (done.status !== 0)
    throw new Error(`fiu-ctrl ended with ${String(done.status)}: ${done.stderr.toString()}`);
}
