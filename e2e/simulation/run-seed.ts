// Runs one seed: a schedule of operations with faults, each followed by the checks, and the end in which all heals.
import { createDatabase } from "./database/simulated-database.ts";
import { armFaults } from "./draw-faults.ts";
import { bringToRest } from "./bring-to-rest.ts";
import { checkWorld, learnSealed } from "./check-world.ts";
import type { KnownBug } from "./known-bugs.ts";
import { StuckError } from "./machine/simulated-time.ts";
import type { TakenProcess } from "./machine/take-over-process.ts";
import type { Operation } from "./operation.ts";
import { drawOperation, outcomeOf } from "./operations.ts";
import { Random } from "./random.ts";
import { Trace } from "./trace.ts";
import { Violation } from "./violation.ts";
import { type World, foundWorld } from "./world.ts";

export interface SeedOptions {
  readonly seed: number;
  readonly steps: number;
  readonly bug: KnownBug | null;
  /** Told each line of the trace as it comes. */
  readonly tell?: (line: string) => void;
}

export interface SeedResult {
  readonly seed: number;
  readonly violation: Violation | null;
  /** Of the trace: the same for the same seed. */
  readonly hash: string;
  readonly lastLines: readonly string[];
  readonly steps: number;
}

export async function runSeed(process: TakenProcess, options: SeedOptions): Promise<SeedResult> {
  const { time } = process;
  const random = new Random(`sworn/${String(options.seed)}`);
  const trace = new Trace(options.tell ?? null);
  const database = await createDatabase(time);
  process.simulate(random.fork("ids"));
  let violation: Violation | null = null;
  let world: World | null = null;
  let steps = 0;
  try {
    world = await foundWorld({ time, random, trace, database, bug: options.bug });
    await checked(world, () => Promise.resolve());
    for (const { machine } of world.cameras) machine.omits = options.bug?.cameraOmits ?? null;
    const share = random.pick([0.4, 0.65, 0.85]);
    for (; steps < options.steps; steps += 1) await step(world, steps, share);
    const { time: clock } = world;
    await clock.run(bringToRest(world));
    trace.add("all came to rest");
  } catch (error) {
    violation = violationOf(error);
    trace.add(`broken: ${violation.invariant}`);
  } finally {
    for (const { machine } of world?.cameras ?? []) machine.die("killed");
    world?.server.die("killed");
    time.forget();
    process.release();
    await database.drop();
  }
  return { seed: options.seed, violation, hash: trace.hash(), lastLines: trace.last(30), steps };
}

function violationOf(error: unknown): Violation {
  if (error instanceof Violation) return error;
  if (error instanceof StuckError) return new Violation("nothing gets stuck", error.message, error);
  return new Violation("no unexpected fault", String(error), error);
}

async function step(world: World, number: number, share: number): Promise<void> {
  const random = world.random.fork(`step/${String(number)}`);
  const operation = drawOperation(world, random);
  const armed = armFaults(world, random.fork("faults"), { share, near: operation.on });
  world.network.front = answerEarly(world);
  const outcome = await world.time.run(perform(operation)).catch((error: unknown) => {
    world.trace.add(`${String(number)} ${operation.name}: stuck [${armed.hits.join("; ")}]`);
    throw error;
  });
  armed.disarm();
  await world.time.rest();
  const hits = armed.hits.length === 0 ? "" : ` [${armed.hits.join("; ")}]`;
  world.trace.add(`${String(number)} ${operation.name}: ${outcome}${hits}`);
  await reviveCameras(world);
  await checked(world, () => checkWorld(world));
}

async function perform(operation: Operation): Promise<string> {
  const died = new Promise<string>((resolve) => {
    operation.on?.onDeath(() => {
      resolve("died");
    });
  });
  if (operation.on?.isOn === false && operation.name !== "server starts" && operation.on.name === "server")
    return "server is down";
  return Promise.race([operation.run().catch(outcomeOf), died]);
}

/** A camera that a fault has closed for good is switched off and on by its wearer. */
async function reviveCameras(world: World): Promise<void> {
  for (const camera of world.cameras) {
    if (camera.device !== null && !(await world.time.run(camera.answers()))) {
      world.trace.add(`  ${camera.name} has closed, and is started again`);
      camera.machine.die("killed");
    }
    if (camera.device === null) {
      const outcome = await world.time.run(
        camera.switchOn().then(
          () => null,
          (error: unknown) => error,
        ),
      );
      if (outcome !== null)
        throw new Violation(
          "nothing gets stuck",
          `${camera.name} does not start: ${outcomeOf(outcome)}`,
          outcome,
        );
    }
  }
}

/** The known bug: what was answered early reaches the server later, or never. */
function answerEarly(world: World): World["network"]["front"] {
  const early = world.bug?.answerEarly;
  if (early === undefined) return null;
  const random = world.random.fork("early");
  return (request) => {
    const answer = early(request);
    // The commit that should have come first: a crash in between is as likely as not.
    if (answer !== null && random.chance(0.5)) world.network.deliverLater(request);
    return answer;
  };
}

async function checked(world: World, check: () => Promise<void>): Promise<void> {
  world.network.front = null;
  await world.time.run(check());
  learnSealed(world);
}
