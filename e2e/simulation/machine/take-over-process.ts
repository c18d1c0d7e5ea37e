// Puts the simulation under the product: the process's file functions, timers and random bytes are replaced before any
// of the product is loaded, so that the product itself is unchanged. Only for a process of the simulation's own.
import { createRequire, syncBuiltinESMExports } from "node:module";
import type { Random } from "../random.ts";
import { type Place, placeOf, systemError } from "./machine.ts";
import { simulatedCalls } from "./simulated-files.ts";
import { SimulatedTime } from "./simulated-time.ts";

const require = createRequire(import.meta.url);
type Calls = Record<string, (...given: unknown[]) => unknown>;
const never = new Promise<never>(() => undefined);

const secondPath = (target: string): Place => {
  const place = placeOf(target);
  if (place === null || place === "dead") throw systemError("EXDEV", "rename", target);
  return place;
};

function replaceFiles(time: SimulatedTime): void {
  const files = require("node:fs/promises") as Calls;
  const names = Object.keys(
    simulatedCalls({ machine: null as never, names: [], isAlive: () => false }, secondPath),
  );
  for (const name of names) {
    const real = files[name];
    if (real === undefined) continue;
    files[name] = (path: unknown, ...given: unknown[]): unknown => {
      const place = typeof path === "string" ? placeOf(path) : null;
      if (place === null) return time.whilePending(real(path, ...given) as Promise<unknown>);
      if (place === "dead") return never;
      const calls = simulatedCalls(place, secondPath) as unknown as Calls;
      return calls[name]?.(path, ...given);
    };
  }
}

/** Locks are abstract sockets, which the kernel gives back when a process dies: here, when its machine does. */
function replaceLocks(isActive: () => boolean): void {
  const net = require("node:net") as Calls;
  const real = net["createServer"];
  const lock = {
    once: () => lock,
    on: () => lock,
    unref: () => lock,
    listen: (_address: unknown, listening: () => void) => {
      queueMicrotask(listening);
      return lock;
    },
    close: (closed?: () => void) => {
      if (closed) queueMicrotask(closed);
      return lock;
    },
  };
  net["createServer"] = (...given: unknown[]) =>
    isActive() &&
    typeof given[0] === "function" &&
    given.length === 1 &&
    String(given[0]).includes("socket.destroy()")
      ? lock
      : real?.(...given);
}

/** Ids, salts and nonces come from the seed. Key pairs and signatures do not: OpenSSL makes those. */
function replaceRandom(source: () => Random | null): void {
  const crypto = require("node:crypto") as Calls;
  const realFill = crypto["randomFillSync"];
  const fill = <T extends ArrayBufferView>(view: T): T => {
    const random = source();
    if (random === null) realFill?.(view);
    else random.fill(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    return view;
  };
  const uuid = (): string => {
    const bytes = fill(Buffer.alloc(16));
    bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
    bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
    return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };
  crypto["randomUUID"] = uuid;
  crypto["randomBytes"] = (size: unknown) => fill(Buffer.alloc(Number(size)));
  Object.defineProperty(globalThis.crypto, "getRandomValues", { value: fill });
  Object.defineProperty(globalThis.crypto, "randomUUID", { value: uuid });
  const realMathRandom = Math.random;
  Math.random = () => {
    const random = source();
    return random === null ? realMathRandom() : random.next() / 2 ** 32;
  };
}

/** WebCrypto works in other threads: the loop is not idle while it does. */
function countCryptography(time: SimulatedTime): void {
  const { subtle } = globalThis.crypto;
  const calls = subtle as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>;
  for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(subtle))) {
    const real = calls[name];
    if (name === "constructor" || typeof real !== "function") continue;
    Object.defineProperty(subtle, name, {
      value: (...given: unknown[]) => time.whilePending(real.apply(subtle, given)),
    });
  }
}

export interface TakenProcess {
  readonly time: SimulatedTime;
  /** From now on time is simulated, and random bytes come from `random`. */
  simulate(random: Random): void;
  /** Gives the process its own time and chance back. */
  release(): void;
}

function takeOverProcess(): TakenProcess {
  const time = new SimulatedTime();
  let random: Random | null = null;
  replaceFiles(time);
  replaceLocks(() => random !== null);
  replaceRandom(() => random);
  countCryptography(time);
  syncBuiltinESMExports();
  return {
    time,
    simulate(next) {
      random = next;
      time.install();
    },
    release() {
      random = null;
      time.uninstall();
    },
  };
}

/** At import, before any of the product is: what it takes from these modules as it loads is replaced already. */
export const takenProcess = takeOverProcess();
