// kill -9 of camera, dock or server at a random moment of its work, round after round on one station that is never tidied
// up. After each round: what was acknowledged is there. A round is cheap, so that there can be many.
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { BrokenPromise } from "./acknowledgements.ts";
import { StationCheck, fsckStation } from "./check-station.ts";
import { emptyCamera, refuseMissing, toItsEnd } from "./empty-camera.ts";
import { makeOwnFolder } from "./own-folder.ts";
import { type Seeded, seeded } from "./seeded.ts";
import { Station } from "./station.ts";
import type { Telling } from "./told-lines.ts";

export interface KillOptions {
  readonly rounds: number;
  readonly seed: number;
  /** Where folders are made; best in memory, since a kill takes nothing from the page cache. */
  readonly folder: string;
  /** A level 4 fsck after so many rounds, besides the one at the end. */
  readonly fsckEvery: number;
  readonly onRound?: (line: string) => void;
}

export interface KillReport {
  rounds: number;
  readonly killed: Record<Victim, number>;
  /** Kills that came before the work was done. */
  inTime: number;
  receipted: number;
  fscks: number;
}

type Victim = "camera" | "dock" | "server";

const FILM_MS = 40_000;
const FRAGMENT_BYTES = 30_000;

/** How long each role works when nobody kills it, as far as was seen: kills are spread over a little more than that. */
class Durations {
  readonly #ms = { camera: 400, dock: 1_000 };

  /** The server works for as long as the dock does. */
  until(victim: Victim, random: Seeded): number {
    return random.next() * this.#ms[victim === "camera" ? "camera" : "dock"] * 1.15;
  }

  saw(role: "camera" | "dock", ms: number): void {
    this.#ms[role] += (ms - this.#ms[role]) * 0.3;
  }
}

/** Waits for a process's first word, then kills it after a while unless it ended. Whether the kill came in time. */
async function cut(telling: Telling, word: string, afterMs: number): Promise<boolean> {
  if ((await telling.said(word)) === null) throw new BrokenPromise(`it did not start: ${telling.stderr()}`);
  const late = await Promise.race([telling.ended.then(() => true), wait(afterMs).then(() => false)]);
  await telling.kill();
  return !late;
}

/** @throws BrokenPromise at the first round that breaks one. */
export async function killRounds(options: KillOptions): Promise<KillReport> {
  const { rounds, seed, onRound } = options;
  const random = seeded(seed);
  const durations = new Durations();
  const report: KillReport = {
    ...{ rounds: 0, inTime: 0, receipted: 0, fscks: 0 },
    killed: { camera: 0, dock: 0, server: 0 },
  };
  const own = await makeOwnFolder(options.folder);
  let station: Station | undefined;
  try {
    station = await Station.found({
      ...{ data: join(own.path, "data"), camera: join(own.path, "camera"), dock: join(own.path, "dock") },
    });
    const check = new StationCheck(station, random);
    for (let round = 1; round <= rounds; round += 1) {
      const victim = random.pick<Victim>(["camera", "dock", "server"]);
      const startedAt = performance.now();
      const inTime = await oneRound(station, { round, victim, random, durations });
      const checked = await check.check();
      report.rounds = round;
      report.killed[victim] += 1;
      if (inTime) report.inTime += 1;
      report.receipted = checked.receipted;
      onRound?.(
        `round ${round.toString()}: ${victim}${inTime ? "" : " (too late)"}, ${checked.receipted.toString()} receipts, ` +
          `${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
      );
      if (round % options.fsckEvery !== 0 || round === rounds) continue;
      await station.killServer();
      await fsckStation(station, 4);
      report.fscks += 1;
      await station.startServer();
    }
    await emptyCamera(station, check);
    await station.killServer();
    await fsckStation(station, 4);
    report.fscks += 1;
    report.receipted = station.acknowledged.receipts.size;
    return report;
  } finally {
    await station?.killServer();
    await own.remove();
  }
}

interface Round {
  readonly round: number;
  readonly victim: Victim;
  readonly random: Seeded;
  readonly durations: Durations;
}

async function oneRound(station: Station, { round, victim, random, durations }: Round): Promise<boolean> {
  const afterMs = durations.until(victim, random);
  let inTime = false;
  const camera = station.startCamera(FRAGMENT_BYTES + round, FILM_MS);
  if (victim === "camera") inTime = await cut(camera, "ready", afterMs);
  else durations.saw("camera", await toItsEnd(camera, "ready"));
  station.hear(camera);
  const dock = station.startDock();
  if (victim === "dock") inTime = await cut(dock, "holds", afterMs);
  else if (victim === "server") {
    await dock.said("holds");
    const late = await Promise.race([dock.ended.then(() => true), wait(afterMs).then(() => false)]);
    await station.killServer();
    inTime = !late;
    await station.startServer();
    // It went on by itself, or gave up: either is right as long as docking again finishes it.
    await dock.ended;
  } else durations.saw("dock", await toItsEnd(dock, "holds"));
  refuseMissing(dock);
  station.hear(dock);
  return inTime;
}
