// Draws what goes wrong in one step, and arms it: where, which act from now on, and how. Each fault counts the acts of
// its own side only, so that nothing on one machine shifts what happens on another.
import type { DatabaseLine } from "./database/faulty-socket.ts";
import type { Cut, DiskAct, DiskFault, Machine } from "./machine/machine.ts";
import type { NetworkFault } from "./network/faulty-network.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

type CommitFault = ReturnType<NonNullable<DatabaseLine["faults"]>>;

const changing: readonly DiskAct[] = [
  ...(["create", "write", "truncate", "sync-file", "sync-folder"] as const),
  ...(["rename", "link", "remove", "make-folder"] as const),
];
const filling: readonly DiskAct[] = ["create", "write", "make-folder"];
const serverAreas = ["", "", "objects", "keys", "ledger"];
const cameraAreas = ["", "", "journal", "recordings"];

/** What was armed for a step; `hits` says what came to pass. */
export interface ArmedFaults {
  readonly hits: string[];
  disarm(): void;
}

export function drawCut(random: Random): Cut {
  return random.weighted<Cut>([
    [2, "killed"],
    [2, "nothing"],
    [1, "names"],
  ]);
}

function drawDiskFault(random: Random): DiskFault {
  return random.weighted<() => DiskFault>([
    [3, () => ({ kind: "did-not-happen", code: "EIO" })],
    [3, () => ({ kind: "happened-but-failed", code: "EIO" })],
    [4, () => ({ kind: "dies", when: random.pick(["before", "after"]), cut: drawCut(random) })],
  ])();
}

function describe(fault: DiskFault): string {
  return fault.kind === "dies" ? `dies ${fault.when}, ${fault.cut}` : `${fault.kind} ${fault.code}`;
}

function armDisk(machine: Machine, random: Random, hits: string[]): void {
  const isFull = random.chance(0.2);
  const area = random.pick(machine.name === "server" ? serverAreas : cameraAreas);
  const acts = isFull
    ? filling
    : random.pick([changing, changing, ["sync-file"], ["sync-folder"], ["rename"]]);
  let countdown = random.logUniform(6);
  let length = isFull ? random.between(1, 30) : 1;
  const fault: DiskFault = isFull ? { kind: "did-not-happen", code: "ENOSPC" } : drawDiskFault(random);
  machine.faults = (act, path) => {
    if (length === 0 || !acts.includes(act) || (area !== "" && !path.includes(`/${area}/`))) return null;
    if (countdown > 0) {
      countdown -= 1;
      return null;
    }
    length -= 1;
    hits.push(`${machine.name} ${act} ${describe(fault)}`);
    return fault;
  };
}

function armCommits(world: World, random: Random, hits: string[]): void {
  let countdown: number | null = random.logUniform(3.5);
  const fault = random.pick<CommitFault>([
    ...(["did-not-happen", "happened-but-failed", "dies-before", "dies-after"] as const),
  ]);
  world.server.commitFaults = () => {
    if (countdown === null) return null;
    if (countdown > 0) {
      countdown -= 1;
      return null;
    }
    countdown = null;
    hits.push(`commit ${String(fault)}`);
    return fault;
  };
}

function armNetwork(world: World, random: Random, hits: string[]): void {
  let countdown = random.logUniform(3);
  let length = random.between(1, 3);
  const kinds = ["drop-request", "drop-answer", "deliver-twice", "deliver-late", "cut"] as const;
  world.network.faults = (request) => {
    if (countdown > 0 || length === 0) {
      countdown -= 1;
      return null;
    }
    length -= 1;
    const kind = random.pick(kinds);
    const fault: NetworkFault = kind === "cut" ? { kind, share: random.between(0, 99) / 100 } : { kind };
    hits.push(`network ${kind} ${request.method}`);
    return fault;
  };
}

/** Arms nothing to three faults; `share` is how likely one is, `near` the machine that works in this step. */
export function armFaults(
  world: World,
  random: Random,
  { share, near }: { readonly share: number; readonly near: Machine | null },
): ArmedFaults {
  const hits: string[] = [];
  const any = random.pick(world.cameras).machine;
  const camera = near === null || near === world.server.machine ? any : near;
  for (let count = 0; count < 3 && random.chance(share); count += 1) {
    random.weighted<() => void>([
      [
        5,
        () => {
          armDisk(world.server.machine, random, hits);
        },
      ],
      [
        3,
        () => {
          armDisk(camera, random, hits);
        },
      ],
      [
        3,
        () => {
          armCommits(world, random, hits);
        },
      ],
      [
        4,
        () => {
          armNetwork(world, random, hits);
        },
      ],
    ])();
  }
  return {
    hits,
    disarm() {
      world.server.machine.faults = null;
      for (const { machine } of world.cameras) machine.faults = null;
      world.server.commitFaults = null;
      world.network.faults = null;
    },
  };
}
