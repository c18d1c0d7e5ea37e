// What people, cameras and machines do in a schedule. Each operation says how it ended, in words that hold no id.
import { ApiProblem } from "@sworn/client";
import type { HoldId, RetentionRun } from "@sworn/contract";
import { randomUUID } from "node:crypto";
import { dockOnce } from "./dock-once.ts";
import { drawCut } from "./draw-faults.ts";
import { drawJump } from "./machine/simulated-time.ts";
import type { KnownHold, KnownRecording } from "./model.ts";
import type { Operation } from "./operation.ts";
import type { Random } from "./random.ts";
import { tamper } from "./tamper.ts";
import { codeOf } from "./trace.ts";
import type { World } from "./world.ts";

const DAY_MS = 86_400_000;

function drawRecording(world: World, random: Random): KnownRecording | null {
  const all = [...world.model.recordings.values()];
  // Mostly what people can know of.
  const known = random.chance(0.9) ? all.filter((one) => one.receivedMs !== null) : all;
  return known.length === 0 ? null : random.pick(known);
}

function record(world: World, random: Random): Operation {
  const camera = random.pick(world.cameras.filter((one) => !one.isLost));
  const isLong = random.chance(0.03);
  const film = {
    durationMs: isLong ? 8_000 : random.between(1, 12) * 1_000,
    fragmentBytes: isLong ? 3_000_000 : random.between(200, 30_000),
  };
  const seconds = String(film.durationMs / 1000);
  return {
    name: `${camera.name} records ${seconds} s`,
    on: camera.machine,
    run: () => camera.record(film),
  };
}

function dock(world: World, random: Random): Operation {
  const full = world.cameras.filter((one) => one.sealed().length > 0);
  const camera = random.pick(full.length > 0 && random.chance(0.85) ? full : world.cameras);
  const at = random.pick(world.docks);
  return {
    name: `${camera.name} in ${at.name}`,
    on: camera.machine,
    async run() {
      const report = await dockOnce(world, camera, at);
      const outcomes = report.recordings.map(({ number, outcome }) => `${String(number)} ${outcome.kind}`);
      const missing = report.missing.map(({ number }) => String(number));
      const findings = report.findings.map(({ kind }) => kind);
      return [
        outcomes.join(", ") || "nothing to send",
        ...(missing.length > 0 ? [`missing ${missing.join(", ")}`] : []),
        ...(findings.length > 0 ? [`findings ${findings.join(", ")}`] : []),
      ].join("; ");
    },
  };
}

function placeHold(world: World, random: Random): Operation | null {
  const target = drawRecording(world, random);
  if (target === null) return null;
  return {
    name: `hold on ${world.model.nameOf(target.id)}`,
    on: world.server.machine,
    async run() {
      const id = randomUUID() as HoldId;
      const hold: KnownHold = { id, recordings: [target.id], state: "in-doubt" };
      world.model.holds.set(id, hold);
      const reviewAt = new Date(world.nowMs() + 30 * DAY_MS).toISOString();
      const scope = { kind: "recording", recordingId: target.id } as const;
      const placed = await world.staff.placeHold({
        id,
        kind: "evidence",
        reason: "simulated",
        reviewAt,
        scope,
      });
      if (!placed.tooLate.includes(target.id)) hold.state = "stands";
      return hold.state;
    },
  };
}

function releaseHold(world: World, random: Random): Operation | null {
  const standing = [...world.model.holds.values()].filter((hold) => hold.state === "stands");
  if (standing.length === 0) return null;
  const hold = random.pick(standing);
  return {
    name: `release of a hold on ${world.model.nameOf(hold.recordings[0] ?? "")}`,
    on: world.server.machine,
    async run() {
      hold.state = "in-doubt";
      await world.staff.releaseHold(hold.id, "simulated");
      hold.state = "released";
      return "released";
    },
  };
}

function classify(world: World, random: Random): Operation | null {
  const target = drawRecording(world, random);
  if (target === null) return null;
  const to = random.pick(["non-evidential", "training", null]);
  return {
    name: `${world.model.nameOf(target.id)} classified ${String(to)}`,
    on: world.server.machine,
    run: async () => (await world.staff.classify(target.id, { class: to })).state,
  };
}

function retention(world: World): Operation {
  return {
    name: "retention run",
    on: world.server.machine,
    async run() {
      const done = await runRetention(world);
      return `warned ${done.warned}, destroyed ${done.destroyed}, cancelled ${done.cancelled}, failed ${done.failed}`;
    },
  };
}

/** As a person orders it. */
export function runRetention(world: World): Promise<RetentionRun> {
  const run = (): Promise<RetentionRun> => world.staff.runRetention();
  return world.bug?.ignoresHolds === true ? withoutHolds(world.database, run) : run();
}

/** The known bug: the run is given a database in which no hold stands. */
async function withoutHolds<T>(database: World["database"], run: () => Promise<T>): Promise<T> {
  await database.ask("set session_replication_role = replica");
  const hidden = await database.ask(
    `update sworn.hold set released_at = placed_at, released_by = placed_by, release_reason = 'hidden'
     where released_at is null returning id`,
  );
  try {
    return await run();
  } finally {
    await database.ask(
      "update sworn.hold set released_at = null, released_by = null, release_reason = null where id = any($1)",
      [hidden.map(({ id }) => id)],
    );
  }
}

async function decide(world: World, decision: "altered" | "rejected"): Promise<string> {
  const { quarantine } = await world.staff.listQuarantine({ decided: false });
  for (const { id } of quarantine) await world.staff.decideQuarantine(id, { decision, reason: "simulated" });
  return `${String(quarantine.length)} decided`;
}

function machines(world: World, random: Random): Operation {
  const camera = random.pick(world.cameras);
  const at = random.pick(world.docks);
  const cut = drawCut(random);
  const jump = drawJump(random);
  const still = (name: string, run: () => void): Operation => ({
    ...{ name, on: null },
    run: () => {
      run();
      return Promise.resolve("done");
    },
  });
  return random.weighted<() => Operation>([
    [
      3,
      () =>
        still(`${camera.name} dies (${cut})`, () => {
          camera.machine.die(cut);
        }),
    ],
    [
      3,
      () =>
        still(`server dies (${cut})`, () => {
          world.server.die(cut);
        }),
    ],
    [
      1,
      () =>
        still(`clock of ${camera.name} jumps ${String(jump.byMs)} ms`, () => {
          camera.jumpedMs += jump.byMs;
        }),
    ],
    [
      1,
      () =>
        still(`${camera.name} dies, its clock too`, () => {
          camera.machine.die(cut);
          camera.jumpedMs = Date.UTC(2000, 0, 1) - world.nowMs();
        }),
    ],
    [
      1,
      () =>
        still(`clock of ${at.name} jumps ${String(jump.byMs)} ms`, () => {
          at.jumpedMs += jump.byMs;
        }),
    ],
    [2, () => tamper(world, random) ?? still("nothing", () => undefined)],
  ])();
}

function pass(world: World, random: Random): Operation {
  const days = random.pick([0.04, 1, 9, 20, 33, 40]);
  return {
    ...{ name: `${String(days)} days pass`, on: null },
    run: () => {
      world.pass(days * DAY_MS);
      return Promise.resolve("done");
    },
  };
}

function lose(world: World, random: Random): Operation | null {
  const left = world.cameras.filter((one) => !one.isLost);
  if (left.length < world.cameras.length) return null;
  const camera = random.pick(left);
  return {
    name: `${camera.name} is lost`,
    on: world.server.machine,
    async run() {
      camera.isLost = true;
      for (const one of world.model.recordings.values()) {
        if (one.camera === camera.name) one.isOnLostCamera = true;
      }
      const { breach } = await world.staff.loseCamera(camera.id, "simulated");
      return `may hold ${String(breach.mayHold.length)}`;
    },
  };
}

function task(world: World, name: string): Operation {
  return {
    ...{ name: `task ${name}`, on: world.server.machine },
    run: async () => {
      await world.server.runTask(name);
      return "done";
    },
  };
}

function start(world: World): Operation {
  return {
    ...{ name: "server starts", on: null },
    async run() {
      world.server.die("killed");
      const died = new Promise<string>((resolve) => {
        // The start itself may be what kills it.
        queueMicrotask(() => {
          world.server.machine.onDeath(() => {
            resolve("died");
          });
        });
      });
      const outcome = await Promise.race([world.server.start().then(() => "up"), died]).catch(
        (error: unknown) => {
          world.server.die("killed");
          return codeOf(error);
        },
      );
      return outcome;
    },
  };
}

async function late(world: World): Promise<string> {
  return (await world.network.deliverLate()).join(", ") || "none";
}

/** Draws the next operation by the state that the world is in. */
export function drawOperation(world: World, random: Random): Operation {
  const isUp = world.server.running !== null;
  if (!isUp && random.chance(0.6)) return start(world);
  if (isUp && !world.server.isHealthy() && random.chance(0.5)) return start(world);
  const onServer = { on: world.server.machine };
  const drawn = random.weighted<() => Operation | null>([
    [9, () => record(world, random)],
    [11, () => dock(world, random)],
    [4, () => machines(world, random)],
    [3, () => placeHold(world, random)],
    [1, () => releaseHold(world, random)],
    [2, () => classify(world, random)],
    [3, () => pass(world, random)],
    [3, () => retention(world)],
    [1, () => ({ ...onServer, name: "quarantine accepted", run: () => decide(world, "altered") })],
    [0.3, () => ({ ...onServer, name: "quarantine rejected", run: () => decide(world, "rejected") })],
    [1, () => ({ ...onServer, name: "late deliveries", run: () => late(world) })],
    [0.5, () => task(world, random.pick(["resume-ingest", "rotate-ingest-keys", "rotate-root-key"]))],
    [0.15, () => lose(world, random)],
  ])();
  return drawn ?? record(world, random);
}

/** How an operation ended that threw: the code of what it was told, or of the fault. */
export function outcomeOf(error: unknown): string {
  return error instanceof ApiProblem ? `${String(error.status)} ${error.code}` : codeOf(error);
}
