// A machine with a disk, which can be switched off at any act. What ran on it when it died never goes on: its next act
// on its disk does not return. It is started anew under a new path, so that the dead cannot touch what is alive.
import type { Random } from "../random.ts";
import { type CutKind, type FolderNode, afterCut, newFolder } from "./file-tree.ts";
import type { SimulatedTime } from "./simulated-time.ts";

export type DiskAct =
  | "create"
  | "write"
  | "truncate"
  | "sync-file"
  | "sync-folder"
  | "rename"
  | "link"
  | "remove"
  | "make-folder"
  | "read";

export type DiskFault =
  | { readonly kind: "did-not-happen" | "happened-but-failed"; readonly code: "EIO" | "ENOSPC" }
  | { readonly kind: "dies"; readonly when: "before" | "after"; readonly cut: Cut };

/** What death leaves on the disk: all of it (a killed process), or what a power cut leaves. */
export type Cut = "killed" | CutKind;

export type FaultySide = (act: DiskAct, path: string) => DiskFault | null;

/** Acts that answer and do nothing: a known bug. */
export type Omission = (act: DiskAct, path: string) => boolean;

/** Every simulated path begins with this. */
const MOUNT = "/simulated/";

const mounted = new Map<string, { readonly machine: Machine; readonly boot: number }>();
let boots = 0;
let above: Machine | null = null;
const never = new Promise<never>(() => undefined);

export class Machine {
  readonly name: string;
  readonly time: SimulatedTime;
  readonly #random: Random;
  root: FolderNode = newFolder();
  #boot = 0;
  #bootNumber = 0;
  #isOn = false;
  #onDeath: (() => void)[] = [];
  /** Asked before each act. */
  faults: FaultySide | null = null;
  /** Acts that only seem to be done: a known bug to be found. */
  omits: Omission | null = null;
  capacityBytes = 2 ** 40;

  constructor(name: string, time: SimulatedTime, random: Random) {
    this.name = name;
    this.time = time;
    this.#random = random;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** Which start this is, over all machines: no two share one. */
  get bootNumber(): number {
    return this.#bootNumber;
  }

  /** Switches it on; gives the path under which its disk is seen until it dies. */
  start(): string {
    above ??= new Machine("above", this.time, this.#random);
    this.#boot += 1;
    this.#isOn = true;
    boots += 1;
    this.#bootNumber = boots;
    const key = `${this.name}-${String(this.#boot)}`;
    mounted.set(key, { machine: this, boot: this.#boot });
    return `${MOUNT}${key}`;
  }

  onDeath(call: () => void): void {
    this.#onDeath.push(call);
  }

  die(cut: Cut): void {
    if (!this.#isOn) return;
    this.#isOn = false;
    mounted.delete(`${this.name}-${String(this.#boot)}`);
    if (cut !== "killed") {
      this.root = afterCut(this.root, cut, (bytes) => this.#random.between(0, bytes));
    }
    const calls = this.#onDeath;
    this.#onDeath = [];
    for (const call of calls) call();
  }

  /** Does one act on the disk, or fails it as the faults say. `isAlive` is of the boot that asked. */
  async act<T>(act: DiskAct, path: string, isAlive: () => boolean, perform: () => T): Promise<T> {
    this.time.touch();
    await Promise.resolve();
    if (!isAlive()) return never;
    const fault = this.faults?.(act, path) ?? null;
    if (fault === null) return perform();
    if (fault.kind === "dies") {
      if (fault.when === "after") perform();
      this.die(fault.cut);
      return never;
    }
    if (fault.kind === "happened-but-failed") perform();
    throw systemError(fault.code, act, path);
  }
}

export interface Place {
  readonly machine: Machine;
  /** Names below the disk's root. */
  readonly names: readonly string[];
  readonly isAlive: () => boolean;
}

/** Where a path lies; null for one that is not simulated, and for one on a dead machine a place that is not alive. */
export function placeOf(path: string): Place | "dead" | null {
  // The folder above all disks, which whoever walks up from a disk may sync.
  if (path === MOUNT.slice(0, -1) && above !== null)
    return { machine: above, names: [], isAlive: () => true };
  if (!path.startsWith(MOUNT)) return null;
  const [key = "", ...names] = path
    .slice(MOUNT.length)
    .split("/")
    .filter((name) => name !== "" && name !== ".");
  const found = mounted.get(key);
  if (found === undefined) return "dead";
  return { machine: found.machine, names, isAlive: () => mounted.get(key) === found };
}

export function systemError(code: string, act: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: simulated, ${act} '${path}'`), { code, syscall: act, path });
}
