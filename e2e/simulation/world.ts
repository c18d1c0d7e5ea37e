// One simulated force: a server, three cameras, two docks and a person, each on a machine or line of its own, with one
// true time. Everything in it is the product but what carries it.
import { type StaffClient, Api, peopleCalls, staffClient } from "@sworn/client";
import { type DockIdentity, enrolDock } from "@sworn/dock";
import { type Log, silentLog } from "@sworn/server";
import type { KnownBug } from "./known-bugs.ts";
import type { SimulatedDatabase } from "./database/simulated-database.ts";
import { Machine } from "./machine/machine.ts";
import type { SimulatedTime } from "./machine/simulated-time.ts";
import { Model } from "./model.ts";
import { Network } from "./network/faulty-network.ts";
import type { Random } from "./random.ts";
import { SimulatedCamera } from "./simulated-camera.ts";
import { SERVER_URL, SimulatedServer } from "./simulated-server.ts";
import type { Trace } from "./trace.ts";

export interface SimulatedDock {
  readonly name: string;
  readonly identity: DockIdentity;
  /** Of its clock, against the true time. */
  jumpedMs: number;
}

export interface World {
  readonly time: SimulatedTime;
  readonly random: Random;
  readonly trace: Trace;
  readonly network: Network;
  readonly database: SimulatedDatabase;
  readonly server: SimulatedServer;
  readonly cameras: readonly SimulatedCamera[];
  readonly docks: readonly SimulatedDock[];
  readonly forceId: string;
  /** A person's calls over a line of their own, which a fault may break. */
  readonly staff: StaffClient;
  readonly model: Model;
  readonly bug: KnownBug | null;
  /** The true time, ms since 1970. */
  nowMs(): number;
  pass(ms: number): void;
}

const BEGIN_MS = Date.UTC(2026, 0, 15, 12);
const CAMERAS = 3;
const DOCKS = 2;

export async function foundWorld(given: {
  readonly time: SimulatedTime;
  readonly random: Random;
  readonly trace: Trace;
  readonly database: SimulatedDatabase;
  readonly bug: KnownBug | null;
  readonly log?: Log;
}): Promise<World> {
  const { time, random, trace, database, bug } = given;
  const startedMs = time.nowMs;
  let passedMs = 0;
  const nowMs = (): number => BEGIN_MS + Math.floor(time.nowMs - startedMs) + passedMs;
  const machine = (name: string): Machine => new Machine(name, time, random.fork(`machine/${name}`));
  const network = new Network();
  const { wrapStore } = bug ?? {};
  const server = new SimulatedServer({
    ...{ machine: machine("server"), network, database, log: given.log ?? silentLog },
    clock: { nowMs, onMoved: () => () => undefined },
    ...(wrapStore === undefined ? {} : { wrapStore }),
  });
  await time.run(server.start());
  const { send } = network.line();
  const code = await time.run(server.running?.setupCode() ?? Promise.reject(new Error("down")));
  const made = await time.run(
    peopleCalls(new Api({ server: SERVER_URL, send })).setUp({
      ...{ code, force: { name: "Simulated", slug: "simulated" }, person: { name: "A. Administrator" } },
    }),
  );
  const staff = staffClient({ server: SERVER_URL, apiKey: made.apiKey.secret, send });
  const cameras: SimulatedCamera[] = [];
  for (let number = 1; number <= CAMERAS; number += 1) {
    const camera = new SimulatedCamera(
      `camera-${String(number)}`,
      machine(`camera-${String(number)}`),
      nowMs,
    );
    await time.run(camera.enrol(staff));
    cameras.push(camera);
  }
  const docks: SimulatedDock[] = [];
  for (let number = 1; number <= DOCKS; number += 1) {
    const name = `dock-${String(number)}`;
    const folder = `${machine(name).start()}/dock`;
    const identity = await time.run(
      enrolDock({ ...{ folder, name, send }, server: SERVER_URL, apiKey: made.apiKey.secret }),
    );
    docks.push({ name, identity, jumpedMs: 0 });
  }
  server.machine.omits = bug?.serverOmits ?? null;
  return {
    ...{ time, random, trace, network, database, server, cameras, docks, staff, bug, nowMs },
    ...{ forceId: made.force.id, model: new Model() },
    pass(ms) {
      passedMs += ms;
    },
  };
}
